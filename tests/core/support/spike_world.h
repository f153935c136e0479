// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "core/base/philox.h"
#include "core/circuit/agent.h"
#include "tests/core/support/probe.h"

namespace phasic::testing {

// Spikes of `pre` sources and `post` targets as they are told, one projection `p` between them, and
// the modulator `da`. What the projection delivers goes to a sink, so that it makes no spikes.
struct SpikeWorld {
  int pre = 6, post = 5;
  Connectivity connectivity = {.rule = Connectivity::Rule::kBernoulli, .probability = 0.6};
  RuleSpec rule = {.name = "da-stdp",
                   .bindings = {{"spike", "target.rate"}, {"dopamine", "da.level"}}};
  ParamMap modulator = {{"tau", 200.0}, {"tonic", 0.002}};
  int delay = 2;
  std::optional<double> min_weight = 0.0, max_weight = 1.0;

  CircuitSpec spec() const {
    CircuitSpec s;
    s.inputs = {
        {.name = "pre", .space = Space::Box({pre}), .encoder = "raw", .target = "source"},
        {.name = "post", .space = Space::Box({post}), .encoder = "raw", .target = "target"}};
    s.populations = {{.name = "source", .model = "rate", .size = pre},
                     {.name = "target", .model = "rate", .size = post},
                     {.name = "sink", .model = "rate", .size = post}};
    ProjectionSpec p{.name = "p", .source = "source", .target = "sink", .delay = delay};
    p.initial = {InitialWeights::Distribution::kUniform, 0.5, 0.3};
    p.rule = rule;
    p.min_weight = min_weight;
    p.max_weight = max_weight;
    p.connectivity = connectivity;
    s.projections = {p};
    s.modulators = {{.name = "da", .model = "raw", .parameters = modulator}};
    s.outputs = {{.name = "action", .source = "sink", .decoder = "rates"}};
    return s;
  }
};

// What happens in tick t, drawn from a seed: spikes, now and then a reward of either sign.
struct SpikeScript {
  uint64_t seed = 1;
  double density = 0.15, reward_size = 0.5;
  bool negative = true;  // rewards
  std::vector<float> Spikes(uint64_t t, int n) const {
    const Random random(seed, 1, t);
    std::vector<float> spikes(n);
    for (int i = 0; i < n; ++i) spikes[i] = random.Uniform(i) < density ? 1.0f : 0.0f;
    return spikes;
  }
  Real Reward(uint64_t t) const {
    const Random random(seed, 2, t);
    if (random.Uniform(0) > 0.1) return 0;
    const bool minus = negative && random.Uniform(1) < 0.5;
    return static_cast<Real>(minus ? -reward_size : reward_size);
  }
  bool Learning(uint64_t t) const { return t / 37 % 4 != 2; }
};

// One tick of the script.
inline void Tick(Agent& agent, const SpikeScript& script, uint64_t t, int n, bool learning) {
  const std::vector<float> spikes = script.Spikes(t, n);
  std::vector<float> action(agent.circuit().action_size());
  StepInput input;
  input.observation = spikes;
  input.learning = learning;
  const RewardInput reward{0, {script.Reward(t)}};
  if (reward.values[0] != 0) input.rewards = {&reward, 1};
  agent.Step(input, action);
}

inline std::vector<Real> ReadColumn(const Agent& agent, ColumnId column) {
  const auto bytes = agent.Read(column);
  std::vector<Real> values(bytes.size() / sizeof(Real));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}
inline std::vector<Real> Weights(const Agent& agent) {
  return ReadColumn(agent, agent.circuit().links()[0].weights);
}

// The rule da-stdp with a raw modulator, every synapse in every tick, in double: as the paper
// writes it, each tick's integral in closed form.
class NaiveDaStdp {
 public:
  NaiveDaStdp(const Agent& agent, const SpikeWorld& world)
      : world_(world),
        synapses_(*agent.circuit().links()[0].synapses),
        plus_(world.pre),
        minus_(world.post),
        history_(world.delay + 1, std::vector<float>(world.pre)) {
    for (const Real w : Weights(agent)) w_.push_back(w);
    c_.resize(w_.size());
  }
  void Tick(const std::vector<float>& spikes, double reward, bool learning) {
    constexpr double kA = 0.1, kB = -0.15, kTau = 20, kTauC = 1000, kRate = 0.1;
    const double tau_d = std::get<double>(world_.modulator.at("tau"));
    const double tonic = std::get<double>(world_.modulator.at("tonic"));
    const double decay = std::exp(-1 / kTau);
    std::vector<float>& sent = history_[tick_ % history_.size()];
    std::copy_n(spikes.begin(), world_.pre, sent.begin());
    const std::vector<float>& arrived = history_[(tick_ + 1) % history_.size()];
    ++tick_;
    const float* const fired = spikes.data() + world_.pre;
    for (int j = 0; j < world_.pre; ++j) plus_[j] = decay * plus_[j] + kA * arrived[j];
    phasic_ = std::exp(-1 / tau_d) * phasic_ + reward;
    const double both = 1 / kTauC + 1 / tau_d;
    const double moved = learning ? kRate * (tonic * kTauC * -std::expm1(-1 / kTauC) +
                                             phasic_ * -std::expm1(-both) / both)
                                  : 0;
    for (int j = 0; j < world_.pre; ++j) {
      for (uint32_t k = synapses_.first[j]; k < synapses_.first[j + 1]; ++k) {
        const uint32_t i = synapses_.target[k];
        c_[k] = std::exp(-1 / kTauC) * c_[k] + fired[i] * plus_[j] + arrived[j] * decay * minus_[i];
        w_[k] += moved * c_[k];
        if (world_.min_weight) w_[k] = std::max(w_[k], *world_.min_weight);
        if (world_.max_weight) w_[k] = std::min(w_[k], *world_.max_weight);
      }
    }
    for (int i = 0; i < world_.post; ++i) minus_[i] = decay * minus_[i] + kB * fired[i];
  }
  // Traces and activity go; dopamine too.
  void EndEpisode() {
    for (auto* v : {&plus_, &minus_, &c_}) std::fill(v->begin(), v->end(), 0.0);
    for (auto& sent : history_) std::fill(sent.begin(), sent.end(), 0.0f);
    phasic_ = 0;
  }
  const std::vector<double>& weights() const { return w_; }
  const std::vector<double>& traces() const { return c_; }

 private:
  const SpikeWorld world_;
  const Synapses& synapses_;
  std::vector<double> w_, c_, plus_, minus_;
  std::vector<std::vector<float>> history_;
  double phasic_ = 0;
  uint64_t tick_ = 0;
};

// The largest difference between the agent and the naive form, against the largest weight or trace,
// over a run with freezes, ends of episodes, and, when `disturbed`, restores into other agents.
struct Differences {
  double weight = 0, trace = 0;
  double at_bounds = 0;  // the share of weights that were, over the run
};
inline Differences CompareWithNaive(const SpikeWorld& world, const SpikeScript& script, int ticks,
                                    bool disturbed) {
  const auto circuit = Circuit::Compile(world.spec()).value();
  auto agent = std::make_unique<Agent>(circuit, 3);
  NaiveDaStdp naive(*agent, world);
  Differences worst, most;
  for (int t = 0; t < ticks; ++t) {
    const bool learning = script.Learning(t);
    Tick(*agent, script, t, world.pre + world.post, learning);
    naive.Tick(script.Spikes(t, world.pre + world.post), script.Reward(t), learning);
    if (t % 211 == 210) {
      agent->ResetEpisode(learning);
      naive.EndEpisode();
    }
    if (disturbed && t % 13 == 0) {
      auto other = std::make_unique<Agent>(circuit, 9);
      EXPECT_TRUE(other->Load(agent->Save()).ok());
      agent = std::move(other);
    }
    const auto w = Weights(*agent);
    const auto c = ReadColumn(*agent, circuit->links()[0].terms[0].trace);
    for (size_t k = 0; k < w.size(); ++k) {
      worst.weight = std::max(worst.weight, std::fabs(w[k] - naive.weights()[k]));
      worst.trace = std::max(worst.trace, std::fabs(c[k] - naive.traces()[k]));
      most.weight = std::max(most.weight, std::fabs(naive.weights()[k]));
      most.trace = std::max(most.trace, std::fabs(naive.traces()[k]));
      const double at = naive.weights()[k];
      const bool bound = at == world.min_weight || at == world.max_weight;
      worst.at_bounds += bound / static_cast<double>(w.size() * ticks);
    }
  }
  return {worst.weight / most.weight, worst.trace / most.trace, worst.at_bounds};
}

}  // namespace phasic::testing

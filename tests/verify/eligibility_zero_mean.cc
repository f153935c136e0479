// SPDX-License-Identifier: Apache-2.0
//
// <d log P / d w> = 0 (Williams 1992): what a score-function rule remembers of a draw is 0 on
// average, whatever the net does, so that a reward that has nothing to do with it teaches nothing.
// For each such rule: a million independent draws, each rewarded with 1, and the mean of what the
// core then changes.
#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/support/report.h"
#include "tests/verify/compiled.h"

namespace phasic::testing {
namespace {

constexpr int kSamples = 1'000'000, kPreSize = 2, kPostSize = 2;

struct Case {
  const char *rule, *model;
  const char* gate = "reward";
  ParamMap parameters = {};
  const char* transmission = nullptr;
  bool episodes = false;  // a sample is an episode of two steps; else a step
};

std::vector<Case> Cases() {
  return {
      {.rule = "reinforce", .model = "bernoulli", .episodes = true},
      {.rule = "reinforce", .model = "softmax", .episodes = true},
      {.rule = "reinforce-trace", .model = "bernoulli"},
      {.rule = "reinforce-trace", .model = "gaussian"},
      {.rule = "td-actor", .model = "softmax", .gate = "td"},
      {.rule = "node-perturbation", .model = "noisy-rate"},
      {.rule = "node-perturbation-trace",
       .model = "rate",
       .parameters = {{"tau", 1.5}, {"stages", 2.0}}},
      {.rule = "weight-perturbation", .model = "rate", .transmission = "noisy-weight"},
      {.rule = "weight-perturbation", .model = "rate", .transmission = "stochastic-release"},
      {.rule = "hedonistic", .model = "rate", .transmission = "stochastic-release"},
  };
}

// The learning weights are 0, and put back there after each sample; the drive comes by others.
CircuitSpec Net(const Case& c) {
  CircuitSpec s;
  s.inputs = {{.name = "x", .space = Space::Box({kPreSize}), .encoder = "raw", .target = "in"}};
  s.populations = {{.name = "in", .model = "rate", .size = kPreSize},
                   {.name = "h", .model = c.model, .size = kPostSize}};
  ProjectionSpec fixed{.name = "fixed", .source = "in", .target = "h"};
  fixed.initial.values = {0.7f, -0.4f, 1.1f, 0.3f};
  ProjectionSpec p{.name = "w", .source = "in", .target = "h"};
  p.rule = {.name = c.rule, .parameters = c.parameters, .bindings = {{c.gate, "reward"}}};
  p.rule.parameters["learning_rate"] = 1.0;
  if (c.transmission != nullptr) p.transmission.name = c.transmission;
  if (p.transmission.name == "noisy-weight") p.transmission.parameters = {{"sigma", 0.5}};
  if (p.transmission.name == "stochastic-release") p.transmission.parameters = {{"dc", 0.8}};
  s.projections = {fixed, p};
  s.modulators = {{.name = "reward", .model = "raw"}};
  if (c.episodes) s.modulators[0].when = When::On(When::Clock::kEpisode);
  if (c.rule == std::string("node-perturbation-trace")) {
    s.populations.push_back({.name = "empiric", .model = "empiric", .size = kPostSize});
    ProjectionSpec perturb{.name = "perturb", .source = "empiric", .target = "h"};
    perturb.initial.values = {1, 0, 0, 1};
    s.projections.push_back(perturb);
    s.projections[1].rule.bindings["noise"] = "empiric.noise";
  }
  s.outputs = {{.name = "action", .source = "h", .decoder = "rates"}};
  return s;
}

// The largest |mean| of a synapse's change, in standard errors.
double WorstZ(const Case& c, uint64_t seed) {
  Agent agent(Compiled(Net(c)), seed);
  const auto w = WeightsOf(agent, "w");
  std::vector<double> sum(w.size()), square(w.size());
  std::vector<float> x(kPreSize), action(kPostSize);
  const RewardInput reward{0, {1}};
  for (int t = 0; t < kSamples; ++t) {
    // A sample begins at rest: independent of those before.
    for (int step = 0; step < 2; ++step) {
      const Random random(seed, 3, static_cast<uint64_t>(2 * t + step));
      for (uint32_t j = 0; j < kPreSize; ++j) x[j] = random.Uniform(j) < 0.7 ? 1 : 0;
      agent.Step({.observation = x}, action);
    }
    if (c.episodes) {
      agent.Step({.rewards = {&reward, 1}, .end = End::kTerminated}, action);
    } else {
      agent.Reward(reward, true);
      agent.ResetEpisode(true);
    }
    for (size_t i = 0; i < w.size(); ++i) {
      sum[i] += w[i];
      square[i] += static_cast<double>(w[i]) * w[i];
      w[i] = 0;
    }
  }
  double worst = 0;
  for (size_t i = 0; i < w.size(); ++i) {
    const double mean = sum[i] / kSamples, variance = square[i] / kSamples - mean * mean;
    worst = std::max(worst, std::abs(mean) / std::sqrt(variance / kSamples));
  }
  return worst;
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic::testing;
  Report report(argc, argv, 1992);
  for (const Case& c : Cases()) {
    std::string name = std::string(c.rule) + ", " + c.model;
    if (c.transmission != nullptr) name += std::string(", ") + c.transmission;
    report.AtMost(name + ": max |z|", WorstZ(c, report.seed()), 4);
  }
  return report.exit_code();
}

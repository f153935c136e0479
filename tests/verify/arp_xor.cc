// SPDX-License-Identifier: Apache-2.0
//
// Exclusive or, by one scalar reward for all neurons (Barto 1985, "Learning by statistical
// cooperation of self-interested neuron-like computing elements"): A_R-P escapes the local maxima,
// REINFORCE stays in many of them.
#include <algorithm>
#include <vector>

#include "tests/support/report.h"
#include "tests/verify/compiled.h"

namespace phasic::testing {
namespace {

constexpr int kSeeds = 50;
constexpr double kReached = 0.95, kMemory = 0.01;

// Two inputs of -1 or 1, a hidden layer and one output of Bernoulli neurons, each with a bias.
// `learn` gives a projection its rule.
template <class Learn>
CircuitSpec Net(int hidden, Learn learn) {
  CircuitSpec s;
  s.inputs = {{.name = "x", .space = Space::Box({2}), .encoder = "raw", .target = "input"}};
  s.populations = {
      {.name = "input", .model = "rate", .size = 2},
      {.name = "bias", .model = "rate", .size = 1, .parameters = {{"bias", 1.0}}},
      {.name = "hidden", .model = "bernoulli", .size = hidden},
      {.name = "output", .model = "bernoulli", .size = 1},
  };
  constexpr const char* kWires[][2] = {
      {"input", "hidden"}, {"bias", "hidden"}, {"hidden", "output"}, {"bias", "output"}};
  for (const auto& [source, target] : kWires) {
    ProjectionSpec p{
        .name = std::string(source) + "-" + target, .source = source, .target = target};
    p.initial = {InitialWeights::Distribution::kUniform, 0, 0.5, {}};
    learn(&p);
    s.projections.push_back(std::move(p));
  }
  s.outputs = {{.name = "action", .source = "output", .decoder = "bits"}};
  return s;
}

// Trials until the running mean of the reward has reached 0.95; -1 if it never does.
// `observation` holds the pattern's two bits as numbers, and its index where the net has use for
// it.
int Trials(const std::shared_ptr<const Circuit>& circuit, uint64_t seed, int most) {
  Agent agent(circuit, seed);
  double mean = 0.5;
  std::vector<float> x(circuit->observation_size());
  float action = 0;
  for (int t = 0; t < most; ++t) {
    const uint32_t pattern = Random(seed, 85, static_cast<uint64_t>(t)).Bits(0) & 3;
    x[0] = (pattern & 1) != 0 ? 1 : -1;
    x[1] = (pattern & 2) != 0 ? 1 : -1;
    if (x.size() > 2) x[2] = static_cast<float>(pattern);
    agent.Step({.observation = x}, {&action, 1});
    const bool right = (action > 0.5f) == (x[0] != x[1]);
    agent.Reward({0, {right ? Real{1} : Real{0}}}, true);
    mean += kMemory * (right - mean);
    if (mean > kReached) return t + 1;
  }
  return -1;
}

struct Outcome {
  int reached = 0;
  std::vector<int> trials;  // of those, ascending
};

Outcome Seeds(const CircuitSpec& spec, uint64_t seed, int most) {
  const auto circuit = Compiled(spec);
  Outcome outcome;
  for (int i = 0; i < kSeeds; ++i) {
    const int trials = Trials(circuit, seed + static_cast<uint64_t>(i), most);
    if (trials >= 0) outcome.trials.push_back(trials);
  }
  std::sort(outcome.trials.begin(), outcome.trials.end());
  outcome.reached = static_cast<int>(outcome.trials.size());
  return outcome;
}

void RewardPenalty(Report& report) {
  CircuitSpec s = Net(8, [](ProjectionSpec* p) {
    p->rule = {.name = "reward-penalty",
               .parameters = {{"learning_rate", 1.0}, {"penalty_rate", 0.05}},
               .bindings = {{"reward", "reward.level"}, {"penalty", "reward.complement"}}};
  });
  s.modulators = {{.name = "reward", .model = "raw"}};
  const Outcome outcome = Seeds(s, report.seed(), 2000);
  report.AtLeast("A_R-P, 8 hidden: seeds of 50 that reach .95 within 2000 trials", outcome.reached,
                 kSeeds);
  if (outcome.reached == 0) return;
  report.Measured("A_R-P: median trials", outcome.trials[outcome.trials.size() / 2]);
  report.Measured("A_R-P: most trials", outcome.trials.back());
}

// REINFORCE against a baseline for each pattern: a critic that knows the pattern, and the TD error
// of rewards that are worth nothing but themselves.
void Reinforce(Report& report) {
  CircuitSpec s = Net(4, [](ProjectionSpec* p) {
    p->rule = {.name = "td-actor",
               .parameters = {{"learning_rate", 0.3}, {"lambda", 0.0}},
               .bindings = {{"td", "reward.delta"}}};
  });
  s.inputs.push_back(
      {.name = "pattern", .space = Space::Discrete(4), .encoder = "one-hot", .target = "patterns"});
  s.populations.push_back({.name = "patterns", .model = "rate", .size = 4});
  s.populations.push_back({.name = "critic", .model = "rate", .size = 1});
  ProjectionSpec values{.name = "values", .source = "patterns", .target = "critic"};
  values.rule = {.name = "td-critic",
                 .parameters = {{"learning_rate", 0.1}, {"lambda", 0.0}},
                 .bindings = {{"td", "reward.delta"}}};
  ProjectionSpec value{.name = "value", .source = "critic", .target = "reward.value"};
  value.initial.mean = 1;
  s.projections.push_back(values);
  s.projections.push_back(value);
  s.modulators = {{.name = "reward", .model = "td", .parameters = {{"gamma", 0.0}}}};
  report.Measured(
      "REINFORCE, 4 hidden: seeds of 50 that reach .95 within 20000 trials (20 expected)",
      Seeds(s, report.seed(), 20'000).reached);
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  phasic::testing::RewardPenalty(report);
  phasic::testing::Reinforce(report);
  return report.exit_code();
}

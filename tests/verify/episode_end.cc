// SPDX-License-Identifier: Apache-2.0
//
// A chain of two states, A -> B with reward 1 and out of B with reward 2. Where B ends the world
// (TERMINATED), V(B) = 2 and V(A) = 1 + gamma 2. Where the chain goes on to A and a time limit cuts
// the episode (TRUNCATED), V(B) = 2 + gamma V(A), wherever the cut falls. A policy rewarded only at
// the last step learns from it.
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/circuit/agent.h"
#include "core/presets/presets.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

constexpr double kGamma = 0.9;

std::shared_ptr<const Circuit> MakeCritic(double lambda) {
  CircuitSpec s;
  s.inputs = {{.name = "observation",
               .space = Space::Discrete(2),
               .encoder = "one-hot",
               .target = "state"}};
  s.populations = {{.name = "state", .model = "rate", .size = 2},
                   {.name = "critic", .model = "rate", .size = 1}};
  ProjectionSpec values{.name = "values", .source = "state", .target = "critic"};
  values.rule = {.name = "td-critic",
                 .parameters = {{"learning_rate", 0.05}, {"lambda", lambda}},
                 .bindings = {{"td", "reward"}}};
  ProjectionSpec value{.name = "value", .source = "critic", .target = "reward.value"};
  value.initial.mean = 1;
  s.projections = {values, value};
  s.modulators = {{.name = "reward", .model = "td", .parameters = {{"gamma", kGamma}}}};
  s.outputs = {{.name = "out", .source = "critic", .decoder = "rates"}};
  auto circuit = Circuit::Compile(s);
  if (!circuit.ok()) {
    std::fprintf(stderr, "%s\n", circuit.status().ToString().c_str());
    std::exit(2);
  }
  return *circuit;
}

void Go(Agent& agent, int state, double reward, End end) {
  float action[2] = {};
  const float observation[1] = {static_cast<float>(state)};
  const RewardInput delivered{0, {static_cast<Real>(reward)}};
  StepInput input;
  if (end != End::kTerminated) input.observation = observation;
  if (reward != 0) input.rewards = {&delivered, 1};
  input.end = end;
  agent.Step(input, action);
}

// The largest error of the two values after learning.
double Terminated(uint64_t seed, double lambda) {
  Agent agent(MakeCritic(lambda), seed);
  for (int e = 0; e < 3000; ++e) {
    Go(agent, 0, 0, End::kNone);
    Go(agent, 1, 1, End::kNone);
    Go(agent, 0, 2, End::kTerminated);
  }
  const Real* v = agent.state().data<Real>(agent.circuit().links()[0].weights);
  return std::max(std::abs(v[1] - 2.0), std::abs(v[0] - (1 + kGamma * 2)));
}

double Truncated(uint64_t seed, double lambda) {
  Agent agent(MakeCritic(lambda), seed);
  for (uint64_t e = 0; e < 6000; ++e) {
    const int steps = 1 + static_cast<int>(Random(seed, 2, e).Bits(0) % 9);
    int state = static_cast<int>(Random(seed, 2, e).Bits(1) % 2);
    Go(agent, state, 0, End::kNone);
    for (int t = 1; t <= steps; ++t) {
      const double reward = state == 0 ? 1 : 2;
      state = 1 - state;
      Go(agent, state, reward, t == steps ? End::kTruncated : End::kNone);
    }
  }
  const Real* v = agent.state().data<Real>(agent.circuit().links()[0].weights);
  const double a = (1 + kGamma * 2) / (1 - kGamma * kGamma);
  const double b = (2 + kGamma) / (1 - kGamma * kGamma);
  return std::max(std::abs(v[0] - a), std::abs(v[1] - b));
}

// Two actions; the reward of the only decision comes with the end. How often the better one is
// chosen, greedily.
double LastReward(uint64_t seed, const std::string& preset, End end) {
  std::vector<Violation> violations;
  const CircuitSpec spec =
      BuildPreset(preset, {}, {{"observation", Space::Discrete(2)}, {"action", Space::Discrete(2)}},
                  &violations);
  auto circuit = Circuit::Compile(spec);
  if (!violations.empty() || !circuit.ok()) {
    std::fprintf(stderr, "%s: %s\n", preset.c_str(), circuit.status().ToString().c_str());
    std::exit(2);
  }
  Agent agent(*circuit, seed);
  int right = 0;
  for (int e = 0; e < 2100; ++e) {
    const int context = e % 2;
    const float observation[1] = {static_cast<float>(context)};
    float action[1] = {};
    StepInput input;
    input.observation = observation;
    input.greedy = e >= 2000;
    agent.Step(input, action);
    const bool better = static_cast<int>(action[0]) == context;
    if (e >= 2000) right += better;
    Go(agent, 1 - context, better ? 1 : 0, end);
  }
  return right / 100.0;
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic::testing;
  using phasic::End;
  Report report(argc, argv, 2);
  for (const double lambda : {0.0, 0.8, 1.0}) {
    char name[64];
    std::snprintf(name, sizeof name, "terminated, lambda %.1f: error of the values", lambda);
    report.AtMost(name, Terminated(report.seed(), lambda), 1e-3);
    std::snprintf(name, sizeof name, "truncated, lambda %.1f: error of the values", lambda);
    report.AtMost(name, Truncated(report.seed(), lambda), 1e-3);
  }
  for (const char* preset : {"actor-critic", "reinforce", "bandit"}) {
    report.AtLeast(std::string(preset) + " learns from the last step's reward, terminated",
                   LastReward(report.seed(), preset, End::kTerminated), 0.95);
    report.AtLeast(std::string(preset) + " learns from the last step's reward, truncated",
                   LastReward(report.seed(), preset, End::kTruncated), 0.95);
  }
  return report.exit_code();
}

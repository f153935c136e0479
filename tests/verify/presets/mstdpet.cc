// SPDX-License-Identifier: Apache-2.0
//
// Two contexts, each with an answer of its own: reward 1 for it, -1 for the other.
#include <random>
#include <vector>

#include "core/circuit/agent.h"
#include "core/presets/presets.h"
#include "tests/verify/presets/task.h"

namespace phasic::testing {
namespace {

double Run(Condition condition, uint64_t seed) {
  constexpr int kContexts = 2, kTrials = 3000, kJudged = 200;
  std::vector<Violation> violations;
  const CircuitSpec spec = BuildPreset(
      "mstdpet", {},
      {{"observation", Space::Discrete(kContexts)}, {"action", Space::Discrete(kContexts)}},
      &violations);
  Agent agent(Circuit::Compile(spec).value(), seed);
  const bool learning = condition != Condition::kFrozen;
  std::mt19937_64 world(seed);
  int right = 0;
  std::vector<float> observation(1), action(1);
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto context = static_cast<int>(world() % kContexts);
    observation[0] = static_cast<float>(context);
    agent.Step({.observation = observation, .learning = learning}, action);
    const bool good = static_cast<int>(action[0]) == (context + 1) % kContexts;
    if (trial >= kTrials - kJudged) right += good;
    const bool paid = condition == Condition::kShuffled ? world() % kContexts == 0 : good;
    const RewardInput reward{.channel = 0, .values = {paid ? Real{1} : Real{-1}}};
    agent.Step({.rewards = {&reward, 1}, .end = End::kTerminated, .learning = learning}, action);
  }
  return static_cast<double>(right) / kJudged;
}

}  // namespace

extern const PresetTask kMstdpetTask = {
    .preset = "mstdpet",
    .summary = "answer each of two contexts with its own of two alternatives",
    .unit = "trials right, of the last 200",
    .score = 0.85,
    .control = 0.7,
    .run = Run,
};

}  // namespace phasic::testing

// SPDX-License-Identifier: Apache-2.0
//
// Copying three bits inverted, a pattern an episode: reward 1 when all three are right.
#include <algorithm>
#include <random>
#include <vector>

#include "core/circuit/agent.h"
#include "core/presets/presets.h"
#include "tests/verify/presets/task.h"

namespace phasic::testing {
namespace {

double Run(Condition condition, uint64_t seed) {
  constexpr int kBits = 3, kEpisodes = 4000, kJudged = 400;
  std::vector<Violation> violations;
  const CircuitSpec spec = BuildPreset(
      "reinforce", {},
      {{"observation", Space::MultiBinary(kBits)}, {"action", Space::MultiBinary(kBits)}},
      &violations);
  Agent agent(Circuit::Compile(spec).value(), seed);
  std::mt19937_64 world(seed);
  int right = 0;
  std::vector<float> observation(kBits), action(kBits);
  for (int episode = 0; episode < kEpisodes; ++episode) {
    for (float& bit : observation) bit = static_cast<float>(world() % 2);
    const bool learning = condition != Condition::kFrozen;
    agent.Step({.observation = observation, .learning = learning}, action);
    const bool good = std::ranges::equal(observation, action,
                                         [](float seen, float done) { return done == 1 - seen; });
    if (episode >= kEpisodes - kJudged) right += good;
    // A player that draws is right in one episode of eight.
    const bool paid = condition == Condition::kShuffled ? world() % 8 == 0 : good;
    const RewardInput reward{.channel = 0, .values = {paid ? Real{1} : Real{0}}};
    agent.Step({.rewards = {&reward, 1}, .end = End::kTerminated, .learning = learning}, action);
  }
  return static_cast<double>(right) / kJudged;
}

}  // namespace

extern const PresetTask kReinforceTask = {
    .preset = "reinforce",
    .summary = "copy three bits inverted",
    .unit = "episodes right, of the last 400",
    .score = 0.9,
    .control = 0.4,
    .run = Run,
};

}  // namespace phasic::testing

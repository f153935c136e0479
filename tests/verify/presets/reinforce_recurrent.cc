// SPDX-License-Identifier: Apache-2.0
//
// Remembering: one of two cues is shown, then nothing; the action at the blank must be the
// cue's. Only a net that sees its own past can.
#include <random>

#include "core/circuit/agent.h"
#include "core/presets/presets.h"
#include "tests/verify/presets/task.h"

namespace phasic::testing {
namespace {

double Run(Condition condition, uint64_t seed) {
  constexpr int kEpisodes = 20'000, kJudged = 1000, kBlank = 2, kBlanks = 1;
  std::vector<Violation> violations;
  const CircuitSpec spec = BuildPreset(
      "reinforce-recurrent", {},
      {{"observation", Space::Discrete(kBlank + 1)}, {"action", Space::Discrete(2)}}, &violations);
  Agent agent(Circuit::Compile(spec).value(), seed);
  std::mt19937_64 world(seed);
  int right = 0;
  for (int episode = 0; episode < kEpisodes; ++episode) {
    const auto cue = static_cast<float>(world() % 2);
    const bool learning = condition != Condition::kFrozen;
    float action = 0, seen = cue;
    for (int t = 0; t <= kBlanks; ++t) {
      agent.Step({.observation = {&seen, 1}, .learning = learning}, {&action, 1});
      seen = kBlank;
    }
    const bool good = action == cue;
    if (episode >= kEpisodes - kJudged) right += good;
    const bool paid = condition == Condition::kShuffled ? world() % 2 == 0 : good;
    const RewardInput reward{.channel = 0, .values = {paid ? Real{1} : Real{0}}};
    agent.Step({.rewards = {&reward, 1}, .end = End::kTerminated, .learning = learning},
               {&action, 1});
  }
  return static_cast<double>(right) / kJudged;
}

}  // namespace

extern const PresetTask kReinforceRecurrentTask = {
    .preset = "reinforce-recurrent",
    .summary = "answer with the cue that was shown one step before",
    .unit = "episodes right, of the last 1000",
    .score = 0.9,
    .control = 0.6,
    .run = Run,
};

}  // namespace phasic::testing

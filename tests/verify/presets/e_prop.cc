// SPDX-License-Identifier: Apache-2.0
//
// Holding a cue: left or right is shown for one step of 5 ms, then nothing for ten steps, in each
// of which the net must say which it was. Judged are the last three, when the cue is 40 to 50 ms
// past: twice the time constants of membrane and read-out.
#include <random>
#include <vector>

#include "core/circuit/agent.h"
#include "core/presets/presets.h"
#include "tests/verify/presets/task.h"

namespace phasic::testing {
namespace {

double Run(Condition condition, uint64_t seed) {
  constexpr int kEpisodes = 2000, kJudged = 300, kHold = 10, kLast = 3;
  std::vector<Violation> violations;
  const CircuitSpec spec = BuildPreset("e-prop", {}, {}, &violations);
  Agent agent(Circuit::Compile(spec).value(), seed);
  std::mt19937_64 world(seed);
  const bool learning = condition != Condition::kFrozen;
  int right = 0;
  float action[1];
  for (int episode = 0; episode < kEpisodes; ++episode) {
    const int cue = static_cast<int>(world() % 2);
    float seen[2] = {};
    seen[cue] = 1;
    agent.Step({.observation = seen, .learning = learning}, action);
    seen[cue] = 0;
    std::vector<RewardInput> rewards;  // of the step before
    for (int t = 0; t < kHold; ++t) {
      agent.Step({.observation = seen, .rewards = rewards, .learning = learning}, action);
      const bool good = static_cast<int>(action[0]) == cue;
      if (episode >= kEpisodes - kJudged && t >= kHold - kLast) right += good;
      const bool paid = condition == Condition::kShuffled ? world() % 2 == 0 : good;
      rewards = {{.channel = 0, .values = {paid ? Real{1} : Real{0}}}};
    }
    agent.Step({.rewards = rewards, .end = End::kTerminated, .learning = learning}, action);
  }
  return static_cast<double>(right) / (kJudged * kLast);
}

}  // namespace

extern const PresetTask kEPropTask = {
    .preset = "e-prop",
    .summary = "hold a cue that was seen 40 to 50 ms ago",
    .unit = "answers right, at the end of the last 300 episodes",
    .score = 0.9,
    .control = 0.65,
    .run = Run,
};

}  // namespace phasic::testing

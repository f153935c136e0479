// SPDX-License-Identifier: Apache-2.0
//
// An open field with a goal in its middle, as a water maze: each trial begins in a corner, the
// action is a velocity, the goal pays 20 and ends the trial; after 10 s without it the trial is cut
// off.
#include <algorithm>
#include <random>
#include <vector>

#include "core/circuit/agent.h"
#include "core/presets/presets.h"
#include "tests/verify/presets/task.h"

namespace phasic::testing {
namespace {

double Run(Condition condition, uint64_t seed) {
  constexpr int kTrials = 60, kJudged = 20, kLongest = 100, kQuick = 25;
  constexpr double kSpeed = 0.06, kRadius = 0.12;
  std::vector<Violation> violations;
  const CircuitSpec spec = BuildPreset("spiking-actor-critic", {}, {}, &violations);
  Agent agent(Circuit::Compile(spec).value(), seed);
  const bool learning = condition != Condition::kFrozen;
  const bool shuffled = condition == Condition::kShuffled;
  std::mt19937_64 world(seed);
  int quick = 0;
  std::vector<float> action(2);
  for (int trial = 0; trial < kTrials; ++trial) {
    const uint64_t corner = world() % 4;
    std::vector<float> x = {corner & 1 ? 0.9f : 0.1f, corner & 2 ? 0.9f : 0.1f};
    // Shuffled: a trial ends and pays at a time that has nothing to do with the goal.
    const int longest = shuffled ? kQuick + static_cast<int>(world() % kLongest) : kLongest;
    bool there = false;
    for (int step = 1; step <= longest && (shuffled || !there); ++step) {
      agent.Step({.observation = x, .learning = learning}, action);
      for (int d = 0; d < 2; ++d) {
        x[d] = std::clamp(x[d] + static_cast<float>(kSpeed) * action[d], 0.0f, 1.0f);
      }
      const double dx = static_cast<double>(x[0]) - 0.5, dy = static_cast<double>(x[1]) - 0.5;
      if (there || dx * dx + dy * dy >= kRadius * kRadius) continue;
      there = true;
      quick += step <= kQuick && trial >= kTrials - kJudged;
    }
    const bool ended = shuffled || there;
    const RewardInput reward{.channel = 0, .values = {Real{20}}};
    StepInput end{.observation = x, .learning = learning};
    end.end = ended ? End::kTerminated : End::kTruncated;
    if (ended) end.rewards = {&reward, 1};
    agent.Step(end, action);
  }
  return static_cast<double>(quick) / kJudged;
}

}  // namespace

extern const PresetTask kSpikingActorCriticTask = {
    .preset = "spiking-actor-critic",
    .summary = "find the goal in the middle of an open field",
    .unit = "trials that reach it within 2.5 s, of the last 20",
    .score = 0.8,
    .control = 0.5,
    .run = Run,
};

}  // namespace phasic::testing

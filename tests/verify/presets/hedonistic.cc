// SPDX-License-Identifier: Apache-2.0
//
// Four contexts, three arms, one of which pays in each context.
#include <random>

#include "core/circuit/agent.h"
#include "core/presets/presets.h"
#include "tests/verify/presets/task.h"

namespace phasic::testing {
namespace {

double Run(Condition condition, uint64_t seed) {
  constexpr int kContexts = 4, kArms = 3, kTrials = 6000, kJudged = 400;
  std::vector<Violation> violations;
  const CircuitSpec spec =
      BuildPreset("hedonistic", {},
                  {{"observation", Space::Discrete(kContexts)}, {"action", Space::Discrete(kArms)}},
                  &violations);
  Agent agent(Circuit::Compile(spec).value(), seed);
  std::mt19937_64 world(seed);
  const bool learning = condition != Condition::kFrozen;
  int right = 0;
  for (int t = 0; t < kTrials; ++t) {
    const int context = static_cast<int>(world() % kContexts);
    const auto seen = static_cast<float>(context);
    float arm = 0;
    agent.Step({.observation = {&seen, 1}, .learning = learning}, {&arm, 1});
    const bool good = static_cast<int>(arm) == (2 * context + 1) % kArms;
    if (t >= kTrials - kJudged) right += good;
    // A player that draws is right once in three.
    const bool paid = condition == Condition::kShuffled ? world() % kArms == 0 : good;
    agent.Reward({.channel = 0, .values = {paid ? Real{1} : Real{0}}}, learning);
  }
  return static_cast<double>(right) / kJudged;
}

}  // namespace

extern const PresetTask kHedonisticTask = {
    .preset = "hedonistic",
    .summary = "find the arm that pays in each of four contexts",
    .unit = "choices right, of the last 400",
    .score = 0.9,
    .control = 0.6,
    .run = Run,
};

}  // namespace phasic::testing

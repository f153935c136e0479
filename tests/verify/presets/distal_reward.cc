// SPDX-License-Identifier: Apache-2.0
//
// Izhikevich's experiment, for as long as most seeds need: the synapse from the first neuron to the
// second, of which each reward is the late effect.
#include "tests/verify/distal_world.h"
#include "tests/verify/presets/task.h"

namespace phasic::testing {
namespace {

double Run(Condition condition, uint64_t seed) {
  constexpr int kSeconds = 1800;
  DistalWorld world(seed, condition == Condition::kShuffled);
  double weight = 0;
  for (int second = 0; second < kSeconds && weight < 3.9; ++second) {
    world.RunSecond(condition != Condition::kFrozen);
    weight = world.weight();
  }
  return weight;
}

}  // namespace

extern const PresetTask kDistalRewardTask = {
    .preset = "distal-reward",
    .summary = "which synapse a reward one to three seconds later is for",
    .unit = "mV, of 4, within 1800 s",
    .score = 3.9,
    .control = 3.9,
    .run = Run,
};

}  // namespace phasic::testing

// SPDX-License-Identifier: Apache-2.0
#include "tests/verify/presets/giving_back.h"

namespace phasic::testing {
namespace {

double Run(Condition condition, uint64_t seed) {
  return GiveBack("node-perturbation", 40'000, condition, seed);
}

}  // namespace

extern const PresetTask kNodePerturbationTask = {
    .preset = "node-perturbation",
    .summary = "give the product and the difference of two numbers",
    .unit = "share of the variance explained",
    .score = 0.9,
    .control = 0.5,
    .run = Run,
};

}  // namespace phasic::testing

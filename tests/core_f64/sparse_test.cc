// SPDX-License-Identifier: Apache-2.0
//
// In double, lazy synapses are eager ones to 1e-12: with bounds, with gates of either sign, with
// freezes, ends of episodes and restores in the middle.
#include <gtest/gtest.h>

#include "tests/core/support/spike_world.h"

namespace phasic::testing {
namespace {

TEST(SparseStoreF64, EqualsTheNaiveForm) {
  for (const bool bounded : {false, true}) {
    for (const bool negative : {false, true}) {
      SpikeWorld world;
      if (!bounded) world.min_weight = world.max_weight = std::nullopt;
      const SpikeScript script{.seed = 5, .negative = negative};
      const Differences d = CompareWithNaive(world, script, 2000, /*disturbed=*/true);
      EXPECT_LT(d.weight, 1e-12) << bounded << negative;
      EXPECT_LT(d.trace, 1e-12) << bounded << negative;
    }
  }
}

// A faint gate after a strong one: a single running sum would lose it.
TEST(SparseStoreF64, WhatAFaintGateDoesIsNotLost) {
  SpikeWorld world;
  world.modulator = {{"tau", 1.0}, {"tonic", 1e-6}};
  world.min_weight = world.max_weight = std::nullopt;
  const SpikeScript script{.seed = 6, .reward_size = 1e6};
  EXPECT_LT(CompareWithNaive(world, script, 1000, /*disturbed=*/false).weight, 1e-12);
}

}  // namespace
}  // namespace phasic::testing

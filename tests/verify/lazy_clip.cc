// SPDX-License-Identifier: Apache-2.0
//
// Bounds, when a weight is only looked at now and then: clipped where it is touched it is what it
// would be had it been clipped in every tick, be the gate of one sign or of both.
#include <string>

#include "tests/core/support/spike_world.h"
#include "tests/support/report.h"

int main(int argc, char** argv) {
  using namespace phasic::testing;
  Report report(argc, argv, 1);
  constexpr int kTicks = 20'000;
  const SpikeWorld world{.pre = 16, .post = 16};
  for (const bool negative : {false, true}) {
    const std::string signs = negative ? "both-signs" : "one-sign";
    // Weights that wander between their bounds.
    SpikeScript script{
        .seed = report.seed(), .density = 0.01, .reward_size = 0.02, .negative = negative};
    const Differences wander = CompareWithNaive(world, script, kTicks, /*disturbed=*/false);
    report.AtMost(signs, wander.weight, 1e-5);
    report.AtLeast(signs + "-least-at-bounds", wander.at_bounds, 0.05);
    report.AtMost(signs + "-most-at-bounds", wander.at_bounds, 0.95);
    // Weights thrown from bound to bound by many times as much: what is left is how exactly a trace
    // is kept, for which float is not enough.
    script.reward_size = 0.5;
    script.density = 0.05;
    const Differences thrown = CompareWithNaive(world, script, kTicks, /*disturbed=*/false);
    if (sizeof(phasic::Real) == sizeof(double)) {
      report.AtMost(signs + "-thrown", thrown.weight, 1e-5);
    } else {
      report.Measured(signs + "-thrown", thrown.weight);
    }
  }
  return report.exit_code();
}

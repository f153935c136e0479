// SPDX-License-Identifier: Apache-2.0
//
// Bounds, when a weight is only looked at now and then: clipped where it is touched it is what it
// would be had it been clipped in every tick, be the gate of one sign or of both.
#include <string>

#include "tests/core/support/spike_world.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

// The share of weights that end at a bound: without any there is nothing to show.
double AtBounds(const SpikeWorld& world, const SpikeScript& script, int ticks) {
  Agent agent(Circuit::Compile(world.spec()).value(), 3);
  for (int t = 0; t < ticks; ++t) Tick(agent, script, t, world.pre + world.post, true);
  double at = 0;
  const auto weights = Weights(agent);
  for (const Real w : weights) at += w <= *world.min_weight || w >= *world.max_weight;
  return at / static_cast<double>(weights.size());
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic::testing;
  Report report(argc, argv, 1);
  constexpr int kTicks = 20'000;
  SpikeWorld world{.pre = 16, .post = 16};
  for (const bool negative : {false, true}) {
    const SpikeScript script{.seed = report.seed(), .density = 0.05, .negative = negative};
    const std::string name = negative ? "gate-of-both-signs" : "gate-of-one-sign";
    report.AtMost(name, CompareWithNaive(world, script, kTicks, /*disturbed=*/false).weight, 1e-5);
    report.AtLeast(name + "-share-at-bounds", AtBounds(world, script, kTicks), 0.05);
  }
  return report.exit_code();
}

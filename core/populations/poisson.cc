// SPDX-License-Identifier: Apache-2.0
//
// Inhomogeneous Poisson neurons (Dayan and Abbott 2001, "Theoretical Neuroscience", section 1.4):
// the drive, where it is positive, is the rate, and in each tick of length dt a neuron fires with
// the probability that a Poisson process of that rate has at least one event:
//
//   rate = max_rate [drive]+,    spike ~ Bernoulli(1 - e^(-rate dt))
//
// They turn any code into spikes: a bump of place cells, or numbers between 0 and 1. This is noise
// of the senses, not exploration: greedy steps have it too.
#include "core/base/math.h"
#include "core/model/component.h"

namespace phasic {
namespace {

enum Param { kMaxRate };
enum Site { kDrive };
enum ColumnIndex { kSpike, kRate };

constexpr ParamInfo kParams[] = {
    {.name = "max_rate",
     .description = "rate for a drive of 1",
     .unit = "Hz",
     .default_value = 100,
     .min = 0,
     .max = 1e6,
     .source = "a fast cortical rate",
     .live = true},
};
constexpr SiteInfo kSites[] = {{"drive", "rate, in units of max_rate"}};
constexpr ColumnInfo kColumns[] = {
    {.name = "spike", .description = "1 in a tick with a spike, else 0", .output = true},
    {.name = "rate", .description = "of the Poisson process", .unit = "Hz", .output = true},
};

void Forward(Lanes lanes, const Node& node) noexcept {
  const double seconds = node.dt / 1000;
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const Real most = static_cast<Real>(v.param(kMaxRate));
    const auto drive = v.site(kDrive);
    const auto spike = v.column(kSpike), rate = v.column(kRate);
    const Random random = v.random();
    for (int i = 0; i < v.size(); ++i) {
      rate[i] = drive[i] > 0 ? most * drive[i] : 0;
      // Most neurons of a sparse code are silent, and need no number.
      spike[i] = rate[i] > 0 && random.Uniform(i) < -Expm1(-rate[i] * seconds) ? 1 : 0;
    }
  }
}

}  // namespace

extern const Component kPoissonPopulation = {
    .kind = Kind::kPopulation,
    .name = "poisson",
    .summary = "Inhomogeneous Poisson neurons: the drive is the rate of their spikes.",
    .equations = "rate = max_rate [drive]+\nspike = 1 with probability 1 - e^(-rate dt)",
    .source = "Dayan and Abbott 2001, Theoretical Neuroscience, section 1.4",
    .params = kParams,
    .sites = kSites,
    .columns = kColumns,
    .forward = Forward,
    .integrates = true,
    .unit_seconds = 5e-9,
};

}  // namespace phasic

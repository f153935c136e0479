// SPDX-License-Identifier: Apache-2.0
//
// The empiric synapses of dynamic node perturbation (Fiete and Seung 2006, "Gradient learning in
// spiking neural networks by dynamic perturbation of conductances"; Fiete, Fee, Seung 2007: the
// songbird's LMAN): Poisson spikes at `frequency`, each a current that decays with `tau`,
//
//   s <- s e^(-dt / tau) + spike,    current = amplitude s
//
// A projection brings the current, one to one, to the neurons that learn. What they learn from is
// `noise`, the current minus its mean. That the mean is taken away is essential: else every neuron
// correlates reward with the drive that is always there. The mean is that of the process itself,
// m <- m e^(-dt / tau) + P(spike), exact from the first tick.
#include "core/base/draws.h"
#include "core/base/math.h"
#include "core/model/component.h"

namespace phasic {
namespace {

enum Param { kFrequency, kTau, kAmplitude };
enum ColumnIndex { kCurrent, kNoise, kActivation, kMean };
enum Derived { kDecay, kProbability };

constexpr ParamInfo kParams[] = {
    {.name = "frequency",
     .description = "of the spikes of each unit",
     .unit = "Hz",
     .default_value = 80,
     .min = 0,
     .max = 1e6,
     .source = "ours: of the order of LMAN's rates during song"},
    {.name = "tau",
     .description = "time constant of the current",
     .unit = "ms",
     .default_value = 5,
     .min = 1e-3,
     .max = 1e6,
     .source = "typical of AMPA synapses"},
    {.name = "amplitude",
     .description = "of one spike's current",
     .default_value = 1,
     .min = -1e6,
     .max = 1e6,
     .source = "ours: the unit of the drive",
     .live = true},
};
constexpr ColumnInfo kColumns[] = {
    {.name = "current", .description = "amplitude s; its mean when greedy", .output = true},
    {.name = "noise",
     .description = "the current minus its mean; 0 when greedy",
     .output = true,
     .drawn = true},
    {.name = "activation", .description = "s: past spikes, as far as they have not decayed"},
    {.name = "mean", .description = "m: the mean of s", .extent = Extent::kScalar},
};

void Derive(Node* node) {
  node->derived = {Exp(-node->dt / node->params.number(kTau)),
                   -Expm1(-node->params.number(kFrequency) * node->dt / 1000)};
}

void Forward(Lanes lanes, const Node& node) noexcept {
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const Real decay = static_cast<Real>(v.derived(kDecay));
    const Real amplitude = static_cast<Real>(v.param(kAmplitude));
    const auto current = v.column(kCurrent), noise = v.column(kNoise), s = v.column(kActivation);
    Real& mean = v.column(kMean)[0];
    mean = decay * mean + static_cast<Real>(v.derived(kProbability));
    ForUniforms(v.random(), 0, v.size(), [&](int64_t i, double u) {
      s[i] = decay * s[i] + (u < v.derived(kProbability) ? 1 : 0);
      noise[i] = lane.greedy ? 0 : amplitude * (s[i] - mean);
      current[i] = amplitude * (lane.greedy ? mean : s[i]);
    });
  }
}

}  // namespace

extern const Component kEmpiricPopulation = {
    .kind = Kind::kPopulation,
    .name = "empiric",
    .summary =
        "A source of perturbing currents: filtered Poisson spikes, and what of them is not "
        "their mean.",
    .equations =
        "s <- s e^(-dt / tau) + spike,    spike with probability 1 - e^(-frequency dt)\n"
        "m <- m e^(-dt / tau) + 1 - e^(-frequency dt)\n"
        "current = amplitude s\n"
        "noise = amplitude (s - m)",
    .source = "Fiete and Seung 2006, Physical Review Letters 97",
    .params = kParams,
    .columns = kColumns,
    .derive = Derive,
    .forward = Forward,
    .integrates = true,
};

}  // namespace phasic

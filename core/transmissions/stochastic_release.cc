// SPDX-License-Identifier: Apache-2.0
//
// Hedonistic synapses (Seung 2003, "Learning in spiking neural networks by reinforcement of
// stochastic synaptic transmission"): a presynaptic spike releases a vesicle with probability
//
//   p_ij = 1 / (1 + e^-(q_ij + c_j)),    and then arrives with the strength `amplitude`.
//
// q is what is learned: the projection's weights. c is the facilitation that the spikes before have
// left: each adds `dc`, and it decays with `tau_c`. With each spike the synapse draws as a
// Bernoulli-logistic unit does, so its score d log P / d q is 1 - p upon release and -p upon
// failure; without a spike nothing is drawn and the score is 0.
#include "core/base/math.h"
#include "core/base/philox.h"
#include "core/model/transmission.h"

namespace phasic {
namespace {

enum Param { kAmplitude, kDc, kTauC };
enum ColumnIndex { kFacilitation };
enum Derived { kDecay };

// Beyond this p rounds to 0 or 1 in float, and the synapse never learns again.
constexpr Real kMostDrive = 10;

constexpr ParamInfo kParams[] = {
    {.name = "amplitude",
     .description = "what a release adds to the target's drive; negative: inhibition",
     .default_value = 1,
     .min = -1e6,
     .max = 1e6,
     .source = "ours: the unit of the drive"},
    {.name = "dc",
     .description = "what a presynaptic spike adds to the facilitation",
     .default_value = 0,
     .min = 0,
     .max = 1e3,
     .source = "0: none; Seung 2003 has facilitating synapses"},
    {.name = "tau_c",
     .description = "time constant over which facilitation decays",
     .unit = "ms",
     .default_value = 100,
     .min = 1e-3,
     .max = 1e6,
     .source = "ours: within the range measured at facilitating synapses"},
};
constexpr ColumnInfo kColumns[] = {
    {.name = "facilitation",
     .description = "c: what the spikes of each source unit have left",
     .extent = Extent::kPre},
};

When::Clock EveryTick(const Parameters&) { return When::Clock::kTick; }

std::vector<double> Derive(const Parameters& params, double dt) {
  return {Exp(-dt / params.number(kTauC))};
}

Real Probability(Real q, Real c) noexcept {
  const Real g = q + c;
  return Logistic(g < -kMostDrive ? -kMostDrive : g > kMostDrive ? kMostDrive : g);
}

bool Released(const Random& random, const TransmissionView& v, int64_t row, int64_t j,
              Real p) noexcept {
  return random.Uniform(static_cast<uint32_t>(row * v.pre_size + j)) < p;
}

void Transmit(const TransmissionView& v, int64_t row, const Real* q, Real* out) noexcept {
  const Random random(v.seed, v.stream, v.index);
  const Real amplitude = static_cast<Real>(v.params->number(kAmplitude));
  for (int64_t j = 0; j < v.pre_size; ++j) {
    out[j] = 0;
    if (v.pre[j] == 0) continue;
    const Real p = Probability(q[j], v.columns[kFacilitation][j]);
    out[j] = amplitude * (v.greedy ? p : Released(random, v, row, j, p) ? Real{1} : Real{0});
  }
}

void Score(const TransmissionView& v, int64_t row, const Real* q, Real* out) noexcept {
  const Random random(v.seed, v.stream, v.index);
  for (int64_t j = 0; j < v.pre_size; ++j) {
    out[j] = 0;
    if (v.pre[j] == 0) continue;
    const Real p = Probability(q[j], v.columns[kFacilitation][j]);
    out[j] = Released(random, v, row, j, p) ? 1 - p : -p;
  }
}

void Advance(const TransmissionView& v) noexcept {
  const Real decay = static_cast<Real>(v.derived[kDecay]);
  const Real dc = static_cast<Real>(v.params->number(kDc));
  Real* c = v.columns[kFacilitation];
  for (int64_t j = 0; j < v.pre_size; ++j) c[j] = decay * (c[j] + (v.pre[j] != 0 ? dc : 0));
}

}  // namespace

extern const Transmission kStochasticReleaseTransmission = {
    .name = "stochastic-release",
    .summary =
        "Each presynaptic spike is transmitted by chance: what is learned is how probably. "
        "Greedy: its mean.",
    .equations =
        "p_ij = 1 / (1 + e^-(w_ij + c_j))\n"
        "release_ij ~ Bernoulli(p_ij) where pre_j is not 0\n"
        "target_i = sum_j amplitude release_ij pre_j\n"
        "score_ij = release_ij - p_ij\n"
        "then c_j <- (c_j + dc [pre_j is not 0]) e^(-dt / tau_c)",
    .source = "Seung 2003, Neuron 40",
    .params = kParams,
    .columns = kColumns,
    .hold = EveryTick,
    .derive = Derive,
    .transmit = Transmit,
    .score = Score,
    .advance = Advance,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// R-max: the gradient of the expected reward for spiking neurons with escape noise (Xie and Seung
// 2004; Pfister, Toyoizumi, Barber, Gerstner 2006; so named by Fremaux and Gerstner 2016):
//
//   dw_ij = learning_rate (R - b) e_ij,    e_ij <- e^(-dt / tau_e) e_ij + score_i psp_j
//
// with psp_j the postsynaptic potential of the source's spikes and score_i = d log P / du_i, which
// for short ticks is (S_i - rho_i dt) / delta_u. For srm0 neurons whose projection ends on `spikes`
// this is d log P / dw, REINFORCE (Williams 1992), and its mean is 0: a wrong baseline makes it
// noisy but does not let weights drift. tau_m, tau_s and epsilon must be the target's.
#include "core/rules/factors.h"
#include "core/rules/spikes.h"

namespace phasic {
namespace {

enum Param { kRate, kTauE, kTauM, kTauS, kEpsilon };
enum FactorColumn { kSlow, kFast, kPsp };

constexpr const char* kNeuron = "the population srm0";
constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.01, "ours"),
    spikes::Time("tau_e", "time constant of the trace: how late a reward may come", 500,
                 "Fremaux and Gerstner 2016: as long as rewards of behaviour take"),
    spikes::Time("tau_m", "the target's membrane time constant", 20, kNeuron),
    spikes::Time("tau_s", "the target's synaptic time constant, below tau_m", 5, kNeuron, 0),
    {.name = "epsilon",
     .description = "the target's area of a postsynaptic potential",
     .unit = "mV ms",
     .default_value = 20,
     .min = 1e-6,
     .max = 1e6,
     .source = kNeuron},
};
constexpr FactorInfo kPreFactors[] = {
    {kPre, "the source's spikes, as delivered", kPre},
    {"psp", "the postsynaptic potential of the source's spikes", "psp"}};
constexpr ColumnInfo kFactorColumns[] = {
    {.name = "slow",
     .description = "the source's spikes, decaying with tau_m",
     .extent = Extent::kPre,
     .life = Life::kTrace},
    {.name = "fast",
     .description = "the source's spikes, decaying with tau_s",
     .extent = Extent::kPre,
     .life = Life::kTrace},
    {.name = "psp",
     .description = "the postsynaptic potential of the source's spikes",
     .unit = "mV",
     .extent = Extent::kPre,
     .life = Life::kTrace}};
constexpr Term kTerms[] = {
    {.post = 0, .pre = 1, .kernel = Kernel::kExp, .decay_parameter = kTauE, .gate = 0}};

void Factors(const FactorView& v) noexcept {
  const double* p = v.params;
  spikes::LowPass(v.columns[kSlow], v.pre[0], p[kTauM], 1, v.dt, v.pre_size);
  spikes::LowPass(v.columns[kFast], v.pre[0], p[kTauS], 1, v.dt, v.pre_size);
  const Real scale = static_cast<Real>(p[kEpsilon] / (p[kTauM] - p[kTauS]));
  for (int j = 0; j < v.pre_size; ++j) {
    v.columns[kPsp][j] = scale * (v.columns[kSlow][j] - v.columns[kFast][j]);
  }
}

}  // namespace

extern const Rule kRMaxRule = {
    .name = "r-max",
    .summary = "The policy gradient of spiking neurons: reward times the scores of their spikes.",
    .equations =
        "dw_ij = learning_rate reward e_ij\n"
        "e_ij <- e^(-dt / tau_e) e_ij + score_i psp_j",
    .source =
        "Xie and Seung 2004, Physical Review E 69; Pfister, Toyoizumi, Barber, Gerstner "
        "2006, Neural Computation 18",
    .params = kParams,
    .post_factors = factors::kScore,
    .pre_factors = kPreFactors,
    .gates = factors::kReward,
    .terms = kTerms,
    .factor_columns = kFactorColumns,
    .factors = Factors,
};

}  // namespace phasic

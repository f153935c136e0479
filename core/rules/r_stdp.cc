// SPDX-License-Identifier: Apache-2.0
//
// Reward-modulated STDP, R-STDP in the taxonomy of Fremaux and Gerstner 2016 ("Neuromodulated
// spike-timing-dependent plasticity, and theory of three-factor learning rules"):
//
//   dw_ij = learning_rate (R - b) e_ij,    e_ij <- e^(-dt / tau_e) e_ij + P+_j S_i + P-_i S_j
//
// The mean of e is not 0: where the baseline b is not the mean reward, weights drift by (R - b) <e>
// without anything being learned. The gate must therefore be mean-free; a default window that is
// balanced (equal areas) keeps <e> small.
#include "core/rules/factors.h"
#include "core/rules/spikes.h"

namespace phasic {
namespace {

constexpr const char* kBiPoo = "the widths that Bi and Poo 1998 found";
constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.01, "ours"),
    spikes::APlus(1, "the unit of the learning rate"),
    spikes::TauPlus(20, kBiPoo),
    spikes::AMinus(-1, "ours: a balanced window"),
    spikes::TauMinus(20, kBiPoo),
    spikes::Time("tau_e", "time constant of the trace: how late a reward may come", 500,
                 "Fremaux and Gerstner 2016: as long as rewards of behaviour take"),
};
constexpr Term kTerms[] = {spikes::TargetFires(Kernel::kExp, 5),
                           spikes::SourceFires(Kernel::kExp, 5)};

}  // namespace

extern const Rule kRStdpRule = {
    .name = "r-stdp",
    .summary =
        "Reward-modulated STDP: reward minus its baseline times the spike pairs of the recent "
        "past.",
    .equations =
        "dw_ij = learning_rate reward e_ij\n"
        "e_ij <- e^(-dt / tau_e) e_ij + P+_j S_i + P-_i S_j\n"
        "P+_j <- e^(-dt / tau_plus) P+_j + a_plus S_j\n"
        "P-_i <- e^(-dt / tau_minus) P-_i + a_minus S_i",
    .source = "Fremaux and Gerstner 2016, Frontiers in Neural Circuits 9",
    .params = kParams,
    .post_factors = spikes::kWindowPost,
    .pre_factors = spikes::kWindowPre,
    .gates = factors::kReward,
    .terms = kTerms,
    .factor_columns = spikes::kWindowColumns,
    .factors = spikes::UpdateWindow,
};

}  // namespace phasic

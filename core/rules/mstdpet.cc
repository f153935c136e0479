// SPDX-License-Identifier: Apache-2.0
//
// Modulated STDP with eligibility trace (Florian 2007, "Reinforcement learning through modulation
// of spike-timing-dependent synaptic plasticity"):
//
//   w_ij <- w_ij + learning_rate r z_ij,    z_ij <- e^(-dt / tau_z) z_ij + xi_ij
//
// with xi_ij = P+_j S_i + P-_i S_j. A reward meets the pairs of the ticks before it. The paper
// divides xi by tau_z; here the learning rate has that.
#include "core/rules/factors.h"
#include "core/rules/spikes.h"

namespace phasic {
namespace {

constexpr const char* kFlorian = "Florian 2007";
constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.01, "ours"),  //
    spikes::APlus(1, kFlorian),           //
    spikes::TauPlus(20, kFlorian),        //
    spikes::AMinus(-1, kFlorian),         //
    spikes::TauMinus(20, kFlorian),
    spikes::Time("tau_z", "time constant of the trace: how late a reward may come", 25, kFlorian),
};
constexpr Term kTerms[] = {spikes::TargetFires(Kernel::kExp, 5),
                           spikes::SourceFires(Kernel::kExp, 5)};

}  // namespace

extern const Rule kMstdpetRule = {
    .name = "mstdpet",
    .summary =
        "Modulated STDP with eligibility trace: each reward times the spike pairs of the recent "
        "past.",
    .equations =
        "dw_ij = learning_rate reward z_ij\n"
        "z_ij <- e^(-dt / tau_z) z_ij + P+_j S_i + P-_i S_j\n"
        "P+_j <- e^(-dt / tau_plus) P+_j + a_plus S_j\n"
        "P-_i <- e^(-dt / tau_minus) P-_i + a_minus S_i",
    .source = "Florian 2007, Neural Computation 19",
    .params = kParams,
    .post_factors = spikes::kWindowPost,
    .pre_factors = spikes::kWindowPre,
    .gates = factors::kReward,
    .terms = kTerms,
    .factor_columns = spikes::kWindowColumns,
    .factors = spikes::UpdateWindow,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// Modulated STDP (Florian 2007, "Reinforcement learning through modulation of
// spike-timing-dependent synaptic plasticity"):
//
//   w_ij <- w_ij + learning_rate r xi_ij,    xi_ij = P+_j S_i + P-_i S_j
//
// Each reward meets the pairs of the last tick alone, so it must come at once, tick by tick; for
// later rewards there is mstdpet.
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
};
constexpr Term kTerms[] = {spikes::TargetFires(Kernel::kNone), spikes::SourceFires(Kernel::kNone)};

}  // namespace

extern const Rule kMstdpRule = {
    .name = "mstdp",
    .summary = "Modulated STDP: the reward of each tick times the spike pairs of the one before.",
    .equations =
        "dw_ij = learning_rate reward (P+_j S_i + P-_i S_j)\n"
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

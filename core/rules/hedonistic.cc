// SPDX-License-Identifier: Apache-2.0
//
// Hedonistic synapses (Seung 2003): REINFORCE with the synapse as the unit that draws. What each
// has released, or failed to, leaves a trace, and reward makes it more likely:
//
//   e_ij <- e^(-dt / tau) e_ij + (release_ij - p_ij),    dw_ij = learning_rate r e_ij
//
// For projections with the transmission `stochastic-release`, whose weights are the q of release.
#include "core/rules/factors.h"

namespace phasic {
namespace {

enum Param { kRate, kTau };

constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.1, "ours"),
    {.name = "tau",
     .description = "time constant of the trace: how late a reward may come",
     .unit = "ms",
     .default_value = 20,
     .min = 1e-3,
     .max = 1e9,
     .source = "ours: as a membrane's"},
};
constexpr Term kTerms[] = {{.post = 0,
                            .pre = kSynapseScore,
                            .kernel = Kernel::kExp,
                            .decay_parameter = kTau,
                            .rate_parameter = kRate,
                            .gate = 0,
                            .form = When::Clock::kTick,
                            .apply = When::Clock::kDelivery}};

}  // namespace

extern const Rule kHedonisticRule = {
    .name = "hedonistic",
    .summary = "Synapses that release by chance, and do more of what was followed by reward.",
    .equations =
        "e_ij <- e^(-dt / tau) e_ij + score_ij,    score_ij = release_ij - p_ij\n"
        "dw_ij = learning_rate reward e_ij",
    .source = "Seung 2003, Neuron 40",
    .params = kParams,
    .post_factors = factors::kUnity,
    .gates = factors::kReward,
    .terms = kTerms,
};

}  // namespace phasic

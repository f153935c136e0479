// SPDX-License-Identifier: Apache-2.0
//
// REINFORCE with an eligibility trace, for tasks without end (OLPOMDP: Baxter and Bartlett 2001,
// "Infinite-horizon policy-gradient estimation"):
//
//   z_ij <- e^(-dt / tau) z_ij + score_i pre_j,    dw_ij = learning_rate r z_ij
//
// applied when a reward comes, however late. The bias of the estimate vanishes as tau grows, its
// variance grows in proportion to tau.
#include "core/rules/factors.h"

namespace phasic {
namespace {

constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.1, "ours"),
    {.name = "tau",
     .description = "time constant of the trace: how late a reward may come",
     .unit = "ms",
     .default_value = 10,
     .min = 1e-3,
     .max = 1e9,
     .source = "ours: ten ticks"},
};
constexpr Term kTerms[] = {{.post = 0,
                            .pre = 0,
                            .kernel = Kernel::kExp,
                            .decay = Decay::kTau,
                            .decay_parameter = 1,
                            .gate = 0,
                            .form = When::Clock::kTick,
                            .apply = When::Clock::kDelivery}};

}  // namespace

extern const Rule kReinforceTraceRule = {
    .name = "reinforce-trace",
    .summary =
        "REINFORCE with an eligibility trace: each reward times the scores of the recent "
        "past.",
    .equations = "z_ij <- e^(-dt / tau) z_ij + score_i pre_j\ndw_ij = learning_rate reward z_ij",
    .source = "Baxter and Bartlett 2001, Journal of Artificial Intelligence Research 15",
    .params = kParams,
    .post_factors = factors::kScore,
    .pre_factors = factors::kActivity,
    .gates = factors::kReward,
    .terms = kTerms,
};

}  // namespace phasic

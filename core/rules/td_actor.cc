// SPDX-License-Identifier: Apache-2.0
//
// The actor of an actor-critic (Barto, Sutton, Anderson 1983, with the score in place of their
// eligibility; Sutton and Barto 2018, section 13.5):
//
//   dw_ij = learning_rate delta e_ij,    then e_ij <- gamma lambda e_ij + score_i pre_j
#include "core/rules/factors.h"

namespace phasic {
namespace {

constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.1, "ours"),
    factors::Lambda(0.9, "as the critic's"),
};
constexpr Term kTerms[] = {{.post = 0,
                            .pre = 0,
                            .kernel = Kernel::kExp,
                            .decay = Decay::kLambda,
                            .decay_parameter = 1,
                            .gate = 0,
                            .form = When::Clock::kStep,
                            .apply = When::Clock::kDelivery}};

}  // namespace

extern const Rule kTdActorRule = {
    .name = "td-actor",
    .summary = "The actor of an actor-critic: what went better than predicted becomes more likely.",
    .equations = "dw_ij = learning_rate delta e_ij\ne_ij <- gamma lambda e_ij + score_i pre_j",
    .source = "Barto, Sutton, Anderson 1983, IEEE Transactions on Systems, Man, and Cybernetics 13",
    .params = kParams,
    .post_factors = factors::kScore,
    .pre_factors = factors::kActivity,
    .gates = factors::kTd,
    .terms = kTerms,
};

}  // namespace phasic

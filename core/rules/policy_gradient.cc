// SPDX-License-Identifier: Apache-2.0
//
// The policy gradient by backpropagation: the score of the action, carried down by the feedback
// sweep (Rumelhart, Hinton, Williams 1986), meets the reward (Williams 1992):
//
//   dw_ij = learning_rate r e_ij,    e_ij <- gamma lambda e_ij + error_i pre_j
//
// where error_i = phi'(u_i) sum_k w_ki error_k, and the score at the population that draws. With
// lambda 1 and a gate without discount the trace is the sum since the episode began.
#include "core/rules/factors.h"

namespace phasic {
namespace {

constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.1, "ours"),
    factors::Lambda(1, "Williams 1992: all of the episode"),
};
constexpr Term kTerms[] = {{.post = 0,
                            .pre = 0,
                            .kernel = Kernel::kExp,
                            .decay = Decay::kLambda,
                            .decay_parameter = 1,
                            .gate = 0,
                            .form = When::Clock::kTick,
                            .apply = When::Clock::kDelivery}};

}  // namespace

extern const Rule kPolicyGradientRule = {
    .name = "policy-gradient",
    .summary = "Policy gradient by backpropagation, for hidden layers with a feedback path.",
    .equations = "dw_ij = learning_rate reward e_ij\ne_ij <- gamma lambda e_ij + error_i pre_j",
    .source = "Rumelhart, Hinton, Williams 1986, Nature 323; Williams 1992, Machine Learning 8",
    .params = kParams,
    .post_factors = factors::kError,
    .pre_factors = factors::kActivity,
    .gates = factors::kReward,
    .terms = kTerms,
};

}  // namespace phasic

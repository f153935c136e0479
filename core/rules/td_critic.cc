// SPDX-License-Identifier: Apache-2.0
//
// TD(lambda) for a linear critic (Sutton 1988; accumulating traces):
//
//   dw_ij = learning_rate delta e_ij,    then e_ij <- gamma lambda e_ij + pre_j
//
// delta meets the trace of the decisions before it; gamma is that of the modulator that gates.
#include "core/rules/factors.h"

namespace phasic {
namespace {

constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.1, "ours"),
    factors::Lambda(0.9, "Sutton and Barto 2018, figure 12.6: values between do best"),
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

extern const Rule kTdCriticRule = {
    .name = "td-critic",
    .summary = "TD(lambda): a linear critic learns to predict the rewards to come.",
    .equations = "dw_ij = learning_rate delta e_ij\ne_ij <- gamma lambda e_ij + pre_j",
    .source = "Sutton 1988, Machine Learning 3",
    .params = kParams,
    .post_factors = factors::kUnity,
    .pre_factors = factors::kActivity,
    .gates = factors::kTd,
    .terms = kTerms,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// Node perturbation (Williams 1992 for Gaussian units; Werfel, Xie, Seung 2005): neurons add noise
// xi ~ N(0, sigma^2) to their drive, and the reward that follows says whether to keep it:
//
//   dw_ij = learning_rate (R - R_0) xi_i pre_j / sigma^2
//
// R_0 is what the unperturbed net earns (the modulator `contrast`, with noise in every second step)
// or a running mean (`baseline`). Learning takes (M + 2) times as many trials as by the gradient,
// for M outputs.
#include "core/rules/factors.h"

namespace phasic {
namespace {

constexpr ParamInfo kParams[] = {factors::LearningRate(0.01, "ours")};
constexpr Term kTerms[] = {
    {.post = 0, .pre = 0, .gate = 0, .form = When::Clock::kTick, .apply = When::Clock::kDelivery}};

}  // namespace

extern const Rule kNodePerturbationRule = {
    .name = "node-perturbation",
    .summary = "Node perturbation: each reward teaches the noise that the neurons have just added.",
    .equations = "dw_ij = learning_rate reward score_i pre_j,    score_i = noise_i / sigma^2",
    .source = "Werfel, Xie, Seung 2005, Neural Computation 17; Williams 1992, Machine Learning 8",
    .params = kParams,
    .post_factors = factors::kScore,
    .pre_factors = factors::kActivity,
    .gates = factors::kReward,
    .terms = kTerms,
};

}  // namespace phasic

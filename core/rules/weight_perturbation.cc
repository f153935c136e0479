// SPDX-License-Identifier: Apache-2.0
//
// Weight perturbation (Minsky 1954; Jabri and Flower 1992; Seung 2003): synapses transmit with
// w + psi, and the reward that follows says whether to keep it:
//
//   dw_ij = learning_rate (R - R_0) psi_ij / sigma^2
//
// For projections with the transmission `noisy-weight`. R_0 is a running mean (the modulator
// `baseline`), or, of antithetic pairs, both halves of `contrast.central`. Learning takes (MN + 2)
// times as many trials as by the gradient, for M outputs of N inputs.
#include "core/rules/factors.h"

namespace phasic {
namespace {

constexpr ParamInfo kParams[] = {factors::LearningRate(0.001, "ours")};
constexpr Term kTerms[] = {{.post = 0,
                            .pre = kSynapseScore,
                            .gate = 0,
                            .form = When::Clock::kStep,
                            .apply = When::Clock::kDelivery}};

}  // namespace

extern const Rule kWeightPerturbationRule = {
    .name = "weight-perturbation",
    .summary = "Weight perturbation: each reward teaches the noise that the weights have just had.",
    .equations = "dw_ij = learning_rate reward score_ij,    score_ij = psi_ij / sigma^2",
    .source =
        "Jabri and Flower 1992, IEEE Transactions on Neural Networks 3; Werfel, Xie, Seung "
        "2005, Neural Computation 17",
    .params = kParams,
    .post_factors = factors::kUnity,
    .gates = factors::kReward,
    .terms = kTerms,
};

}  // namespace phasic

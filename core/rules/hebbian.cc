// SPDX-License-Identifier: Apache-2.0
//
// Hebb's rule (Hebb 1949, "The organization of behavior", as a product of rates): what is active
// together is wired together, whatever it is worth.
//
//   dw_ij = learning_rate post_i pre_j
//
// Nothing bounds it: give the projection bounds, or use `oja` or `bcm`.
#include "core/rules/factors.h"

namespace phasic {
namespace {

constexpr ParamInfo kParams[] = {factors::LearningRate(0.001, "ours")};
constexpr Term kTerms[] = {{.post = 0,
                            .pre = 0,
                            .gate = kAlways,
                            .form = When::Clock::kTick,
                            .apply = When::Clock::kTick,
                            .present_pair = true}};

}  // namespace

extern const Rule kHebbianRule = {
    .name = "hebbian",
    .summary = "Hebb's rule of two factors: activity times activity, without reward.",
    .equations = "dw_ij = learning_rate post_i pre_j",
    .source = "Hebb 1949, The organization of behavior",
    .params = kParams,
    .post_factors = factors::kPostActivity,
    .pre_factors = factors::kActivity,
    .terms = kTerms,
};

}  // namespace phasic

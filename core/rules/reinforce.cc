// SPDX-License-Identifier: Apache-2.0
//
// REINFORCE, per episode (Williams 1992):
//
//   dw_ij = learning_rate (R - b) sum_t score_i(t) pre_j(t)
//
// with score = d log P / d drive of what the target drew. Weights do not change within an episode,
// so the change is an unbiased estimate of the gradient of the expected reward. The modulator that
// gates it must update when an episode ends.
#include "core/rules/factors.h"

namespace phasic {
namespace {

constexpr ParamInfo kParams[] = {factors::LearningRate(0.1, "ours")};
constexpr Term kTerms[] = {{.post = 0,
                            .pre = 0,
                            .kernel = Kernel::kSum,
                            .gate = 0,
                            .form = When::Clock::kTick,
                            .apply = When::Clock::kEpisode}};

}  // namespace

extern const Rule kReinforceRule = {
    .name = "reinforce",
    .summary = "REINFORCE: at the end of an episode, its reward times the summed scores.",
    .equations = "dw_ij = learning_rate reward sum_t score_i(t) pre_j(t)",
    .source = "Williams 1992, Machine Learning 8",
    .params = kParams,
    .post_factors = factors::kScore,
    .pre_factors = factors::kActivity,
    .gates = factors::kReward,
    .terms = kTerms,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// Associative reward-penalty, A_R-P (Barto and Anandan 1985, "Pattern-recognizing stochastic
// learning automata"): with r in 0..1, what was rewarded becomes more likely, and what was not,
// less:
//
//   dw_ij = learning_rate r (x_i - p_i) pre_j + penalty_rate (1 - r) (1 - x_i - p_i) pre_j
//
// The second term is the score that the other draw, 1 - x, would have had. It follows no gradient;
// it is what leads out of the local maxima in which REINFORCE stays (exclusive or: Barto 1985).
// Without it (penalty_rate 0) the rule is REINFORCE without a baseline. The paper's lambda is
// penalty_rate / learning_rate. Bind `reward` to the level and `penalty` to the complement of the
// modulator `raw`.
#include "core/rules/factors.h"

namespace phasic {
namespace {

enum Param { kRate, kPenaltyRate };
enum Post { kScore, kOther };
enum GateIndex { kReward, kPenalty };

constexpr ParamInfo kParams[] = {
    factors::LearningRate(1, "measured on exclusive or"),
    {.name = "penalty_rate",
     .description = "how far a weight moves for a penalty of 1",
     .default_value = 0.05,
     .min = 0,
     .max = 1e6,
     .source = "a lambda of 0.05: Barto 1985 has 0.01 to 0.1",
     .live = true},
};

// The score x - p is above 0 where x is 1, so the other draw's is 1 less; else 1 more.
Real OtherScore(Real score) noexcept { return score > 0 ? score - 1 : score < 0 ? score + 1 : 0; }

constexpr FactorInfo kPostFactors[] = {
    factors::kScore[0],
    {"other", "the score that the other of two draws would have had", "score", OtherScore},
};
constexpr GateInfo kGates[] = {
    {"reward", "r, in 0..1"},
    {"penalty", "1 - r"},
};
constexpr Term kTerms[] = {
    {.post = kScore,
     .pre = 0,
     .rate_parameter = kRate,
     .gate = kReward,
     .form = When::Clock::kTick,
     .apply = When::Clock::kDelivery},
    {.post = kOther,
     .pre = 0,
     .rate_parameter = kPenaltyRate,
     .gate = kPenalty,
     .form = When::Clock::kTick,
     .apply = When::Clock::kDelivery},
};

}  // namespace

extern const Rule kRewardPenaltyRule = {
    .name = "reward-penalty",
    .summary =
        "A_R-P: reward makes what was drawn more likely, its absence makes the other so. For "
        "Bernoulli neurons and rewards from 0 to 1.",
    .equations =
        "dw_ij = learning_rate r (x_i - p_i) pre_j\n"
        "      + penalty_rate (1 - r) (1 - x_i - p_i) pre_j",
    .source = "Barto and Anandan 1985, IEEE Transactions on Systems, Man, and Cybernetics 15",
    .params = kParams,
    .post_factors = kPostFactors,
    .pre_factors = factors::kActivity,
    .gates = kGates,
    .terms = kTerms,
};

}  // namespace phasic

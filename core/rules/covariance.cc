// SPDX-License-Identifier: Apache-2.0
//
// Covariance rules: reward correlated with what the neurons did (Sejnowski 1977 for two factors;
// Loewenstein and Seung 2006 with reward, "Operant matching is a generic outcome of synaptic
// plasticity based on the covariance between reward and neural activity"). Three forms have the
// same mean, learning_rate Cov(R, post_i | pre_j) pre_j:
//
//   (R - mean R) (post_i - mean post_i) pre_j      centred yes, `reward` bound to an advantage
//   (R - mean R)  post_i                pre_j      centred no,  `reward` bound to an advantage
//    R           (post_i - mean post_i) pre_j      centred yes, `reward` bound to a level
//
// The first varies least. Means take in the present after its use; one that already held it would
// shrink the change to (1 - alpha) of it. Two running means covary themselves: where both sides are
// centred, with rates alpha and beta, the change is alpha beta / (alpha + beta - alpha beta)
// larger.
#include "core/rules/factors.h"

namespace phasic {
namespace {

enum Param { kLearningRate, kCentred, kAlpha };
enum Centred { kYes, kNo };
enum SynapseColumn { kPair };
enum PostColumn { kMean };

constexpr const char* kAnswers[] = {"yes", "no"};
constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.01, "ours"),
    {.name = "centred",
     .description = "whether the mean activity of the target is taken away",
     .source = "yes: with an advantage, the form that varies least",
     .choices = kAnswers},
    {.name = "alpha",
     .description = "how fast the mean follows the activity",
     .default_value = 0.1,
     .min = 0,
     .max = 1,
     .source = "ours: as the baseline of rewards",
     .live = true},
};
constexpr ColumnInfo kSynapseColumns[] = {
    {.name = "pair",
     .description = "the last pair formed",
     .extent = Extent::kSynapse,
     .life = Life::kTrace},
};
constexpr ColumnInfo kPostColumns[] = {
    {.name = "mean",
     .description = "running mean of the target's activity",
     .extent = Extent::kPost,
     .life = Life::kAdaptive},
};

void Row(const RowView& v) noexcept {
  const Real c = static_cast<Real>(v.params[kLearningRate] * v.gates[0]);
  Real& mean = *v.unit[kMean];
  const Real a = static_cast<int>(v.params[kCentred]) == kYes ? v.post[0] - mean : v.post[0];
  for (int j = 0; j < v.pre_size; ++j) {
    Real& pair = v.traces[kPair][j];
    v.weights[j] += c * pair;
    if (v.form) pair = a * v.pre[0][j];
  }
  if (v.form && v.learning) mean += static_cast<Real>(v.params[kAlpha]) * (v.post[0] - mean);
}

}  // namespace

extern const Rule kCovarianceRule = {
    .name = "covariance",
    .summary =
        "Each reward teaches how the neurons deviated from their mean activity, in any of "
        "three forms.",
    .equations =
        "dw_ij = learning_rate reward (post_i - mean_i) pre_j\n"
        "then mean_i <- mean_i + alpha (post_i - mean_i);    centred no: mean_i = 0",
    .source = "Loewenstein and Seung 2006, PNAS 103",
    .params = kParams,
    .post_factors = factors::kPostActivity,
    .pre_factors = factors::kActivity,
    .gates = factors::kReward,
    .row = Row,
    .synapse_columns = kSynapseColumns,
    .post_columns = kPostColumns,
};

}  // namespace phasic

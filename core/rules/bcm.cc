// SPDX-License-Identifier: Apache-2.0
//
// The BCM rule (Bienenstock, Cooper, Munro 1982; in the form of Intrator and Cooper 1992,
// "Objective function formulation of the BCM theory of visual cortical plasticity"): activity below
// a threshold weakens, above it strengthens, and the threshold follows the square of the activity,
// so that neurons become selective and stay bounded.
//
//   dw_ij = learning_rate post_i (post_i - theta_i) pre_j,    then theta_i <- theta_i + alpha
//   (post_i^2 - theta_i)
#include "core/rules/factors.h"

namespace phasic {
namespace {

enum Param { kLearningRate, kAlpha };
enum PostColumn { kThreshold };

constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.001, "ours"),
    {.name = "alpha",
     .description = "how fast the threshold follows; faster than the weights, or they run away",
     .default_value = 0.05,
     .min = 0,
     .max = 1,
     .source = "ours: the mean of about 20 pairs",
     .live = true},
};
constexpr ColumnInfo kPostColumns[] = {
    {.name = "threshold",
     .description = "theta: running mean of the squared activity",
     .extent = Extent::kPost,
     .life = Life::kAdaptive,
     .non_negative = true},
};

void Row(const RowView& v) noexcept {
  if (!v.form || !v.learning) return;
  Real& theta = *v.unit[kThreshold];
  const Real y = v.post[0];
  const Real c = static_cast<Real>(v.params[kLearningRate]) * y * (y - theta);
  for (int j = 0; j < v.pre_size; ++j) v.weights[j] += c * v.pre[0][j];
  theta += static_cast<Real>(v.params[kAlpha]) * (y * y - theta);
}

}  // namespace

extern const Rule kBcmRule = {
    .name = "bcm",
    .summary =
        "The BCM rule of two factors: a sliding threshold makes neurons selective, without "
        "reward.",
    .equations =
        "dw_ij = learning_rate post_i (post_i - theta_i) pre_j\n"
        "then theta_i <- theta_i + alpha (post_i^2 - theta_i)",
    .source = "Intrator and Cooper 1992, Neural Networks 5",
    .params = kParams,
    .post_factors = factors::kPostActivity,
    .pre_factors = factors::kActivity,
    .row = Row,
    .post_columns = kPostColumns,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// REINFORCE, per episode, with the baseline that leaves each weight's change the least variance
// (Williams 1992 takes any baseline; the optimal one is that of Greensmith, Bartlett, Baxter 2004,
// "Variance reduction techniques for gradient estimates in reinforcement learning"):
//
//   dw_ij = learning_rate (R - b_ij) e_ij,    e_ij = sum_t score_i(t) pre_j(t)
//   b_ij = E[R e_ij^2] / E[e_ij^2]
//
// The two means run over episodes, and take in the present one after its use: a baseline that knew
// it would bias the change. Each weight has its own, so this is no sum of terms.
#include "core/rules/factors.h"

namespace phasic {
namespace {

enum Param { kLearningRate, kAlpha };
enum ColumnIndex { kEligibility, kWeighted, kSquare };

constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.1, "ours"),
    {.name = "alpha",
     .description = "how fast the baselines follow",
     .default_value = 0.02,
     .min = 0,
     .max = 1,
     .source = "ours: the mean of about 50 episodes",
     .live = true},
};
constexpr ColumnInfo kSynapseColumns[] = {
    {.name = "eligibility",
     .description = "sum of score times pre since the episode began",
     .extent = Extent::kSynapse,
     .life = Life::kTrace},
    {.name = "weighted_square",
     .description = "running mean of R e^2",
     .extent = Extent::kSynapse,
     .life = Life::kAdaptive},
    {.name = "square",
     .description = "running mean of e^2",
     .extent = Extent::kSynapse,
     .life = Life::kAdaptive},
};

void Row(const RowView& v) noexcept {
  const Real rate = static_cast<Real>(v.params[kLearningRate]);
  const Real alpha = static_cast<Real>(v.params[kAlpha]);
  const Real reward = static_cast<Real>(v.gates[0]);
  Real *e = v.traces[kEligibility], *weighted = v.traces[kWeighted], *square = v.traces[kSquare];
  for (int j = 0; j < v.pre_size; ++j) {
    if (v.open[0]) {
      const Real baseline = square[j] > 0 ? weighted[j] / square[j] : 0;
      v.weights[j] += rate * (reward - baseline) * e[j];
      const Real now = e[j] * e[j];
      weighted[j] += alpha * (reward * now - weighted[j]);
      square[j] += alpha * (now - square[j]);
    }
    if (v.form) e[j] += v.post[0] * v.pre[0][j];
  }
}

}  // namespace

extern const Rule kReinforceOptimalRule = {
    .name = "reinforce-optimal",
    .summary = "REINFORCE per episode, each weight with the baseline of least variance.",
    .equations =
        "dw_ij = learning_rate (R - b_ij) e_ij,    e_ij = sum_t score_i(t) pre_j(t)\n"
        "b_ij = mean(R e_ij^2) / mean(e_ij^2)",
    .source =
        "Williams 1992, Machine Learning 8; Greensmith, Bartlett, Baxter 2004, Journal of "
        "Machine Learning Research 5",
    .params = kParams,
    .post_factors = factors::kScore,
    .pre_factors = factors::kActivity,
    .gates = factors::kReward,
    .row = Row,
    .synapse_columns = kSynapseColumns,
};

}  // namespace phasic

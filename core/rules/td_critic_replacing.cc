// SPDX-License-Identifier: Apache-2.0
//
// TD(lambda) with replacing traces (Singh and Sutton 1996): an active feature's trace does not add
// up, it begins anew:
//
//   dw_ij = learning_rate delta e_ij,    then e_ij <- pre_j where pre_j is not 0,
//                                             e_ij <- gamma lambda e_ij elsewhere
//
// Meant for binary features. With lambda 1, gamma 1 and held weights an episode's changes sum to
// the error of the return that follows the first visit.
#include "core/rules/factors.h"

namespace phasic {
namespace {

enum Param { kLearningRate, kLambda };
enum Trace { kEligibility };

constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.1, "ours"),
    factors::Lambda(0.9, "as that of accumulating traces"),
};
constexpr ColumnInfo kColumns[] = {{.name = "trace",
                                    .description = "e, eligibility",
                                    .extent = Extent::kSynapse,
                                    .life = Life::kTrace}};

void Row(const RowView& v) noexcept {
  const Real change = static_cast<Real>(v.params[kLearningRate] * v.gates[0]);
  const Real decay = static_cast<Real>(v.params[kLambda] * v.discounts[0]);
  const Real* const pre = v.pre[0];
  Real* const e = v.traces[kEligibility];
  if (v.open[0]) {
    for (int j = 0; j < v.pre_size; ++j) v.weights[j] += change * e[j];
  }
  if (!v.form) return;
  for (int j = 0; j < v.pre_size; ++j) e[j] = pre[j] != 0 ? pre[j] : decay * e[j];
}

}  // namespace

extern const Rule kTdCriticReplacingRule = {
    .name = "td-critic-replacing",
    .summary = "TD(lambda) with replacing traces: a linear critic on binary features.",
    .equations =
        "dw_ij = learning_rate delta e_ij\n"
        "e_ij <- pre_j where pre_j is not 0, else gamma lambda e_ij",
    .source = "Singh and Sutton 1996, Machine Learning 22",
    .params = kParams,
    .pre_factors = factors::kActivity,
    .gates = factors::kTd,
    .row = Row,
    .row_form = When::Clock::kStep,
    .synapse_columns = kColumns,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// True online TD(lambda) (van Seijen, Mahmood, Pilarski, Machado, Sutton 2016): at every step the
// weights are those that the online lambda-return algorithm, which starts each time from the
// episode's beginning, would have come to.
//
//   dw_ij = learning_rate (delta e_ij - (V_i - V_before_i) pre_j),
//   then e_ij <- gamma lambda e_ij + (1 - learning_rate gamma lambda e_i.pre) pre_j
//
// The paper's delta is r + gamma V' - V; the modulator's is r + gamma V' - V_before with V_before =
// w_before.pre, the value as it was predicted, which is the sum delta + V - V_before that the paper
// multiplies e with. V - V_before = (w - w_before).pre is what a step's change does to the value of
// what is seen in that step. It is known then, and applied with the next delta, so the synapses
// remember it times pre_j. All of a unit's features must come by this one projection, a constant
// one too.
#include "core/rules/factors.h"

namespace phasic {
namespace {

enum Param { kLearningRate, kLambda };
enum Trace { kEligibility, kCorrection };

constexpr ParamInfo kParams[] = {
    factors::LearningRate(0.1, "ours"),
    factors::Lambda(0.9, "as that of accumulating traces"),
};
constexpr ColumnInfo kColumns[] = {
    {.name = "trace",
     .description = "e, the dutch trace",
     .extent = Extent::kSynapse,
     .life = Life::kTrace},
    {.name = "correction",
     .description = "(V - V_before) pre, of the last pair formed",
     .extent = Extent::kSynapse,
     .life = Life::kTrace},
};

void Row(const RowView& v) noexcept {
  const Real rate = static_cast<Real>(v.params[kLearningRate]);
  const Real delta = static_cast<Real>(v.gates[0]);
  const Real decay = static_cast<Real>(v.params[kLambda] * v.discounts[0]);
  const Real* const pre = v.pre[0];
  Real* const e = v.traces[kEligibility];
  Real* const correction = v.traces[kCorrection];
  Real shift = 0;    // (w - w_before).pre
  Real overlap = 0;  // e.pre
  for (int j = 0; j < v.pre_size; ++j) {
    const Real change = v.open[0] ? rate * (delta * e[j] - correction[j]) : 0;
    v.weights[j] += change;
    shift += change * pre[j];
    overlap += e[j] * pre[j];
  }
  if (!v.form) return;
  const Real post = 1 - rate * decay * overlap;
  for (int j = 0; j < v.pre_size; ++j) {
    e[j] = decay * e[j] + post * pre[j];
    correction[j] = shift * pre[j];
  }
}

}  // namespace

extern const Rule kTdCriticTrueOnlineRule = {
    .name = "td-critic-true-online",
    .summary = "True online TD(lambda): a linear critic that equals the online lambda-return.",
    .equations =
        "dw_ij = learning_rate (delta e_ij - (V_i - V_before_i) pre_before_j)\n"
        "e_ij <- gamma lambda e_ij + (1 - learning_rate gamma lambda e_i.pre) pre_j\n"
        "V_i - V_before_i = (w_i - w_before_i).pre",
    .source =
        "van Seijen, Mahmood, Pilarski, Machado, Sutton 2016, Journal of Machine Learning "
        "Research 17",
    .params = kParams,
    .pre_factors = factors::kActivity,
    .gates = factors::kTd,
    .row = Row,
    .row_form = When::Clock::kStep,
    .synapse_columns = kColumns,
};

}  // namespace phasic

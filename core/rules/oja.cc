// SPDX-License-Identifier: Apache-2.0
//
// Oja's rule (Oja 1982, "A simplified neuron model as a principal component analyzer"): Hebb's with
// the decay that keeps each neuron's weights at length 1; a linear neuron's become the first
// principal component of its input.
//
//   dw_ij = learning_rate post_i (pre_j - post_i w_ij)
#include "core/rules/factors.h"

namespace phasic {
namespace {

enum Param { kLearningRate };

constexpr ParamInfo kParams[] = {factors::LearningRate(0.001, "ours")};

void Row(const RowView& v) noexcept {
  if (!v.form || !v.learning) return;
  const Real c = static_cast<Real>(v.params[kLearningRate]) * v.post[0];
  for (int j = 0; j < v.pre_size; ++j) {
    v.weights[j] += c * (v.pre[0][j] - v.post[0] * v.weights[j]);
  }
}

}  // namespace

extern const Rule kOjaRule = {
    .name = "oja",
    .summary = "Oja's rule of two factors: finds the first principal component, without reward.",
    .equations = "dw_ij = learning_rate post_i (pre_j - post_i w_ij)",
    .source = "Oja 1982, Journal of Mathematical Biology 15",
    .params = kParams,
    .post_factors = factors::kPostActivity,
    .pre_factors = factors::kActivity,
    .row = Row,
};

}  // namespace phasic

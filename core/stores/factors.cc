// SPDX-License-Identifier: Apache-2.0
#include "core/stores/store.h"

namespace phasic {

void UpdateFactors(State* state, const Link& link) noexcept {
  if (link.rule->factors == nullptr) return;
  State& s = *state;
  double params[kMostRowParts];
  const Real* post[kMostRowParts];
  const Real* pre[kMostRowParts];
  Real* columns[kMostRowParts];
  for (int n = 0; n < link.params.size(); ++n) params[n] = link.param(s, n);
  for (size_t n = 0; n < link.row_post.size(); ++n) post[n] = s.data<Real>(link.row_post[n].column);
  for (size_t n = 0; n < link.row_pre.size(); ++n) {
    pre[n] = link.row_pre_delivered[n] ? link.Delivered(s) : s.data<Real>(link.row_pre[n].column);
  }
  for (size_t n = 0; n < link.factor_columns.size(); ++n) {
    columns[n] = s.data<Real>(link.factor_columns[n]);
  }
  link.rule->factors({link.pre, link.post, post, pre, columns, params, link.row_period});
}

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/link.h"
#include "core/stores/kernels.h"

// What the terms of a dense projection's rule have in common, however they are computed.
namespace phasic {

inline double RateOf(const State& s, const Link& link, const BoundTerm& t) noexcept {
  return t.term->sign * link.param(s, t.term->rate_parameter);
}

// What a row's trace, or pair, is multiplied with to change its weights.
inline Real Coefficient(const BoundTerm& t, double rate, Real gate) noexcept {
  return static_cast<Real>(rate * (t.gain * gate + t.offset));
}

// Whether the trace of a term is finite when it has taken in a pair of these factors.
inline bool Modest(const BoundTerm& t, Real post, Real pre) noexcept {
  return t.decay <= 1 && post * pre <= kModest;
}

// Whether that is known without a look: because both factors are what populations publish now.
inline bool IsModest(const Lane& lane, const Link& link, const BoundTerm& t) noexcept {
  return lane.modest && link.rule->factors == nullptr && link.delay == 0 && !t.synapse_score &&
         t.post.of == nullptr && t.decay <= 1;
}

// Of a column, n numbers that may not be finite.
inline void CheckColumn(const Kernels& k, const Lane& lane, ColumnId column, const Real* x,
                        int64_t n) noexcept {
  if (!k.finite(x, n)) Diverge(lane, column);
}

}  // namespace phasic

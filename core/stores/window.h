// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/link.h"
#include "core/stores/kernels.h"

namespace phasic {

// The past of a dense projection's terms, for rewards that name a step. A trace is a recurrence
// over pairs, E <- d E + a b^T, so it is kept as its factors: the last pairs, and densely the trace
// before the oldest of them, which lags behind by at least the window. Replaying the pairs on that
// gives the trace of any step between, with the bits that it had. Old pairs are folded into the
// base kFoldPairs at a time.

// Keeps the present pair of a term, if that has a window.
void KeepPair(State* state, const Link& link, const BoundTerm& term) noexcept;

// As Store says.
void MarkStep(State* state, const Link& link) noexcept;
void ApplyPast(const Lane& lane, const Link& link, int node, uint64_t step) noexcept;

// How many pairs a term has room for, so that any of `pairs` pairs back can be reached.
constexpr int64_t WindowCapacity(const BoundTerm& term, int64_t pairs) {
  if (term.trace == kNoColumn) return pairs + term.depth;
  return (pairs + kFoldPairs - 1) / kFoldPairs * kFoldPairs + kFoldPairs;
}

}  // namespace phasic

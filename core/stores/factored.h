// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/model/link.h"
#include "core/stores/kernels.h"

namespace phasic {

// A trace that is seldom applied takes in its pairs many at a time: until then they are kept as
// their factors (FactoredTrace in model/link.h), and the column lags behind. A pass over the matrix
// is then due once in so many pairs, and at each reward, instead of at each pair; its numbers get
// the bits that they would have had. Whoever reads the column must fold first, or read by Read.

// The present pair joins. `modest`: no product of it is above kModest, which else is looked up.
// False when the trace is not finite any more.
bool FormPair(State* state, const Link& link, const BoundTerm& term, bool modest) noexcept;
// All pairs go into the trace. False when it is not finite any more.
bool FoldPairs(State* state, const Link& link, const BoundTerm& term) noexcept;
// The trace as it would be then.
void ReadFolded(const State& state, const Link& link, const BoundTerm& term,
                std::byte* to) noexcept;

// How many numbers the presynaptic factors take.
constexpr int64_t FactoredPreSize(int64_t pre) {
  return (pre + kFoldColumns - 1) / kFoldColumns * kFoldColumns * kFoldPairs;
}

}  // namespace phasic

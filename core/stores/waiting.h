// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/model/link.h"

namespace phasic {

// What a tick does to a large matrix waits for the next delivery, which reads the weights anyway:
// then each few rows change, take in their pairs and are delivered while the cache has them. No row
// knows of another, so every number gets the bits that it would have had. What waits is kept as its
// factors (WaitingChange in model/link.h), and weights and trace lag behind. Whoever reads them
// must make the change first, or read by Read.

// A change by `rate` and the gate, and then the present pair, are to wait. False, and nothing is
// done, when that may leave numbers that are not finite: it must be found in this tick.
bool LetWait(const Lane& lane, const Link& link, const BoundTerm& term, double rate) noexcept;
// Does what waits, if anything does.
void MakeChange(State* state, const Link& link, const BoundTerm& term) noexcept;
// The same, and y += w x with what w becomes.
void ChangeAndDeliver(State* state, const Link& link, const BoundTerm& term, const Real* x,
                      Real* y) noexcept;
// Weights or trace as they would be then.
void ReadChanged(const State& state, const Link& link, const BoundTerm& term, ColumnId column,
                 std::byte* to) noexcept;

}  // namespace phasic

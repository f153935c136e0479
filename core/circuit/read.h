// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/circuit/circuit.h"
#include "core/model/state.h"

namespace phasic {

// A column as it is now, in the bytes that State::bytes has: what a store has put off is done in
// the copy, and the state keeps every bit. `to` is aligned for the column's type. Whoever shows a
// column to people reads it so.
void Read(const Circuit& circuit, const State& state, ColumnId column, std::byte* to) noexcept;

// A column as snapshots, exports and digests have it: the state as it lies, but with pairs that a
// trace has yet to take in (stores/factored.h) and changes that wait (stores/waiting.h), which no
// snapshot has. They are for as long as the state stays as it is and `room`, which is used if need
// be, is left alone.
std::span<const std::byte> SavedBytes(const Circuit& circuit, const State& state, ColumnId column,
                                      std::vector<std::byte>* room);

// Does what stores have put off. Later bits may differ from those of a state that was left alone,
// so only what is itself an input does this: the end of an episode, a write.
void Settle(const Circuit& circuit, State* state) noexcept;

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/circuit/circuit.h"
#include "core/model/state.h"

namespace phasic {

// A column as it is now, in the bytes that State::bytes has: what a store has put off is done in
// the copy, and the state keeps every bit. Whoever shows a column to people reads it so; snapshots,
// exports and digests take the state as it lies.
void Read(const Circuit& circuit, const State& state, ColumnId column, std::byte* to) noexcept;

// Does what stores have put off. Later bits may differ from those of a state that was left alone,
// so only what is itself an input does this: the end of an episode, a write.
void Settle(const Circuit& circuit, State* state) noexcept;

}  // namespace phasic

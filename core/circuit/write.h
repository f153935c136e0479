// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "core/circuit/agent.h"

namespace phasic {

// New numbers for elements of a column that lie side by side. Refers to the caller's memory.
struct StateWrite {
  ColumnId column = kNoColumn;
  int64_t first = 0;
  int64_t count = 0;                       // 0: all that follow
  std::span<const std::byte> values = {};  // of the column's type: one for each, or one for all
};

// Whether people may set such a column: not time, seeds and settings, and nothing derived; nor
// traces of a circuit with a reward window, for what it keeps would no longer make them.
inline bool Writable(const Circuit& circuit, const Column& column) {
  if (column.life == Life::kTrace && circuit.reward_window().episodes != kNoColumn) return false;
  return column.life != Life::kClock && !column.derived;
}

// INVALID_ARGUMENT BAD_WRITE with the field ("writes[2].values[7]") for a column that cannot be
// written, elements that it does not have, and what FindFault finds; also for more bytes in all
// than the agent has of state, so that no list of writes takes long. Changes nothing.
absl::Status CheckWrites(const Agent& agent, std::span<const StateWrite> writes);

// One after the other; then what is derived is made anew. The writes must have passed CheckWrites.
void Write(std::span<const StateWrite> writes, Agent* agent);

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/circuit/circuit.h"

// Columns as people know them.
namespace phasic {

// A column's shape with `bytes` bytes in it: [post, pre] for one number for each synapse, [rows,
// columns] for a history, else [n].
std::vector<int64_t> ShapeOf(const Circuit& circuit, const Column& column, size_t bytes);

// "component.variable", as reports name it.
std::string NameOf(const Column& column);
// The column of that name, or kNoColumn.
ColumnId FindColumn(const Circuit& circuit, std::string_view name);

// What the synapses of a sparse projection join: a unit's index for each, in the order of the
// projection's columns. Variables like others to people; the circuit's, so they never change.
struct Ends {
  std::string projection;
  const char* variable = "";  // "sources" or "targets"
  std::span<const uint32_t> units;

  std::string name() const { return projection + "." + variable; }
  std::span<const std::byte> bytes() const { return std::as_bytes(units); }
};
inline constexpr Type kEndsType = Type::kU32;
// Of every sparse projection.
std::vector<Ends> EndsOf(const Circuit& circuit);

}  // namespace phasic

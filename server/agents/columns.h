// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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

}  // namespace phasic

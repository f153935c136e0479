// SPDX-License-Identifier: Apache-2.0
#include "server/agents/columns.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace phasic {
std::vector<int64_t> ShapeOf(const Circuit& circuit, const Column& column, size_t bytes) {
  if (column.arena >= 0) return {static_cast<int64_t>(bytes / SizeOf(column.type))};
  if (column.rows > 1) return {column.rows, column.cols};
  // One row: of a single target unit, or no matrix at all.
  const auto& links = circuit.links();
  const bool matrix = std::any_of(links.begin(), links.end(), [&](const Link& link) {
    return link.name == column.component && link.post == column.rows && link.pre == column.cols;
  });
  if (matrix) return {column.rows, column.cols};
  return {column.cols};
}

std::string NameOf(const Column& column) {
  return absl::StrCat(column.component, ".", column.name);
}

ColumnId FindColumn(const Circuit& circuit, std::string_view name) {
  const std::vector<Column>& columns = circuit.layout().columns;
  const auto named = [&](const Column& column) {
    return name.size() == column.component.size() + 1 + column.name.size() &&
           name.starts_with(column.component) && name[column.component.size()] == '.' &&
           name.ends_with(column.name);
  };
  const auto at = std::find_if(columns.begin(), columns.end(), named);
  return at == columns.end() ? kNoColumn : static_cast<ColumnId>(at - columns.begin());
}

std::vector<Ends> EndsOf(const Circuit& circuit) {
  std::vector<Ends> ends;
  for (const Link& link : circuit.links()) {
    if (link.synapses == nullptr) continue;
    ends.push_back({link.name, "sources", link.synapses->source});
    ends.push_back({link.name, "targets", link.synapses->target});
  }
  return ends;
}

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "core/circuit/write.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "core/base/errors.h"
#include "core/base/status_macros.h"
#include "core/circuit/read.h"
#include "core/model/elements.h"

namespace phasic {
namespace {

// Elements that there are; of an arena, those in use.
int64_t SizeOfColumn(const Agent& agent, ColumnId id) {
  const Type type = agent.circuit().layout().columns[id].type;
  return static_cast<int64_t>(agent.state().bytes(id).size() / SizeOf(type));
}

int64_t CountOf(const Agent& agent, const StateWrite& write) {
  return write.count > 0 ? write.count : SizeOfColumn(agent, write.column) - write.first;
}

absl::Status CheckOne(const Agent& agent, const StateWrite& write, const std::string& path) {
  const auto bad = [&](const std::string& field, const std::string& description) {
    return InvalidField("BAD_WRITE", absl::StrCat(path, ".", field), description);
  };
  const std::vector<Column>& columns = agent.circuit().layout().columns;
  if (write.column < 0 || static_cast<size_t>(write.column) >= columns.size()) {
    return bad("variable", "is no variable of the agent");
  }
  const Column& column = columns[write.column];
  if (!Writable(agent.circuit(), column)) {
    const char* const why = column.derived ? "which follows from others"
                            : column.life == Life::kTrace
                                ? "whose past the reward window keeps"
                                : "which nothing but time and settings change";
    return bad("variable", absl::StrCat("is ", column.component, ".", column.name, ", ", why));
  }
  const int64_t size = SizeOfColumn(agent, write.column);
  if (write.first < 0 || write.first > size) {
    return bad("offset",
               absl::StrCat("is ", write.first, ", but the variable has ", size, " elements"));
  }
  if (write.count < 0 || write.count > size - write.first) {
    return bad("count", absl::StrCat("is ", write.count, ", but from the offset on there are ",
                                     size - write.first, " elements"));
  }
  const size_t width = SizeOf(column.type);
  const auto count = static_cast<size_t>(CountOf(agent, write));
  if (write.values.size() != width && write.values.size() != count * width) {
    return bad("values", absl::StrCat("have ", write.values.size(), " bytes, but ", count,
                                      " elements of ", width, " bytes are written"));
  }
  if (const auto fault = FindFault(column, write.values)) {
    return bad(absl::StrCat("values[", fault->index, "]"), fault->description);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckWrites(const Agent& agent, std::span<const StateWrite> writes) {
  int64_t left = agent.circuit().max_state_bytes();
  for (size_t i = 0; i < writes.size(); ++i) {
    const std::string path = absl::StrCat("writes[", i, "]");
    RETURN_IF_ERROR(CheckOne(agent, writes[i], path));
    const Type type = agent.circuit().layout().columns[writes[i].column].type;
    left -= CountOf(agent, writes[i]) * static_cast<int64_t>(SizeOf(type));
    if (left < 0) {
      return InvalidField("BAD_WRITE", path,
                          "and those before it write more than the agent has of state");
    }
  }
  return absl::OkStatus();
}

void Write(std::span<const StateWrite> writes, Agent* agent) {
  Settle(agent->circuit(), &agent->state());
  for (const StateWrite& write : writes) {
    const size_t width = SizeOf(agent->circuit().layout().columns[write.column].type);
    std::byte* const to = agent->state().elements(write.column) + write.first * width;
    const size_t bytes = CountOf(*agent, write) * width;
    if (bytes == 0) continue;
    // What is there already is doubled until all is filled: few calls, however small an element.
    std::memcpy(to, write.values.data(), write.values.size());
    for (size_t done = write.values.size(); done < bytes; done *= 2) {
      std::memcpy(to + done, to, std::min(done, bytes - done));
    }
  }
  agent->Rebuild();
}

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <span>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/columns.h"
#include "server/agents/errors.h"
#include "server/convert/columns.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"

namespace phasic::handlers {
namespace {

// The life of what the circuit says.
constexpr char kFixed[] = "fixed";

// A variable as it was at one moment.
struct Variable {
  std::string component, name, unit, life;
  std::vector<int64_t> shape;
  Type type = Type::kF32;
  std::span<const std::byte> bytes;
};

bool IsMeant(const v1::InspectRequest& request, std::string_view component,
             std::string_view variable) {
  return (request.component().empty() || request.component() == component) &&
         (request.variable().empty() || request.variable() == variable);
}

std::vector<ColumnId> Select(const Circuit& circuit, const v1::InspectRequest& request) {
  std::vector<ColumnId> selected;
  const std::vector<Column>& columns = circuit.layout().columns;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].derived) continue;  // of a turn's insides
    if (IsMeant(request, columns[i].component, columns[i].name)) {
      selected.push_back(static_cast<ColumnId>(i));
    }
  }
  return selected;
}

int64_t BytesOf(const Circuit& circuit, const std::vector<ColumnId>& columns) {
  int64_t bytes = 0;
  for (const ColumnId id : columns) {
    const Column& column = circuit.layout().columns[id];
    bytes += column.size() * static_cast<int64_t>(SizeOf(column.type));
  }
  return bytes;
}

// Sends one variable; false when nobody reads any more.
bool Send(const Variable& variable, uint64_t step, const v1::InspectRequest& request,
          Writer<v1::InspectResponse>* writer) {
  const int64_t width = static_cast<int64_t>(SizeOf(variable.type));
  const int64_t count = static_cast<int64_t>(variable.bytes.size()) / width;
  const int64_t first = std::min(request.offset(), count);
  const int64_t wanted = request.count() == 0 ? count : request.count();
  const int64_t end = request.summary_only() ? first : first + std::min(wanted, count - first);

  v1::InspectResponse message;
  message.set_component(variable.component);
  message.set_variable(variable.name);
  message.set_unit(variable.unit);
  message.set_life(variable.life);
  message.mutable_shape()->Assign(variable.shape.begin(), variable.shape.end());
  message.set_dtype(convert::DtypeOf(variable.type));
  message.set_step(step);
  convert::Summarise(variable.type, variable.bytes, message.mutable_summary());
  int64_t at = first;
  do {
    const int64_t size = std::min<int64_t>(end - at, limits::kChunkBytes / width);
    message.set_offset(at);
    message.set_data(variable.bytes.data() + at * width, size * width);
    if (!writer->Write(message)) return false;
    message.clear_summary();
    at += size;
  } while (at < end);
  return true;
}

}  // namespace

absl::Status Inspect(const Call& call, const v1::InspectRequest& request,
                     Writer<v1::InspectResponse>* writer) {
  ASSIGN_OR_RETURN(const AgentPtr agent, KnownAgent(call, request.name()));
  if (request.offset() < 0 || request.count() < 0) {
    return InvalidField(errors::kBadField, request.offset() < 0 ? "offset" : "count",
                        "must not be negative");
  }
  const Circuit& circuit = agent->circuit();
  const std::vector<ColumnId> columns = Select(circuit, request);
  std::vector<Ends> ends = EndsOf(circuit);
  std::erase_if(ends, [&](const Ends& e) { return !IsMeant(request, e.projection, e.variable); });
  if (columns.empty() && ends.empty()) {
    return errors::VariableNotFound(
        agent->identity().name(),
        absl::StrCat(request.component().empty() ? "*" : request.component(), ".",
                     request.variable().empty() ? "*" : request.variable()));
  }
  const auto room = call.env.copies.Take(BytesOf(circuit, columns));
  if (!room) return errors::TooMuchInspected();

  uint64_t step = 0;
  std::vector<std::vector<std::byte>> copies;
  {
    // One turn for all, so that everything is of the same moment; the agent goes on while it is
    // sent.
    ASSIGN_OR_RETURN(const Turn turn, TakeTurn(call, agent));
    step = turn.card().stats.steps;
    for (const ColumnId id : columns) copies.push_back(turn.Read(id));
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    const Column& column = circuit.layout().columns[columns[i]];
    const Variable variable{column.component,
                            column.name,
                            column.unit,
                            NameOf(column.life),
                            ShapeOf(circuit, column, copies[i].size()),
                            column.type,
                            copies[i]};
    if (!Send(variable, step, request, writer)) return errors::Cancelled();
  }
  for (const Ends& e : ends) {
    const auto size = static_cast<int64_t>(e.units.size());
    const Variable variable{e.projection, e.variable, "", kFixed, {size}, kEndsType, e.bytes()};
    if (!Send(variable, step, request, writer)) return errors::Cancelled();
  }
  return absl::OkStatus();
}

}  // namespace phasic::handlers

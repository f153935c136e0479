// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/columns.h"
#include "server/agents/errors.h"
#include "server/convert/columns.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"

namespace phasic::handlers {
namespace {

// What was asked for, as it was at one moment.
struct Copy {
  uint64_t step = 0;
  std::vector<ColumnCopy> columns;
};

std::vector<ColumnId> Select(const Circuit& circuit, const v1::InspectRequest& request) {
  std::vector<ColumnId> selected;
  const std::vector<Column>& columns = circuit.layout().columns;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].derived) continue;  // of a turn's insides
    if ((request.component().empty() || request.component() == columns[i].component) &&
        (request.variable().empty() || request.variable() == columns[i].name)) {
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

template <class T>
void Summarise(const std::vector<std::byte>& bytes, v1::InspectResponse::Summary* summary) {
  const std::span<const T> values{reinterpret_cast<const T*>(bytes.data()),
                                  bytes.size() / sizeof(T)};
  summary->set_count(static_cast<int64_t>(values.size()));
  if (values.empty()) return;
  double sum = 0, squares = 0;
  T least = values[0], greatest = values[0];
  for (const T value : values) {
    const double x = static_cast<double>(value);
    sum += x;
    squares += x * x;
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
  summary->set_min(static_cast<double>(least));
  summary->set_max(static_cast<double>(greatest));
  summary->set_mean(sum / static_cast<double>(values.size()));
  summary->set_norm(std::sqrt(squares));
}

void Summarise(Type type, const std::vector<std::byte>& bytes,
               v1::InspectResponse::Summary* summary) {
  switch (type) {
    case Type::kF32:
      return Summarise<float>(bytes, summary);
    case Type::kF64:
      return Summarise<double>(bytes, summary);
    case Type::kU8:
      return Summarise<uint8_t>(bytes, summary);
    case Type::kU16:
      return Summarise<uint16_t>(bytes, summary);
    case Type::kU32:
      return Summarise<uint32_t>(bytes, summary);
    case Type::kU64:
      return Summarise<uint64_t>(bytes, summary);
  }
}

// Sends one variable; false when nobody reads any more.
bool Send(const Circuit& circuit, const ColumnCopy& copy, uint64_t step,
          const v1::InspectRequest& request, Writer<v1::InspectResponse>* writer) {
  const Column& column = circuit.layout().columns[copy.column];
  const int64_t width = static_cast<int64_t>(SizeOf(column.type));
  const int64_t count = static_cast<int64_t>(copy.bytes.size()) / width;
  const int64_t first = std::min(request.offset(), count);
  const int64_t wanted = request.count() == 0 ? count : request.count();
  const int64_t end = request.summary_only() ? first : first + std::min(wanted, count - first);

  v1::InspectResponse message;
  message.set_component(column.component);
  message.set_variable(column.name);
  message.set_unit(column.unit);
  message.set_life(NameOf(column.life));
  const std::vector<int64_t> shape = ShapeOf(circuit, column, copy.bytes.size());
  message.mutable_shape()->Assign(shape.begin(), shape.end());
  message.set_dtype(convert::DtypeOf(column.type));
  message.set_step(step);
  Summarise(column.type, copy.bytes, message.mutable_summary());
  int64_t at = first;
  do {
    const int64_t size = std::min<int64_t>(end - at, limits::kChunkBytes / width);
    message.set_offset(at);
    message.set_data(copy.bytes.data() + at * width, size * width);
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
  const std::vector<ColumnId> columns = Select(agent->circuit(), request);
  if (columns.empty()) {
    return errors::VariableNotFound(
        agent->identity().name(),
        absl::StrCat(request.component().empty() ? "*" : request.component(), ".",
                     request.variable().empty() ? "*" : request.variable()));
  }
  const auto room = call.env.copies.Take(BytesOf(agent->circuit(), columns));
  if (!room) return errors::TooMuchInspected();

  Copy copy;
  copy.columns.resize(columns.size());
  {
    // One turn for all, so that everything is of the same moment; the agent goes on while it is
    // sent.
    ASSIGN_OR_RETURN(const Turn turn, TakeTurn(call, agent));
    copy.step = turn.card().stats.steps;
    for (size_t i = 0; i < columns.size(); ++i) {
      copy.columns[i] = {columns[i], turn.Read(columns[i])};
    }
  }
  for (const ColumnCopy& column : copy.columns) {
    if (!Send(agent->circuit(), column, copy.step, request, writer)) return errors::Cancelled();
  }
  return absl::OkStatus();
}

}  // namespace phasic::handlers

// SPDX-License-Identifier: Apache-2.0
#include "server/convert/writes.h"

#include "absl/strings/str_cat.h"
#include "core/model/elements.h"

namespace phasic::convert {
namespace {

// The numbers as elements of the column; the first that cannot be one is a fault.
std::optional<ElementFault> ToElements(std::span<const double> numbers, Type type,
                                       std::vector<std::byte>* elements) {
  const size_t width = SizeOf(type);
  elements->resize(numbers.size() * width);
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (auto fault = ToElement(numbers[i], type, elements->data() + i * width)) {
      fault->index = static_cast<int64_t>(i);
      return fault;
    }
  }
  return std::nullopt;
}

}  // namespace

void WriteList::Read(const Protos& protos, std::span<const ColumnId> columns,
                     const Circuit& circuit, std::vector<Violation>* violations) {
  for (int i = 0; i < protos.size(); ++i) {
    const v1::VariableWrite& proto = protos[i];
    const Column& column = circuit.layout().columns[columns[i]];
    const std::string path = absl::StrCat("writes[", i, "]");
    const bool numbers = proto.values_size() > 0, data = !proto.data().empty();
    if (numbers + data + proto.has_fill() != 1) {
      violations->push_back({path, "must have exactly one of values, data and fill"});
      continue;
    }
    if (!proto.has_fill() && proto.count() != 0) {
      violations->push_back({path + ".count", "goes with fill; values and data have their own"});
      continue;
    }
    if (proto.offset() < 0 || proto.count() < 0) {
      violations->push_back(
          {path + (proto.offset() < 0 ? ".offset" : ".count"), "must not be negative"});
      continue;
    }
    StateWrite write{columns[i], proto.offset(), proto.count(), {}};
    std::optional<ElementFault> fault;
    if (data) {
      write.values = std::as_bytes(std::span(proto.data()));
    } else {
      const double fill = proto.fill();
      const std::span<const double> given =
          numbers ? std::span(proto.values().data(), size_t(proto.values_size()))
                  : std::span(&fill, 1);
      fault = ToElements(given, column.type, &converted_.emplace_back());
      write.values = converted_.back();
    }
    const size_t width = SizeOf(column.type);
    if (write.values.size() % width != 0) {
      violations->push_back({path + ".data", absl::StrCat("has ", write.values.size(),
                                                          " bytes, but an element has ", width)});
      continue;
    }
    if (!proto.has_fill()) write.count = static_cast<int64_t>(write.values.size() / width);
    if (!fault) fault = FindFault(column, write.values);
    if (!fault) {
      writes_.push_back(write);
    } else if (data) {
      violations->push_back({path + ".data", absl::StrCat("has element ", fault->index, ", which ",
                                                          fault->description)});
    } else {
      violations->push_back(
          {proto.has_fill() ? path + ".fill" : absl::StrCat(path, ".values[", fault->index, "]"),
           std::move(fault->description)});
    }
  }
}

}  // namespace phasic::convert

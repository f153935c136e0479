// SPDX-License-Identifier: Apache-2.0
#include "server/convert/parameters.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"

namespace phasic::convert {
namespace {

using google::protobuf::Value;

std::optional<double> NumberOf(const Value& value) {
  if (value.kind_case() == Value::kNumberValue) return value.number_value();
  if (value.kind_case() == Value::kBoolValue) return value.bool_value() ? 1 : 0;
  return std::nullopt;
}

std::optional<ParamValue> FromValue(const Value& value) {
  if (const auto number = NumberOf(value)) return *number;
  if (value.kind_case() == Value::kStringValue) return value.string_value();
  if (value.kind_case() != Value::kListValue) return std::nullopt;
  std::vector<double> list;
  list.reserve(value.list_value().values_size());
  for (const Value& element : value.list_value().values()) {
    const auto number = NumberOf(element);
    if (!number) return std::nullopt;
    list.push_back(*number);
  }
  return list;
}

struct ToValue {
  Value* value;
  void operator()(double number) { value->set_number_value(number); }
  void operator()(const std::string& word) { value->set_string_value(word); }
  void operator()(const std::vector<double>& list) {
    google::protobuf::ListValue* values = value->mutable_list_value();
    for (const double number : list) values->add_values()->set_number_value(number);
  }
};

}  // namespace

ParamMap FromProto(const ProtoParameters& proto, const std::string& path,
                   std::vector<Violation>* violations) {
  ParamMap parameters;
  const size_t before = violations->size();
  for (const auto& [name, value] : proto) {
    if (auto converted = FromValue(value)) {
      parameters.emplace(name, *std::move(converted));
    } else {
      violations->push_back(
          {absl::StrCat(path, ".", name), "must be a number, a word or a list of numbers"});
    }
  }
  // A map's order is not its writer's; errors come in the same order each time.
  std::sort(violations->begin() + before, violations->end(),
            [](const Violation& a, const Violation& b) { return a.field < b.field; });
  return parameters;
}

void ToProto(const ParamMap& parameters, ProtoParameters* proto) {
  for (const auto& [name, value] : parameters) std::visit(ToValue{&(*proto)[name]}, value);
}

}  // namespace phasic::convert

// SPDX-License-Identifier: Apache-2.0
#include "client/cli/json.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include <map>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "phasic/v1/agent.pb.h"

namespace phasic {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\t':
        quoted += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<unsigned>(c));
        } else {
          quoted += c;
        }
    }
  }
  return quoted + '"';
}

// A number in JSON; what is not finite is a string there.
std::string Finite(const std::string& number) {
  const char last = number.back();
  return last == 'N' || last == 'y' ? Quoted(number) : number;
}

// Messages of protobuf itself (Value, Timestamp, Duration, ...) have JSON forms of their own.
bool IsWellKnown(const google::protobuf::Message& message) {
  return message.GetDescriptor()->file()->package() == "google.protobuf";
}

std::string ProtobufJson(const google::protobuf::Message& message) {
  std::string json;
  // It fails only for values that have no JSON form, such as a Value without a kind.
  return google::protobuf::util::MessageToJsonString(message, &json).ok() ? json : "null";
}

bool IsNumber(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_MESSAGE:
    case FieldDescriptor::CPPTYPE_ENUM:
      return false;
    default:
      return true;
  }
}

// A scalar field, or its element `index` when it is repeated, in JSON.
std::string ScalarJson(const google::protobuf::Message& message, const FieldDescriptor& field,
                       int index) {
  const Reflection& get = *message.GetReflection();
  const bool repeated = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(repeated ? get.GetRepeatedInt32(message, &field, index)
                                   : get.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(repeated ? get.GetRepeatedUInt32(message, &field, index)
                                   : get.GetUInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(repeated ? get.GetRepeatedInt64(message, &field, index)
                                   : get.GetInt64(message, &field));
    case FieldDescriptor::CPPTYPE_UINT64: {
      const std::string number =
          absl::StrCat(repeated ? get.GetRepeatedUInt64(message, &field, index)
                                : get.GetUInt64(message, &field));
      return field.type() == FieldDescriptor::TYPE_FIXED64 ? Quoted(number) : number;
    }
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Finite(ExactText(repeated ? get.GetRepeatedDouble(message, &field, index)
                                       : get.GetDouble(message, &field)));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Finite(ExactText(repeated ? get.GetRepeatedFloat(message, &field, index)
                                       : get.GetFloat(message, &field)));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (repeated ? get.GetRepeatedBool(message, &field, index) : get.GetBool(message, &field))
                 ? "true"
                 : "false";
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = repeated ? get.GetRepeatedEnumValue(message, &field, index)
                                  : get.GetEnumValue(message, &field);
      const auto* value = field.enum_type()->FindValueByNumber(number);
      return value == nullptr ? absl::StrCat(number) : Quoted(value->name());
    }
    default: {
      const std::string text =
          repeated ? get.GetRepeatedString(message, &field, index) : get.GetString(message, &field);
      return Quoted(field.type() == FieldDescriptor::TYPE_BYTES ? absl::Base64Escape(text) : text);
    }
  }
}

}  // namespace

void JsonWriter::Separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (levels_.empty()) return;
  out_ << (levels_.back().empty ? "\n" : ",\n") << std::string(2 * levels_.size(), ' ');
  levels_.back().empty = false;
}

template <class Json>
void JsonWriter::Line(size_t size, const Json& json) {
  Separate();
  out_ << '[';
  for (size_t i = 0; i < size; ++i) out_ << (i == 0 ? "" : ", ") << json(i);
  out_ << ']';
}

void JsonWriter::Begin(char open, char close) {
  Separate();
  out_ << open;
  levels_.push_back({close});
}

void JsonWriter::End() {
  const Level level = levels_.back();
  levels_.pop_back();
  if (!level.empty) out_ << '\n' << std::string(2 * levels_.size(), ' ');
  out_ << level.close;
  if (levels_.empty()) out_ << '\n';
}

void JsonWriter::BeginObject() { Begin('{', '}'); }
void JsonWriter::EndObject() { End(); }
void JsonWriter::BeginArray() { Begin('[', ']'); }
void JsonWriter::EndArray() { End(); }

void JsonWriter::Key(const std::string& key) {
  Separate();
  out_ << Quoted(key) << ": ";
  after_key_ = true;
}

void JsonWriter::Raw(const std::string& json) {
  Separate();
  out_ << json;
  if (levels_.empty()) out_ << '\n';
}

void JsonWriter::String(const std::string& text) { Raw(Quoted(text)); }
void JsonWriter::Integer(int64_t number) { Raw(absl::StrCat(number)); }
void JsonWriter::Bool(bool value) { Raw(value ? "true" : "false"); }

void JsonWriter::Values(const client::Numbers& numbers) {
  Line(numbers.size(), [&](size_t i) { return Finite(ExactText(numbers, i)); });
}

void JsonWriter::Values(std::span<const double> numbers) {
  Line(numbers.size(), [&](size_t i) { return Finite(ExactText(numbers[i])); });
}

void JsonWriter::Message(const google::protobuf::Message& message) {
  if (IsWellKnown(message)) return Raw(ProtobufJson(message));
  const v1::Tensor* tensor = google::protobuf::DynamicCastToGenerated<v1::Tensor>(&message);
  BeginObject();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    if (tensor != nullptr && field.number() == v1::Tensor::kDataFieldNumber) {
      const auto numbers = client::Numbers::Make(tensor->dtype(), tensor->data());
      if (numbers.ok()) {
        Key("values");
        Values(*numbers);
        continue;
      }
    }
    Field(message, field);
  }
  EndObject();
}

void JsonWriter::Field(const google::protobuf::Message& message, const FieldDescriptor& field) {
  const Reflection& get = *message.GetReflection();
  if (field.has_presence() && !get.HasField(message, &field)) return;
  Key(field.json_name());
  if (field.is_map()) return Map(message, field);
  if (!field.is_repeated()) return FieldValue(message, field);

  const int size = get.FieldSize(message, &field);
  if (IsNumber(field)) {
    return Line(size, [&](size_t i) { return ScalarJson(message, field, static_cast<int>(i)); });
  }
  BeginArray();
  for (int i = 0; i < size; ++i) FieldValue(message, field, i);
  EndArray();
}

void JsonWriter::FieldValue(const google::protobuf::Message& message, const FieldDescriptor& field,
                            int index) {
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    return Raw(ScalarJson(message, field, index));
  }
  const Reflection& get = *message.GetReflection();
  Message(field.is_repeated() ? get.GetRepeatedMessage(message, &field, index)
                              : get.GetMessage(message, &field));
}

void JsonWriter::Map(const google::protobuf::Message& message, const FieldDescriptor& field) {
  const Reflection& get = *message.GetReflection();
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& value = *field.message_type()->map_value();
  // By key, so that equal messages are equal documents. All maps of the contract have words as
  // keys.
  std::map<std::string, const google::protobuf::Message*> entries;
  for (int i = 0; i < get.FieldSize(message, &field); ++i) {
    const google::protobuf::Message& entry = get.GetRepeatedMessage(message, &field, i);
    entries[entry.GetReflection()->GetString(entry, &key)] = &entry;
  }
  BeginObject();
  for (const auto& [name, entry] : entries) {
    Key(name);
    FieldValue(*entry, value);
  }
  EndObject();
}

}  // namespace phasic

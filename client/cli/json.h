// SPDX-License-Identifier: Apache-2.0
//
// JSON for scripts. Messages are written as protobuf's JSON mapping has them, with these
// differences:
// - counts (int64, uint64) are numbers; fixed64 (uid, incarnation, seed, digest) are strings,
// because a reader that keeps
//   numbers as doubles would round them;
// - a tensor has its numbers in "values" instead of bytes in base64;
// - fields without presence are written even when they hold their default, so that a script finds
// them. Numbers that JSON cannot say are the strings "NaN", "Infinity" and "-Infinity".
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "client/cli/numbers.h"

namespace phasic {

// Writes one JSON document to a stream, indented by two spaces. Calls must nest as the document
// does.
class JsonWriter {
 public:
  explicit JsonWriter(std::ostream& out) : out_(out) {}

  void BeginObject();
  void EndObject();
  void BeginArray();
  void EndArray();
  // The key of the value that follows, inside an object.
  void Key(const std::string& key);

  void String(const std::string& text);
  void Integer(int64_t number);
  void Bool(bool value);
  // All the values in one line.
  void Values(const client::Numbers& numbers);
  void Values(std::span<const double> numbers);
  void Message(const google::protobuf::Message& message);

 private:
  struct Level {
    char close;
    bool empty = true;
  };

  // What comes before a value or key: comma, new line, indentation; nothing after a key.
  void Separate();
  // Elements in one line; `json` gives each.
  template <class Json>
  void Line(size_t size, const Json& json);
  void Begin(char open, char close);
  void End();
  // A value already in JSON.
  void Raw(const std::string& json);
  void Field(const google::protobuf::Message& message,
             const google::protobuf::FieldDescriptor& field);
  // The value of a field, or of its element `index` when it is repeated.
  void FieldValue(const google::protobuf::Message& message,
                  const google::protobuf::FieldDescriptor& field, int index = -1);
  void Map(const google::protobuf::Message& message,
           const google::protobuf::FieldDescriptor& field);

  std::ostream& out_;
  std::vector<Level> levels_;
  bool after_key_ = false;
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "server/convert/json.h"

#include "google/protobuf/util/json_util.h"

namespace phasic::convert {

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
  return status.ok() ? text : "";
}

bool FromJson(const std::string& text, google::protobuf::Message* message) {
  return google::protobuf::util::JsonStringToMessage(text, message).ok();
}

}  // namespace phasic::convert

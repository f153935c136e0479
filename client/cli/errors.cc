// SPDX-License-Identifier: Apache-2.0
#include "client/cli/errors.h"

#include <string>

#include "client/cpp/error.h"

namespace phasic {
namespace {

// Writes `message` under `key` when it says anything.
void WriteDetail(const char* key, const google::protobuf::Message& message, JsonWriter& writer) {
  if (message.ByteSizeLong() == 0) return;
  writer.Key(key);
  writer.Message(message);
}

}  // namespace

Exit ExitOf(const absl::Status& status) {
  if (status.ok()) return Exit::kOk;
  if (client::IsUnanswered(status)) return Exit::kUnreachable;
  if (client::DetailsOf(status).has_value()) return Exit::kRefused;
  return absl::IsInvalidArgument(status) ? Exit::kUsage : Exit::kRefused;
}

void WriteError(const absl::Status& status, JsonWriter& writer) {
  const client::ErrorDetails details = client::DetailsOf(status).value_or(client::ErrorDetails());
  writer.BeginObject();
  writer.Key("error");
  writer.BeginObject();
  writer.Key("code");
  writer.String(absl::StatusCodeToString(status.code()));
  writer.Key("reason");
  writer.String(details.info.reason());
  writer.Key("message");
  writer.String(std::string(status.message()));
  writer.Key("details");
  writer.BeginObject();
  WriteDetail("errorInfo", details.info, writer);
  WriteDetail("badRequest", details.bad_request, writer);
  WriteDetail("resourceInfo", details.resource, writer);
  WriteDetail("retryInfo", details.retry, writer);
  WriteDetail("quotaFailure", details.quota, writer);
  WriteDetail("preconditionFailure", details.precondition, writer);
  writer.EndObject();
  writer.EndObject();
  writer.EndObject();
}

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "client/cli/errors.h"

#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "client/cli/numbers.h"
#include "phasic/rpc/error_details.pb.h"

namespace phasic {
namespace {

// The server's mark. Its value is the serialised phasic.rpc.Status of the error, empty when it had
// none.
constexpr char kServerMark[] = "type.googleapis.com/phasic.rpc.Status";
// The mark of a call that nobody answered.
constexpr char kUnreachableMark[] = "phasic/unreachable";

// Every kind of detail that an error may carry; absent kinds are empty messages.
struct Details {
  rpc::ErrorInfo info;
  rpc::BadRequest bad_request;
  rpc::ResourceInfo resource;
  rpc::RetryInfo retry;
  rpc::QuotaFailure quota;
  rpc::PreconditionFailure precondition;
};

template <class Message>
bool Unpack(const google::protobuf::Any& any, const char* name, Message* message) {
  return any.type_url() == absl::StrCat("type.googleapis.com/google.rpc.", name) &&
         message->ParseFromString(any.value());
}

Details ParseDetails(const std::string& bytes) {
  Details details;
  rpc::Status status;
  if (!status.ParseFromString(bytes)) return details;
  for (const google::protobuf::Any& any : status.details()) {
    Unpack(any, "ErrorInfo", &details.info) || Unpack(any, "BadRequest", &details.bad_request) ||
        Unpack(any, "ResourceInfo", &details.resource) ||
        Unpack(any, "RetryInfo", &details.retry) || Unpack(any, "QuotaFailure", &details.quota) ||
        Unpack(any, "PreconditionFailure", &details.precondition);
  }
  return details;
}

std::optional<Details> DetailsOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kServerMark);
  if (!payload.has_value()) return std::nullopt;
  return ParseDetails(std::string(*payload));
}

std::string Line(const std::string& subject, const std::string& text) {
  return subject.empty() ? text : absl::StrCat(subject, ": ", text);
}

double Seconds(const google::protobuf::Duration& duration) {
  return static_cast<double>(duration.seconds()) + duration.nanos() * 1e-9;
}

// Writes `message` under `key` when it says anything.
void WriteDetail(const char* key, const google::protobuf::Message& message, JsonWriter& writer) {
  if (message.ByteSizeLong() == 0) return;
  writer.Key(key);
  writer.Message(message);
}

}  // namespace

absl::Status FromServer(const grpc::Status& status) {
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  result.SetPayload(kServerMark, absl::Cord(status.error_details()));
  return result;
}

absl::Status Unreachable(absl::StatusCode code, const std::string& message) {
  absl::Status result(code, message);
  result.SetPayload(kUnreachableMark, absl::Cord());
  return result;
}

bool IsUnreachable(const grpc::Status& status) {
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE &&
      status.error_code() != grpc::StatusCode::DEADLINE_EXCEEDED) {
    return false;
  }
  return ParseDetails(status.error_details()).info.reason().empty();
}

std::string ReasonOf(const absl::Status& status) {
  const std::optional<Details> details = DetailsOf(status);
  return details.has_value() ? details->info.reason() : std::string();
}

Exit ExitOf(const absl::Status& status) {
  if (status.ok()) return Exit::kOk;
  if (status.GetPayload(kUnreachableMark).has_value()) return Exit::kUnreachable;
  if (status.GetPayload(kServerMark).has_value()) return Exit::kRefused;
  return absl::IsInvalidArgument(status) ? Exit::kUsage : Exit::kRefused;
}

std::string ErrorText(const absl::Status& status) {
  const std::optional<Details> details = DetailsOf(status);
  if (!details.has_value()) return std::string(status.message());

  std::string text = absl::StatusCodeToString(status.code());
  if (!details->info.reason().empty()) absl::StrAppend(&text, " ", details->info.reason());
  const auto& violations = details->bad_request.field_violations();
  if (violations.empty()) {
    absl::StrAppend(&text, ": ", std::string(status.message()));
  } else if (violations.size() == 1) {
    absl::StrAppend(&text, ": ", Line(violations[0].field(), violations[0].description()));
  } else {
    // The message says no more than these.
    absl::StrAppend(&text, ": ", violations.size(), " fields are wrong");
    for (const auto& violation : violations) {
      absl::StrAppend(&text, "\n  ", Line(violation.field(), violation.description()));
    }
  }
  const std::map<std::string, std::string> metadata(details->info.metadata().begin(),
                                                    details->info.metadata().end());
  for (const auto& [key, value] : metadata) absl::StrAppend(&text, "\n  ", Line(key, value));
  for (const auto& violation : details->quota.violations()) {
    absl::StrAppend(&text, "\n  ", Line(violation.subject(), violation.description()));
  }
  for (const auto& violation : details->precondition.violations()) {
    absl::StrAppend(&text, "\n  ", Line(violation.subject(), violation.description()));
  }
  if (details->retry.has_retry_delay()) {
    absl::StrAppend(&text, "\n  try again in ", SecondsText(Seconds(details->retry.retry_delay())));
  }
  return text;
}

void WriteError(const absl::Status& status, JsonWriter& writer) {
  const Details details = DetailsOf(status).value_or(Details());
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

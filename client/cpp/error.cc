// SPDX-License-Identifier: Apache-2.0
#include "client/cpp/error.h"

#include <map>

#include "absl/strings/str_cat.h"

namespace phasic::client {
namespace {

// The server's mark. Its value is the serialised phasic.rpc.Status of the error.
constexpr char kServerMark[] = "type.googleapis.com/phasic.rpc.Status";

template <class Message>
bool Unpack(const google::protobuf::Any& any, const char* name, Message* message) {
  return any.type_url() == absl::StrCat("type.googleapis.com/google.rpc.", name) &&
         message->ParseFromString(any.value());
}

std::string Line(const std::string& subject, const std::string& text) {
  return subject.empty() ? text : absl::StrCat(subject, ": ", text);
}

}  // namespace

std::optional<ErrorDetails> DetailsOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kServerMark);
  if (!payload.has_value()) return std::nullopt;
  ErrorDetails details;
  rpc::Status error;
  if (!error.ParseFromString(std::string(*payload))) return details;
  for (const google::protobuf::Any& any : error.details()) {
    Unpack(any, "ErrorInfo", &details.info) || Unpack(any, "BadRequest", &details.bad_request) ||
        Unpack(any, "ResourceInfo", &details.resource) ||
        Unpack(any, "RetryInfo", &details.retry) || Unpack(any, "QuotaFailure", &details.quota) ||
        Unpack(any, "PreconditionFailure", &details.precondition);
  }
  return details;
}

std::string ReasonOf(const absl::Status& status) {
  const std::optional<ErrorDetails> details = DetailsOf(status);
  return details.has_value() ? details->info.reason() : std::string();
}

std::optional<absl::Duration> RetryDelayOf(const absl::Status& status) {
  const std::optional<ErrorDetails> details = DetailsOf(status);
  if (!details.has_value() || !details->retry.has_retry_delay()) return std::nullopt;
  const google::protobuf::Duration& delay = details->retry.retry_delay();
  return absl::Seconds(delay.seconds()) + absl::Nanoseconds(delay.nanos());
}

bool IsUnanswered(const absl::Status& status) {
  // gRPC itself gives these two, without a reason, when no server answers.
  return (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) &&
         ReasonOf(status).empty();
}

std::string ErrorText(const absl::Status& status) {
  const std::optional<ErrorDetails> details = DetailsOf(status);
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
  if (const std::optional<absl::Duration> delay = RetryDelayOf(status)) {
    absl::StrAppend(&text, "\n  try again in ", absl::FormatDuration(*delay));
  }
  return text;
}

absl::Status ToStatus(const rpc::Status& error) {
  absl::Status status(static_cast<absl::StatusCode>(error.code()), error.message());
  status.SetPayload(kServerMark, absl::Cord(error.SerializeAsString()));
  return status;
}

}  // namespace phasic::client

// SPDX-License-Identifier: Apache-2.0
#include "server/convert/status.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "phasic/rpc/error_details.pb.h"
#include "server/agents/errors.h"

namespace phasic::convert {
namespace {

constexpr size_t kMaxMessage = 1'024;
constexpr size_t kMaxText = 256;          // of a field's path or description
constexpr size_t kMaxViolations = 3'072;  // bytes of all violations of an error

// At most so many bytes, cut between characters and marked.
std::string Cut(const std::string& text, size_t size) {
  if (text.size() <= size) return text;
  size_t end = size - 3;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

void Pack(const std::string& type, const google::protobuf::Message& detail, rpc::Status* status) {
  google::protobuf::Any* any = status->add_details();
  any->set_type_url("type.googleapis.com/google.rpc." + type);
  any->set_value(detail.SerializeAsString());
}

void AddErrorInfo(const ErrorDetails& details, rpc::Status* status) {
  rpc::ErrorInfo info;
  // An error that nobody has given a reason is a fault of ours.
  info.set_reason(details.reason.empty() ? "UNKNOWN" : details.reason);
  info.set_domain("phasic");
  for (const auto& [key, value] : details.metadata) {
    const bool of_its_own =
        key == errors::kResource || key == errors::kResourceType || key == errors::kRetryMs;
    if (!of_its_own) (*info.mutable_metadata())[key] = Cut(value, kMaxText);
  }
  Pack("ErrorInfo", info, status);
}

// Calls add(field, description) for as many violations as fit, and for the count of those that do
// not.
template <class Add>
void AddViolations(const std::vector<Violation>& violations, const Add& add) {
  size_t bytes = 0;
  for (size_t i = 0; i < violations.size(); ++i) {
    const std::string field = Cut(violations[i].field, kMaxText);
    const std::string description = Cut(violations[i].description, kMaxText);
    bytes += field.size() + description.size() + 8;
    if (bytes > kMaxViolations) {
      return add("", absl::StrCat("and ", violations.size() - i, " more"));
    }
    add(field, description);
  }
}

void AddViolations(const ErrorDetails& details, rpc::Status* status) {
  if (details.violations.empty()) return;
  switch (static_cast<absl::StatusCode>(status->code())) {
    case absl::StatusCode::kInvalidArgument: {
      rpc::BadRequest request;
      AddViolations(details.violations, [&](const std::string& field, const std::string& text) {
        auto* violation = request.add_field_violations();
        violation->set_field(field);
        violation->set_description(text);
      });
      return Pack("BadRequest", request, status);
    }
    case absl::StatusCode::kResourceExhausted: {
      rpc::QuotaFailure failure;
      AddViolations(details.violations, [&](const std::string& subject, const std::string& text) {
        auto* violation = failure.add_violations();
        violation->set_subject(subject);
        violation->set_description(text);
      });
      return Pack("QuotaFailure", failure, status);
    }
    case absl::StatusCode::kFailedPrecondition: {
      rpc::PreconditionFailure failure;
      AddViolations(details.violations, [&](const std::string& subject, const std::string& text) {
        auto* violation = failure.add_violations();
        violation->set_type(details.reason);
        violation->set_subject(subject);
        violation->set_description(text);
      });
      return Pack("PreconditionFailure", failure, status);
    }
    default:
      return;
  }
}

void AddResourceInfo(const ErrorDetails& details, rpc::Status* status) {
  const auto name = details.metadata.find(errors::kResource);
  if (name == details.metadata.end()) return;
  rpc::ResourceInfo info;
  info.set_resource_name(Cut(name->second, kMaxText));
  const auto type = details.metadata.find(errors::kResourceType);
  if (type != details.metadata.end()) info.set_resource_type(type->second);
  info.set_description(Cut(status->message(), kMaxText));
  Pack("ResourceInfo", info, status);
}

void AddRetryInfo(const ErrorDetails& details, rpc::Status* status) {
  const auto delay = details.metadata.find(errors::kRetryMs);
  int64_t ms = 0;
  if (delay == details.metadata.end() || !absl::SimpleAtoi(delay->second, &ms)) return;
  rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(ms / 1'000);
  info.mutable_retry_delay()->set_nanos(static_cast<int>(ms % 1'000 * 1'000'000));
  Pack("RetryInfo", info, status);
}

}  // namespace

void ToProto(const absl::Status& status, rpc::Status* proto) {
  proto->Clear();
  if (status.ok()) return;
  const ErrorDetails details = DetailsOf(status);
  proto->set_code(static_cast<int>(status.code()));
  proto->set_message(Cut(std::string(status.message()), kMaxMessage));
  AddErrorInfo(details, proto);
  AddViolations(details, proto);
  AddResourceInfo(details, proto);
  AddRetryInfo(details, proto);
}

}  // namespace phasic::convert

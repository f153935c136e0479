// SPDX-License-Identifier: Apache-2.0
//
// What went wrong with a call. The absl::Status of a failed call has the server's code and message;
// the functions here read the details that came with it. An error of the server has changed
// nothing there.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "phasic/rpc/error_details.pb.h"

namespace phasic::client {

// Every kind of detail that an error may carry; absent kinds are empty messages.
struct ErrorDetails {
  rpc::ErrorInfo info;          // the reason ("STEP_MISMATCH") and its metadata ({"step": "17"})
  rpc::BadRequest bad_request;  // each faulty field of an INVALID_ARGUMENT
  rpc::ResourceInfo resource;
  rpc::RetryInfo retry;
  rpc::QuotaFailure quota;
  rpc::PreconditionFailure precondition;
};

// The details of an error of the server; nothing when the server did not say it.
std::optional<ErrorDetails> DetailsOf(const absl::Status& status);

// The reason that the server gave, e.g. "AGENT_NOT_FOUND"; empty without one.
std::string ReasonOf(const absl::Status& status);

// How long the server asks to wait before another try; nothing when it does not.
std::optional<absl::Duration> RetryDelayOf(const absl::Status& status);

// True when no server answered: it was not reached, went away, or was silent for too long. Then
// the call may have been done all the same.
bool IsUnanswered(const absl::Status& status);

// The error for people: the first line says code, reason and fault; further lines, indented, give
// the other details. E.g. `INVALID_ARGUMENT BAD_OBSERVATION: observation: 3 values, but port
// "observation" takes 4`.
std::string ErrorText(const absl::Status& status);

// An error that came inside of a message: of an item of a batch or stream.
absl::Status ToStatus(const rpc::Status& error);

}  // namespace phasic::client

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace phasic {

// A field that is not as it must be, e.g. {"populations[1].size", "is 0, but must be at least 1"}.
struct Violation {
  std::string field;
  std::string description;
};

// What an error says to programs beside its code and message. It rides in the absl::Status.
struct ErrorDetails {
  std::string reason;                           // UPPER_SNAKE
  std::vector<Violation> violations;            // faulty fields
  std::map<std::string, std::string> metadata;  // e.g. {"step", "17"}
};

// An error with details. The message should make sense to a person who reads nothing else.
absl::Status MakeError(absl::StatusCode code, const std::string& message,
                       const ErrorDetails& details);

// The details of an error made by MakeError; empty for any other.
ErrorDetails DetailsOf(const absl::Status& status);

// INVALID_ARGUMENT for one field; the message is "field: description".
absl::Status InvalidField(const std::string& reason, const std::string& field,
                          const std::string& description);

// INVALID_ARGUMENT for several fields; the message names them all, or the first ten and a count.
absl::Status InvalidFields(const std::string& reason, std::vector<Violation> violations);

}  // namespace phasic

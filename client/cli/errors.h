// SPDX-License-Identifier: Apache-2.0
//
// What went wrong, for people (stderr), for scripts (--json) and for the shell (the exit code).
//
// A status made by FromServer carries the server's mark and, in it, the details that came with the
// error. Without that mark, INVALID_ARGUMENT is a fault of the command line, and anything else is
// an answer that makes no sense.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "client/cli/json.h"

namespace phasic {

// The exit codes. Help documents them; scripts rely on them.
enum class Exit {
  kOk = 0,
  kRefused = 1,      // the server answered with an error, or with nonsense
  kUsage = 2,        // the command line, or a file that it names, is wrong
  kUnreachable = 3,  // no server there, or no answer in time
};

// A failed call. Its code and message are the server's.
absl::Status FromServer(const grpc::Status& status);

// The same for a call that got no answer: `message` says from whom and why.
absl::Status Unreachable(absl::StatusCode code, const std::string& message);

// True when no server answered: gRPC itself, and not a phasic server, gave up.
bool IsUnreachable(const grpc::Status& status);

// The reason that the server gave, e.g. "AGENT_NOT_FOUND"; empty without one.
std::string ReasonOf(const absl::Status& status);

// The exit code of an error.
Exit ExitOf(const absl::Status& status);

// The text for people: the first line says code, reason and fault; further lines, indented, give
// the other details. E.g. `INVALID_ARGUMENT BAD_OBSERVATION: observation: 3 values, but port
// "observation" takes 4`.
std::string ErrorText(const absl::Status& status);

// {"error": {"code", "reason", "message", "details"}}
void WriteError(const absl::Status& status, JsonWriter& writer);

}  // namespace phasic

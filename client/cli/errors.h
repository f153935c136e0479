// SPDX-License-Identifier: Apache-2.0
//
// What went wrong, for scripts (--json) and for the shell (the exit code). Of an error that no
// server said, INVALID_ARGUMENT is a fault of the command line, and anything else is an answer that
// makes no sense.
#pragma once

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

// The exit code of an error.
Exit ExitOf(const absl::Status& status);

// {"error": {"code", "reason", "message", "details"}}
void WriteError(const absl::Status& status, JsonWriter& writer);

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// Where the bytes of whole files go to and come from: agents that are exported and imported, and
// backups of a store.
#pragma once

#include <functional>
#include <istream>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace phasic::client {

// Takes the next bytes of a file. An error ends the call, which gives it back.
using Sink = std::function<absl::Status(const std::string& bytes)>;

// Gives the next bytes of a file, a few MiB at most; none at its end. Errors as of Sink.
using Source = std::function<absl::StatusOr<std::string>()>;

// Into and out of a stream, which must last as long as the result. DATA_LOSS when it fails; what it
// keeps back until it is flushed, it may still fail to write then.
Sink Into(std::ostream& out);
Source From(std::istream& in);

}  // namespace phasic::client

// SPDX-License-Identifier: Apache-2.0
//
// The files that a command line names. "-" is standard input or output. Faults name the file and
// are INVALID_ARGUMENT.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "client/cpp/transfer.h"

namespace phasic {

// A file's name for people.
std::string FileText(const std::string& path);

// All of a file.
absl::StatusOr<std::string> ReadAll(const std::string& path);

// A file part by part.
absl::StatusOr<client::Source> ReadParts(const std::string& path);

// What a call writes into a Sink, as a file that is whole or not there: until the call is done, a
// file that is at the path stays as it is. Devices and pipes are written as the bytes come. Tells
// the name and the size.
absl::StatusOr<Exit> SaveAs(const Context& context, const std::string& path,
                            const std::function<absl::Status(const client::Sink&)>& call);

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"

// Every error of a store that the caller did not cause. Each names the file.
namespace phasic::store {

inline constexpr char kUnavailable[] = "STORE_UNAVAILABLE";
inline constexpr char kCorrupt[] = "STORE_CORRUPT";
inline constexpr char kConflict[] = "STORE_CONFLICT";
inline constexpr char kRefused[] = "STORE_REFUSED";

// UNAVAILABLE: the disk is full or at fault; it may pass.
absl::Status Unavailable(const std::string& path, const std::string& what);
// DATA_LOSS: what was read is not what was written. `what` names the table and row.
absl::Status Corrupt(const std::string& path, const std::string& what);
// ABORTED: another wrote what this process thought was its own.
absl::Status Conflict(const std::string& path, const std::string& what);
// FAILED_PRECONDITION: the file cannot be opened by this process as it is.
absl::Status Refused(const std::string& path, const std::string& what);

// Whether a Commit that failed so has changed nothing, and the store can be relied on all the same.
bool IsCallersFault(const absl::Status& status);

}  // namespace phasic::store

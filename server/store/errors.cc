// SPDX-License-Identifier: Apache-2.0
#include "server/store/errors.h"

#include "absl/strings/str_cat.h"
#include "core/base/errors.h"

namespace phasic::store {
namespace {

using absl::StatusCode;

absl::Status Fault(StatusCode code, const char* reason, const std::string& path,
                   const std::string& what) {
  return MakeError(code, absl::StrCat("the store ", path, ": ", what), {reason, {}, {}});
}

}  // namespace

absl::Status Unavailable(const std::string& path, const std::string& what) {
  return Fault(StatusCode::kUnavailable, kUnavailable, path, what);
}

absl::Status Corrupt(const std::string& path, const std::string& what) {
  return Fault(StatusCode::kDataLoss, kCorrupt, path, what);
}

absl::Status Conflict(const std::string& path, const std::string& what) {
  return Fault(StatusCode::kAborted, kConflict, path, what);
}

absl::Status Refused(const std::string& path, const std::string& what) {
  return Fault(StatusCode::kFailedPrecondition, kRefused, path, what);
}

bool IsCallersFault(const absl::Status& status) {
  switch (status.code()) {
    case StatusCode::kAborted:
    case StatusCode::kAlreadyExists:
    case StatusCode::kNotFound:
    case StatusCode::kInvalidArgument:
      return true;
    default:
      return false;
  }
}

}  // namespace phasic::store

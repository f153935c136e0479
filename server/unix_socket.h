// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace phasic {

// The right to listen at a path, for as long as it lives. gRPC alone would remove whatever socket
// lies there, so a second server would silently take the path from the first.
class SocketClaim {
 public:
  // Removes a socket that a dead server has left. FAILED_PRECONDITION when one that lives listens
  // there, or when something else lies there. Two servers that start at once are told apart by a
  // lock on PATH.lock, which stays.
  static absl::StatusOr<SocketClaim> Take(const std::string& path);

  SocketClaim() = default;
  SocketClaim(SocketClaim&& other) noexcept;
  SocketClaim& operator=(SocketClaim&& other) noexcept;
  ~SocketClaim();

 private:
  explicit SocketClaim(int lock) : lock_(lock) {}
  int lock_ = -1;  // the file descriptor
};

}  // namespace phasic

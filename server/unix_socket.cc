// SPDX-License-Identifier: Apache-2.0
#include "server/unix_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"

namespace phasic {
namespace {

absl::Status Refused(const std::string& path, const std::string& why) {
  return absl::FailedPreconditionError(absl::StrCat("cannot listen on unix:", path, ": ", why));
}

// OK when the path is free, or was the socket of a dead server and has been removed.
absl::Status FreePath(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) {
    return errno == ENOENT ? absl::OkStatus() : Refused(path, std::strerror(errno));
  }
  if (!S_ISSOCK(status.st_mode)) return Refused(path, "something that is no socket lies there");
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return Refused(path, std::strerror(errno));
  const int result = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int fault = errno;
  close(probe);
  if (result == 0) return Refused(path, "another server listens there");
  if (fault != ECONNREFUSED) return Refused(path, std::strerror(fault));
  if (unlink(path.c_str()) != 0) return Refused(path, std::strerror(errno));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SocketClaim> SocketClaim::Take(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Refused(
        path, absl::StrCat("the path may have at most ", sizeof address.sun_path - 1, " bytes"));
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  SocketClaim claim(open((path + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  if (claim.lock_ < 0) return Refused(path, std::strerror(errno));
  if (flock(claim.lock_, LOCK_EX | LOCK_NB) != 0) {
    return Refused(path, "another server listens there");
  }
  RETURN_IF_ERROR(FreePath(path, address));
  return claim;
}

SocketClaim::SocketClaim(SocketClaim&& other) noexcept : lock_(std::exchange(other.lock_, -1)) {}

SocketClaim& SocketClaim::operator=(SocketClaim&& other) noexcept {
  std::swap(lock_, other.lock_);
  return *this;
}

SocketClaim::~SocketClaim() {
  if (lock_ >= 0) close(lock_);
}

}  // namespace phasic

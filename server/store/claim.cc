// SPDX-License-Identifier: Apache-2.0
#include "server/store/claim.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/store/errors.h"

namespace phasic::store {
namespace {

namespace fs = std::filesystem;

// With all of those above it; each is synced into the one that it is made in.
absl::Status MakeFolder(const fs::path& folder) {
  std::vector<fs::path> missing;
  std::error_code fault;
  for (fs::path at = folder; !at.empty() && !fs::exists(at, fault); at = at.parent_path()) {
    missing.push_back(at);
  }
  for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
    fs::create_directory(*at, fault);
    if (fault) {
      return Unavailable(folder.string(), absl::StrCat("cannot make it: ", fault.message()));
    }
    RETURN_IF_ERROR(SyncFolderOf(at->string()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SyncFolderOf(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Unavailable(path, absl::StrCat("its folder: ", std::strerror(errno)));
  const int result = fsync(fd);
  const int fault = errno;
  close(fd);
  if (result == 0) return absl::OkStatus();
  return Unavailable(path, absl::StrCat("its folder: ", std::strerror(fault)));
}

absl::StatusOr<Claim> Claim::Take(const std::string& path) {
  RETURN_IF_ERROR(MakeFolder(fs::path(path).parent_path()));
  std::error_code fault;
  const std::string real = fs::weakly_canonical(path, fault).string();
  if (fault) return Unavailable(path, fault.message());
  Claim claim(real, open((real + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  if (claim.lock_ < 0) {
    return Unavailable(real, absl::StrCat("cannot make its lock: ", std::strerror(errno)));
  }
  if (flock(claim.lock_, LOCK_EX | LOCK_NB) != 0) {
    return Refused(real, "another process has it open");
  }
  return claim;
}

Claim::Claim(Claim&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

Claim::~Claim() {
  if (lock_ >= 0) close(lock_);
}

}  // namespace phasic::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace phasic::store {

// The right to have a store open, for as long as it lives: a lock on PATH.lock, which stays.
class Claim {
 public:
  // Makes the folder if there is none. FAILED_PRECONDITION when another process has the store open.
  static absl::StatusOr<Claim> Take(const std::string& path);

  Claim(Claim&& other) noexcept;
  Claim& operator=(Claim&&) = delete;
  ~Claim();

  const std::string& path() const { return path_; }  // without links, the same for all processes

 private:
  Claim(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_;  // the file descriptor
};

// A name in a folder survives the loss of power only when the folder was synced after it was made.
absl::Status SyncFolderOf(const std::string& path);

}  // namespace phasic::store

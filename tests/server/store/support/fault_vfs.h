// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace phasic::store::testing {

// SQLite's file layer on a bad day: its writes fail when they are told to, and it remembers what a
// disk would have if the power went now. Registered under its name for as long as it lives.
class FaultVfs {
 public:
  explicit FaultVfs(const std::string& name);
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  const std::string& name() const { return name_; }

  // The `n`-th write, sync or truncation from now on fails (0 is the next), and then all that
  // follow, if they are of the `kinds` given, until Heal. A write that fails has written its first
  // half.
  enum Kind { kWrite = 1, kSync = 2, kTruncate = 4, kAll = 7 };
  void FailFrom(int64_t n, int code, int kinds = kAll);
  void Heal();
  int64_t operations() const;  // writes, syncs and truncations so far
  bool failed() const;         // since FailFrom

  // Writes what the disk might hold after the loss of power into `folder`: of each file what was
  // synced, and of what was written since each write or not, the last of those in part.
  void WriteDisk(const std::string& folder, std::mt19937_64* random) const;

  // The methods of its files.
  int Before(Kind kind);
  void Wrote(const std::string& path, const void* data, int64_t size, int64_t offset);
  void Truncated(const std::string& path, int64_t size);
  void Synced(const std::string& path, bool failed);
  void Opened(const std::string& path);
  void Deleted(const std::string& path);

 private:
  // Something that was not synced: bytes, or the file's end when there are none.
  struct Pending {
    int64_t offset;
    std::string bytes;
    bool truncates;
  };
  struct File {
    std::string synced;
    std::vector<Pending> pending;
  };
  static void Apply(const Pending& pending, size_t bytes, std::string* image);

  const std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  mutable std::mutex mutex_;
  std::map<std::string, File> files_;  // by path
  int64_t operations_ = 0;
  int64_t fail_at_ = -1;
  int code_ = SQLITE_OK, kinds_ = 0;
  bool failed_ = false;
};

}  // namespace phasic::store::testing

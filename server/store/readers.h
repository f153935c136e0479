// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/sync.h"
#include "server/store/sqlite.h"

namespace phasic::store {

// Connections for reading, opened when one is wanted and none is free. Thread-safe.
class Readers {
 public:
  Readers(std::string path, std::string vfs) : path_(std::move(path)), vfs_(std::move(vfs)) {}

  // A connection, until it ends.
  class Lease {
   public:
    Lease(Readers* readers, std::unique_ptr<Database> database)
        : readers_(readers), database_(std::move(database)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (database_ != nullptr) readers_->Return(std::move(database_));
    }
    Database* get() const { return database_.get(); }
    Database* operator->() const { return database_.get(); }

   private:
    Readers* readers_;
    std::unique_ptr<Database> database_;
  };
  absl::StatusOr<Lease> Take();

  // Breaks off what is being read, which ends UNAVAILABLE, and closes connections as they come
  // back.
  void Renew();

 private:
  static constexpr size_t kKept = 4;

  void Return(std::unique_ptr<Database> database);

  const std::string path_, vfs_;
  Mutex mutex_;
  std::vector<std::unique_ptr<Database>> free_ PHASIC_GUARDED_BY(mutex_);
  std::vector<Database*> taken_ PHASIC_GUARDED_BY(mutex_);
  std::vector<Database*> old_ PHASIC_GUARDED_BY(mutex_);  // taken, and not to be used again
};

}  // namespace phasic::store

// SPDX-License-Identifier: Apache-2.0
#include "server/store/readers.h"

#include <sqlite3.h>

namespace phasic::store {

absl::StatusOr<Readers::Lease> Readers::Take() {
  std::unique_ptr<Database> database;
  {
    MutexLock lock(mutex_);
    if (!free_.empty()) {
      database = std::move(free_.back());
      free_.pop_back();
    }
  }
  if (database == nullptr) {
    ASSIGN_OR_RETURN(database, Database::Open(path_, vfs_, Database::Mode::kRead));
  }
  MutexLock lock(mutex_);
  // With room to come back, so that nothing on the way back can fail.
  taken_.reserve(taken_.size() + 1);
  old_.reserve(old_.size() + taken_.size() + 1);
  free_.reserve(kKept);
  taken_.push_back(database.get());
  return Lease(this, std::move(database));
}

void Readers::Return(std::unique_ptr<Database> database) {
  MutexLock lock(mutex_);
  if (std::erase(old_, database.get()) > 0) return;
  std::erase(taken_, database.get());
  if (free_.size() < kKept) free_.push_back(std::move(database));
}

void Readers::Renew() {
  MutexLock lock(mutex_);
  free_.clear();
  for (Database* const database : taken_) {
    sqlite3_interrupt(database->handle());
    old_.push_back(database);
  }
  taken_.clear();
}

}  // namespace phasic::store

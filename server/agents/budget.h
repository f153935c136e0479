// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "server/base/sync.h"

namespace phasic {

// A bounded amount of places and bytes. Room is taken before anything is allocated and comes back
// when its holder ends, so admission goes by memory that is really held. May be called from any
// thread; must outlive its rooms.
class Budget {
 public:
  // Some bytes and places of a budget, until it ends.
  class Room {
   public:
    Room() = default;
    Room(Room&& other) noexcept { *this = std::move(other); }
    Room& operator=(Room&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(bytes_, other.bytes_);
      std::swap(places_, other.places_);
      return *this;
    }
    ~Room() {
      if (budget_ != nullptr) budget_->Return(bytes_, places_);
    }

   private:
    friend class Budget;
    Room(Budget* budget, int64_t bytes, int places)
        : budget_(budget), bytes_(bytes), places_(places) {}
    Budget* budget_ = nullptr;
    int64_t bytes_ = 0;
    int places_ = 0;
  };

  struct Use {
    int64_t places = 0, bytes = 0;
  };

  Budget(int64_t max_places, int64_t max_bytes) : max_places_(max_places), max_bytes_(max_bytes) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // Nothing when there is no such room.
  std::optional<Room> Take(int64_t bytes, int places = 1) PHASIC_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (use_.places > max_places_ - places || use_.bytes > max_bytes_ - bytes) return std::nullopt;
    use_.places += places;
    use_.bytes += bytes;
    return Room(this, bytes, places);
  }
  Use use() const PHASIC_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return use_;
  }

 private:
  void Return(int64_t bytes, int places) PHASIC_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    use_.places -= places;
    use_.bytes -= bytes;
  }

  const int64_t max_places_, max_bytes_;
  mutable Mutex mutex_;
  Use use_ PHASIC_GUARDED_BY(mutex_);
};

}  // namespace phasic

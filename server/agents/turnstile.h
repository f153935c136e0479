// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>

#include "server/agents/sync.h"

namespace phasic {

// How long a caller is willing to wait.
struct Patience {
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  // True when nobody waits for the answer any more. Asked before a wait and during it, with no lock
  // held. Empty: never.
  std::function<bool()> gone;
};

// One caller at a time, in the order of arrival, never past a deadline. All methods may be called
// from any thread.
//
// Not a mutex: a mutex is not fair and knows no deadline. The first in line gets the turn handed
// over, so a caller that comes later cannot overtake it. A deadline or a caller that has gone
// counts until the turn begins; it never ends a turn.
class Turnstile {
 public:
  enum class Entry : uint8_t {
    kEntered,   // the turn is the caller's, who must call Leave
    kFull,      // too many wait already
    kDeadline,  // passed before the turn came
    kGone,      // Patience::gone said so before the turn came
    kClosed,    // by Close
  };

  explicit Turnstile(int max_waiting) : max_waiting_(max_waiting) {}
  Turnstile(const Turnstile&) = delete;
  Turnstile& operator=(const Turnstile&) = delete;

  [[nodiscard]] Entry Enter(const Patience& patience) PHASIC_EXCLUDES(mutex_);
  void Leave() PHASIC_EXCLUDES(mutex_);
  // Turns away all who wait and all who come later. Who has the turn keeps it.
  void Close() PHASIC_EXCLUDES(mutex_);
  // How many are in line.
  size_t waiting() const PHASIC_EXCLUDES(mutex_);
  int64_t max_waiting() const { return static_cast<int64_t>(max_waiting_); }

 private:
  struct Waiter {
    CondVar called;
    bool granted = false;
  };
  using Place = std::list<Waiter>::iterator;

  Entry Wait(Place self, const Patience& patience) PHASIC_REQUIRES(mutex_);
  bool IsGone(const Patience& patience) PHASIC_REQUIRES(mutex_);
  void HandOver() PHASIC_REQUIRES(mutex_);

  const size_t max_waiting_;
  mutable Mutex mutex_;
  bool taken_ PHASIC_GUARDED_BY(mutex_) = false;
  bool closed_ PHASIC_GUARDED_BY(mutex_) = false;
  std::list<Waiter> waiting_ PHASIC_GUARDED_BY(mutex_);
};

}  // namespace phasic

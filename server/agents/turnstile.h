// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>

#include "server/agents/limits.h"
#include "server/base/sync.h"

namespace phasic {

// How long a caller is willing to wait.
struct Patience {
  using Time = std::chrono::steady_clock::time_point;
  static constexpr Time kNoDeadline = Time::max();
  Time deadline = kNoDeadline;
  // True when nobody waits for the answer any more. Asked before a wait and during it, with no lock
  // held. Empty: never.
  std::function<bool()> gone;

  // The deadline; if there is none, as long from now as any call may wait.
  Time By() const {
    return deadline != kNoDeadline ? deadline
                                   : std::chrono::steady_clock::now() +
                                         std::chrono::seconds(limits::kUnaryDeadlineSeconds);
  }
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

  // Who waits in line without a thread of its own.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    // kEntered: the turn is the waiter's, who must see that Leave is called, whatever became of its
    // deadline. kClosed: it never will be. Called once, under the turnstile's lock: hands the news
    // on and returns.
    virtual void Called(Entry entry) noexcept = 0;
  };

  explicit Turnstile(int max_waiting) : max_waiting_(max_waiting) {}
  Turnstile(const Turnstile&) = delete;
  Turnstile& operator=(const Turnstile&) = delete;

  // Returns when the turn is the caller's, or why it is not.
  [[nodiscard]] Entry Enter(const Patience& patience) PHASIC_EXCLUDES(mutex_);
  // The same at once; or nothing: then the waiter is in line, and will be called.
  [[nodiscard]] std::optional<Entry> Join(Waiter* waiter,
                                          std::chrono::steady_clock::time_point deadline)
      PHASIC_EXCLUDES(mutex_);
  // True: the turn was free, and is the caller's.
  [[nodiscard]] bool EnterIfFree();
  void Leave() PHASIC_EXCLUDES(mutex_);
  // Turns away all who wait and all who come later. Who has the turn keeps it.
  void Close() PHASIC_EXCLUDES(mutex_);
  // How many are in line.
  size_t waiting() const PHASIC_EXCLUDES(mutex_);
  int64_t max_waiting() const { return static_cast<int64_t>(max_waiting_); }

 private:
  class Sleeper;
  using Line = std::list<Waiter*>;

  // The turn is taken; and who comes or leaves needs the lock, for somebody waits or it is closed.
  // The second changes only under the lock, and only with it set does a turn pass on.
  static constexpr uint8_t kTaken = 1, kLocked = 2;

  // What is decided without waiting; and then the turn cannot become free without the lock.
  std::optional<Entry> TryEnter(std::chrono::steady_clock::time_point deadline)
      PHASIC_REQUIRES(mutex_);
  // Who waits no more has been taken out.
  void UnlockIfEmpty() PHASIC_REQUIRES(mutex_);
  Entry Wait(Sleeper* self, const Patience& patience) PHASIC_REQUIRES(mutex_);
  bool IsGone(const Patience& patience) PHASIC_REQUIRES(mutex_);
  void HandOver() PHASIC_REQUIRES(mutex_);

  const size_t max_waiting_;
  mutable Mutex mutex_;
  std::atomic<uint8_t> state_ = 0;
  bool closed_ PHASIC_GUARDED_BY(mutex_) = false;
  Line waiting_ PHASIC_GUARDED_BY(mutex_);
};

}  // namespace phasic

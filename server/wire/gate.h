// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "server/base/sync.h"

namespace phasic::wire {

// Counts the calls in flight, and lets none in once the server drains. May be used from any thread.
class Gate {
 public:
  // One call's stay.
  class Pass {
   public:
    explicit Pass(Gate& gate) : gate_(gate), entered_(gate.Enter()) {}
    ~Pass() {
      if (entered_) gate_.Leave();
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    // False: the server drains.
    bool entered() const { return entered_; }

   private:
    Gate& gate_;
    const bool entered_;
  };

  // No call enters from here on.
  void Close() { state_.fetch_or(kClosed); }
  // Returns when no call is in flight, or at the deadline; true when none is.
  bool WaitEmpty(std::chrono::steady_clock::time_point deadline) PHASIC_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    while (!empty() && std::chrono::steady_clock::now() < deadline) {
      left_.WaitUntil(mutex_, deadline);
    }
    return empty();
  }

 private:
  // Whether it is closed, and twice how many are inside.
  static constexpr int64_t kClosed = 1, kOne = 2;

  bool empty() const { return state_.load() < kOne; }
  bool Enter() {
    if ((state_.fetch_add(kOne) & kClosed) == 0) return true;
    Leave();
    return false;
  }
  void Leave() PHASIC_EXCLUDES(mutex_) {
    if (state_.fetch_sub(kOne) != (kOne | kClosed)) return;
    // Who waits has looked before this, or waits by now.
    MutexLock lock(mutex_);
    left_.NotifyAll();
  }

  std::atomic<int64_t> state_ = 0;
  Mutex mutex_;
  CondVar left_;  // the last one has, since it is closed
};

}  // namespace phasic::wire

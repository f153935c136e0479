// SPDX-License-Identifier: Apache-2.0
#pragma once

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
  void Close() PHASIC_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    closed_ = true;
  }
  // Returns when no call is in flight, or at the deadline; true when none is.
  bool WaitEmpty(std::chrono::steady_clock::time_point deadline) PHASIC_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    while (inside_ > 0 && std::chrono::steady_clock::now() < deadline) {
      empty_.WaitUntil(mutex_, deadline);
    }
    return inside_ == 0;
  }

 private:
  bool Enter() PHASIC_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (!closed_) ++inside_;
    return !closed_;
  }
  void Leave() PHASIC_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (--inside_ == 0 && closed_) empty_.NotifyAll();
  }

  Mutex mutex_;
  CondVar empty_;
  bool closed_ PHASIC_GUARDED_BY(mutex_) = false;
  int64_t inside_ PHASIC_GUARDED_BY(mutex_) = 0;
};

}  // namespace phasic::wire

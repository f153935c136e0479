// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <thread>
#include <utility>

#include "server/base/sync.h"

namespace phasic::wire {

// Ends calls whose clients keep a thread of the server waiting: that say they will send more and
// send nothing, or read nothing of what is sent to them. May be used from any thread.
class SilenceGuard {
 public:
  explicit SilenceGuard(std::chrono::milliseconds most);
  ~SilenceGuard();
  SilenceGuard(const SilenceGuard&) = delete;
  SilenceGuard& operator=(const SilenceGuard&) = delete;

  // The time of one wait for a client. If it lasts too long `give_up` is called, once, from another
  // thread, and never after this object has ended.
  class Wait {
   public:
    Wait(SilenceGuard& guard, std::function<void()> give_up);
    ~Wait();
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

   private:
    SilenceGuard& guard_;
    std::pair<std::chrono::steady_clock::time_point, uint64_t> key_;
  };

 private:
  void Watch() PHASIC_EXCLUDES(mutex_);

  const std::chrono::milliseconds most_;
  Mutex mutex_;
  CondVar changed_;
  bool ending_ PHASIC_GUARDED_BY(mutex_) = false;
  uint64_t next_ PHASIC_GUARDED_BY(mutex_) = 0;
  // By when they end, then by their order.
  std::map<std::pair<std::chrono::steady_clock::time_point, uint64_t>, std::function<void()>> waits_
      PHASIC_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace phasic::wire

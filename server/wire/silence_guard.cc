// SPDX-License-Identifier: Apache-2.0
#include "server/wire/silence_guard.h"

namespace phasic::wire {

using std::chrono::steady_clock;

SilenceGuard::Wait::Wait(SilenceGuard& guard, std::function<void()> give_up) : guard_(guard) {
  MutexLock lock(guard.mutex_);
  key_ = {steady_clock::now() + guard.most_, guard.next_++};
  const bool first = guard.waits_.empty();
  guard.waits_.emplace(key_, std::move(give_up));
  // The others end before it does.
  if (first) guard.changed_.NotifyOne();
}

SilenceGuard::Wait::~Wait() {
  MutexLock lock(guard_.mutex_);
  guard_.waits_.erase(key_);
}

SilenceGuard::SilenceGuard(std::chrono::milliseconds most)
    : most_(most), thread_([this] { Watch(); }) {}

SilenceGuard::~SilenceGuard() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
    changed_.NotifyOne();
  }
  thread_.join();
}

void SilenceGuard::Watch() {
  MutexLock lock(mutex_);
  while (!ending_) {
    if (waits_.empty()) {
      changed_.Wait(mutex_);
      continue;
    }
    const auto first = waits_.begin();
    if (const auto end = first->first.first; steady_clock::now() < end) {
      changed_.WaitUntil(mutex_, end);
      continue;
    }
    // Under the mutex, so that whoever waits cannot leave meanwhile.
    first->second();
    waits_.erase(first);
  }
}

}  // namespace phasic::wire

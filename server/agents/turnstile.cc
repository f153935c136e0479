// SPDX-License-Identifier: Apache-2.0
#include "server/agents/turnstile.h"

#include <algorithm>

namespace phasic {
namespace {

using Clock = std::chrono::steady_clock;

// How often a waiting caller is asked whether it has gone. gRPC's synchronous API tells only who
// asks.
constexpr std::chrono::milliseconds kGonePeriod{50};

}  // namespace

Turnstile::Entry Turnstile::Enter(const Patience& patience) {
  MutexLock lock(mutex_);
  if (closed_) return Entry::kClosed;
  if (Clock::now() >= patience.deadline) return Entry::kDeadline;
  if (!taken_) {
    taken_ = true;
    return Entry::kEntered;
  }
  if (waiting_.size() >= max_waiting_) return Entry::kFull;

  const Place self = waiting_.emplace(waiting_.end());
  const Entry entry = Wait(self, patience);
  const bool granted = self->granted;
  waiting_.erase(self);
  if (granted && entry != Entry::kEntered) HandOver();
  return entry;
}

Turnstile::Entry Turnstile::Wait(Place self, const Patience& patience) {
  while (true) {
    // Read before asking: whoever gets the turn is asked once more after that.
    const bool granted = self->granted;
    if (IsGone(patience)) return Entry::kGone;
    if (closed_) return Entry::kClosed;
    const Clock::time_point now = Clock::now();
    if (now >= patience.deadline) return Entry::kDeadline;
    if (granted) return Entry::kEntered;
    if (self->granted) continue;
    const Clock::time_point ask = now + kGonePeriod;
    self->called.WaitUntil(mutex_,
                           patience.gone ? std::min(patience.deadline, ask) : patience.deadline);
  }
}

bool Turnstile::IsGone(const Patience& patience) {
  if (!patience.gone) return false;
  mutex_.Unlock();
  const bool gone = patience.gone();
  mutex_.Lock();
  return gone;
}

void Turnstile::Leave() {
  MutexLock lock(mutex_);
  HandOver();
}

void Turnstile::HandOver() {
  if (waiting_.empty()) {
    taken_ = false;
    return;
  }
  // The turn stays taken: it is the first waiter's now.
  waiting_.front().granted = true;
  waiting_.front().called.NotifyOne();
}

size_t Turnstile::waiting() const {
  MutexLock lock(mutex_);
  return waiting_.size();
}

void Turnstile::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  for (Waiter& waiter : waiting_) waiter.called.NotifyAll();
}

}  // namespace phasic

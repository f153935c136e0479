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

// Who waits in line in a thread of its own.
class Turnstile::Sleeper final : public Waiter {
 public:
  void Called(Entry entry) noexcept override {
    answer = entry;
    called.NotifyOne();
  }
  std::optional<Entry> answer;
  CondVar called;
};

std::optional<Turnstile::Entry> Turnstile::TryEnter(Clock::time_point deadline) {
  if (closed_) return Entry::kClosed;
  if (Clock::now() >= deadline) return Entry::kDeadline;
  while (true) {
    if (EnterIfFree()) return Entry::kEntered;
    if (waiting_.size() >= max_waiting_) return Entry::kFull;
    // Unless it has just become free.
    uint8_t taken = kTaken;
    if (state_.compare_exchange_strong(taken, kTaken | kLocked, std::memory_order_acquire) ||
        taken == (kTaken | kLocked)) {
      return std::nullopt;
    }
  }
}

void Turnstile::UnlockIfEmpty() {
  if (waiting_.empty() && !closed_) state_.fetch_and(kTaken, std::memory_order_release);
}

std::optional<Turnstile::Entry> Turnstile::Join(Waiter* waiter, Clock::time_point deadline) {
  MutexLock lock(mutex_);
  const std::optional<Entry> entry = TryEnter(deadline);
  if (!entry) waiting_.push_back(waiter);
  return entry;
}

bool Turnstile::EnterIfFree() {
  uint8_t free = 0;
  return state_.compare_exchange_strong(free, kTaken, std::memory_order_acquire,
                                        std::memory_order_relaxed);
}

Turnstile::Entry Turnstile::Enter(const Patience& patience) {
  MutexLock lock(mutex_);
  if (const auto entry = TryEnter(patience.deadline)) return *entry;
  Sleeper self;
  const Line::iterator place = waiting_.insert(waiting_.end(), &self);
  const Entry entry = Wait(&self, patience);
  if (!self.answer) {
    waiting_.erase(place);
    UnlockIfEmpty();
  }
  if (self.answer == Entry::kEntered && entry != Entry::kEntered) HandOver();
  return entry;
}

Turnstile::Entry Turnstile::Wait(Sleeper* self, const Patience& patience) {
  while (true) {
    // Read before asking: whoever gets the turn is asked once more after that.
    const std::optional<Entry> answer = self->answer;
    if (IsGone(patience)) return Entry::kGone;
    if (closed_) return Entry::kClosed;
    const Clock::time_point now = Clock::now();
    if (now >= patience.deadline) return Entry::kDeadline;
    if (answer) return *answer;
    if (self->answer) continue;
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
  uint8_t taken = kTaken;
  if (state_.compare_exchange_strong(taken, 0, std::memory_order_release)) return;
  MutexLock lock(mutex_);
  HandOver();
}

void Turnstile::HandOver() {
  if (waiting_.empty()) {
    state_.store(closed_ ? kLocked : 0, std::memory_order_release);
    return;
  }
  // The turn stays taken: it is the first waiter's now.
  Waiter* const first = waiting_.front();
  waiting_.pop_front();
  UnlockIfEmpty();
  first->Called(Entry::kEntered);
}

size_t Turnstile::waiting() const {
  MutexLock lock(mutex_);
  return waiting_.size();
}

void Turnstile::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  state_.fetch_or(kLocked, std::memory_order_relaxed);
  for (Waiter* const waiter : waiting_) waiter->Called(Entry::kClosed);
  waiting_.clear();
}

}  // namespace phasic

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
  if (!taken_) {
    taken_ = true;
    return Entry::kEntered;
  }
  if (waiting_.size() >= max_waiting_) return Entry::kFull;
  return std::nullopt;
}

std::optional<Turnstile::Entry> Turnstile::Join(Waiter* waiter, Clock::time_point deadline) {
  MutexLock lock(mutex_);
  const std::optional<Entry> entry = TryEnter(deadline);
  if (!entry) waiting_.push_back(waiter);
  return entry;
}

bool Turnstile::EnterIfFree() {
  MutexLock lock(mutex_);
  if (closed_ || taken_) return false;
  taken_ = true;
  return true;
}

Turnstile::Entry Turnstile::Enter(const Patience& patience) {
  MutexLock lock(mutex_);
  if (const auto entry = TryEnter(patience.deadline)) return *entry;
  Sleeper self;
  const Line::iterator place = waiting_.insert(waiting_.end(), &self);
  const Entry entry = Wait(&self, patience);
  if (!self.answer) waiting_.erase(place);
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
  MutexLock lock(mutex_);
  HandOver();
}

void Turnstile::HandOver() {
  if (waiting_.empty()) {
    taken_ = false;
    return;
  }
  // The turn stays taken: it is the first waiter's now.
  Waiter* const first = waiting_.front();
  waiting_.pop_front();
  first->Called(Entry::kEntered);
}

size_t Turnstile::waiting() const {
  MutexLock lock(mutex_);
  return waiting_.size();
}

void Turnstile::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  for (Waiter* const waiter : waiting_) waiter->Called(Entry::kClosed);
  waiting_.clear();
}

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "server/agents/store_journal.h"

#include <algorithm>
#include <utility>

#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/agents/limits.h"
#include "server/agents/record.h"

namespace phasic {
namespace {

constexpr std::chrono::milliseconds kRetry{200};
constexpr int kTriesAtTheEnd = 5;
constexpr std::chrono::milliseconds kMostGathering{2};

}  // namespace

StoreJournal::StoreJournal(store::Store& store, Watch watch)
    : store_(store), watch_(std::move(watch)), thread_([this] { Write(); }) {}

StoreJournal::~StoreJournal() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
    gathered_.NotifyOne();
  }
  thread_.join();
}

absl::Status StoreJournal::CheckOpen() const {
  RETURN_IF_ERROR(failing_);
  return gathering_.bytes() > limits::kMaxBacklogBytes ? errors::StoreTooSlow() : absl::OkStatus();
}

void StoreJournal::Gathered(size_t records_before) {
  if (records_before == 0 || gathering_.records() == expected_) gathered_.NotifyOne();
}

absl::StatusOr<Journal::Ticket> StoreJournal::Append(const JournalRecord& record) {
  if (record.durability < Durability::kJournaled) return 0;
  MutexLock lock(mutex_);
  RETURN_IF_ERROR(CheckOpen());
  scratch_.clear();
  EncodeInput(record, &scratch_);
  gathering_.Add(store::Record{record.agent, record.sequence, scratch_});
  if (record.durability == Durability::kSynced) gathering_.set_synced();
  Gathered(gathering_.records() - 1);
  return gathering_number_;
}

absl::StatusOr<Journal::Ticket> StoreJournal::Put(std::vector<store::Change> changes, bool synced) {
  MutexLock lock(mutex_);
  RETURN_IF_ERROR(CheckOpen());
  for (store::Change& change : changes) gathering_.Add(std::move(change));
  if (synced) gathering_.set_synced();
  Gathered(gathering_.records());
  return gathering_number_;
}

absl::Status StoreJournal::Wait(Ticket ticket) {
  MutexLock lock(mutex_);
  while (ticket > kept_ && failing_.ok()) decided_.Wait(mutex_);
  return ticket <= kept_ ? absl::OkStatus() : failing_;
}

std::optional<absl::Status> StoreJournal::Join(Ticket ticket, Waiter* waiter) {
  MutexLock lock(mutex_);
  if (ticket <= kept_) return absl::OkStatus();
  if (!failing_.ok()) return failing_;
  Waiter*& waiters = ticket == gathering_number_ ? gathering_waiters_ : writing_waiters_;
  waiter->next_ = std::exchange(waiters, waiter);
  return std::nullopt;
}

bool StoreJournal::IsKept(Ticket ticket) const {
  MutexLock lock(mutex_);
  return ticket <= kept_;
}

void StoreJournal::AwaitBatch() {
  using Clock = std::chrono::steady_clock;
  while (gathering_.empty() && !ending_) gathered_.Wait(mutex_);
  if (gathering_.records() == 0 || IsGathered()) return;
  // One sleep, not several: where all cores are busy each would cost somebody else.
  const Clock::time_point begin = Clock::now();
  const Clock::time_point until =
      begin + std::min<Clock::duration>(2 * gather_time_ + commit_time_, kMostGathering);
  while (!IsGathered() && Clock::now() < until) gathered_.WaitUntil(mutex_, until);
  gather_time_ = Clock::now() - begin;
}

void StoreJournal::Write() {
  while (true) {
    {
      MutexLock lock(mutex_);
      AwaitBatch();
      if (gathering_.empty()) return;
      if (gathering_.records() > 0) expected_ = gathering_.records();
      std::swap(gathering_, writing_);
      ++gathering_number_;
      writing_waiters_ = std::exchange(gathering_waiters_, nullptr);
    }
    const auto began = std::chrono::steady_clock::now();
    if (!CommitSurely()) return;
    Waiter* waiters = nullptr;
    {
      MutexLock lock(mutex_);
      commit_time_ = std::chrono::steady_clock::now() - began;
      kept_ = gathering_number_ - 1;
      waiters = std::exchange(writing_waiters_, nullptr);
      decided_.NotifyAll();
    }
    Call(waiters, absl::OkStatus());
    writing_.Clear();
  }
}

// Once a commit has failed, nothing is certain: the batch may be there or not. So nothing more is
// taken until the store has proven good and says which.
bool StoreJournal::CommitSurely() {
  absl::Status status = store_.Commit(writing_);
  if (status.ok()) return true;
  watch_(status);
  for (int tries = 0;; ++tries) {
    if (!Fail(status) && tries >= kTriesAtTheEnd) return false;
    std::this_thread::sleep_for(kRetry);
    bool held = false;
    status = store_.Prove(&held);
    if (status.ok() && !held) status = store_.Commit(writing_);
    if (status.ok()) break;
  }
  {
    MutexLock lock(mutex_);
    failing_ = absl::OkStatus();
  }
  watch_(absl::OkStatus());
  return true;
}

// Tells all who wait. False at the end of the process.
bool StoreJournal::Fail(const absl::Status& why) {
  const absl::Status failing = errors::StoreUnavailable(std::string(why.message()));
  Waiter *gathering = nullptr, *writing = nullptr;
  bool ending = false;
  {
    MutexLock lock(mutex_);
    failing_ = failing;
    gathering = std::exchange(gathering_waiters_, nullptr);
    writing = std::exchange(writing_waiters_, nullptr);
    ending = ending_;
    decided_.NotifyAll();
  }
  Call(writing, failing);
  Call(gathering, failing);
  return !ending;
}

void StoreJournal::Call(Waiter* waiters, const absl::Status& status) noexcept {
  while (waiters != nullptr) {
    Waiter* const waiter = waiters;
    waiters = waiter->next_;  // It may be gone once it has been called.
    waiter->Kept(status);
  }
}

}  // namespace phasic

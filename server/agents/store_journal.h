// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "server/agents/journal.h"
#include "server/base/sync.h"
#include "server/store/store.h"

namespace phasic {

// A journal in a store. While one batch is being committed the next one gathers, so the inputs of
// many agents go to the disk together and the more come, the fewer commits there are for each.
// Those who were answered together are likely to be back together: so a batch waits for as many
// records as the last one had, about as long as it took these to come, and at most 2 ms. One caller
// alone does not wait, nor do changes without records.
//
// A ticket is the number of its batch. When a commit fails, everything that is not kept yet is
// answered UNAVAILABLE and nothing more is taken; the batches stay, and are committed as soon as
// the store is proven good. So what was answered is never lost, and what was not may still happen,
// as the callers are told.
class StoreJournal final : public Journal {
 public:
  // Told when the store fails, with why, and with OK when it is good again; from the journal's
  // thread.
  using Watch = std::function<void(const absl::Status&)>;

  StoreJournal(store::Store& store, Watch watch);
  // Commits what is there first; of a store that fails it gives up after a few more tries.
  ~StoreJournal() override;

  absl::StatusOr<Ticket> Append(const JournalRecord& record) override PHASIC_EXCLUDES(mutex_);
  absl::Status Wait(Ticket ticket) override PHASIC_EXCLUDES(mutex_);
  std::optional<absl::Status> Join(Ticket ticket, Waiter* waiter) override PHASIC_EXCLUDES(mutex_);

  // Changes of the catalogue and of states, in order with the inputs: after what was appended
  // before. All in one commit. Errors as Append's.
  absl::StatusOr<Ticket> Put(std::vector<store::Change> changes, bool synced)
      PHASIC_EXCLUDES(mutex_);
  bool IsKept(Ticket ticket) const override PHASIC_EXCLUDES(mutex_);

 private:
  absl::Status CheckOpen() const PHASIC_REQUIRES(mutex_);
  void Gathered(size_t records_before) PHASIC_REQUIRES(mutex_);
  bool IsGathered() const PHASIC_REQUIRES(mutex_) {
    return gathering_.records() >= expected_ || ending_;
  }
  void AwaitBatch() PHASIC_REQUIRES(mutex_);
  void Write() PHASIC_EXCLUDES(mutex_);
  // Returns false when it gives up.
  bool CommitSurely() PHASIC_EXCLUDES(mutex_);
  bool Fail(const absl::Status& why) PHASIC_EXCLUDES(mutex_);
  static void Call(Waiter* waiters, const absl::Status& status) noexcept;

  store::Store& store_;
  const Watch watch_;
  mutable Mutex mutex_;
  CondVar gathered_;  // there is something to write, or as much as expected, or the end has come
  CondVar decided_;   // kept_ or failing_ has changed
  bool ending_ PHASIC_GUARDED_BY(mutex_) = false;
  absl::Status failing_ PHASIC_GUARDED_BY(mutex_);
  Ticket kept_ PHASIC_GUARDED_BY(mutex_) = 0;
  Ticket gathering_number_ PHASIC_GUARDED_BY(mutex_) = 1;
  store::Batch gathering_ PHASIC_GUARDED_BY(mutex_);
  size_t expected_ PHASIC_GUARDED_BY(mutex_) = 0;  // records
  // How long the last commit took, and the last wait for as many records as were expected.
  std::chrono::steady_clock::duration commit_time_ PHASIC_GUARDED_BY(mutex_) = {};
  std::chrono::steady_clock::duration gather_time_ PHASIC_GUARDED_BY(mutex_) = {};
  // Those who wait for a batch, the last who came first: streams answer in order, so none begins to
  // until its first item is told, and then it has all of them.
  Waiter* gathering_waiters_ PHASIC_GUARDED_BY(mutex_) = nullptr;
  Waiter* writing_waiters_ PHASIC_GUARDED_BY(mutex_) = nullptr;
  std::string scratch_ PHASIC_GUARDED_BY(mutex_);
  store::Batch writing_;  // of the thread
  std::thread thread_;
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "server/base/sync.h"
#include "server/store/claim.h"
#include "server/store/live_journal.h"
#include "server/store/meta.h"
#include "server/store/readers.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"
#include "server/store/writer.h"

namespace phasic::store {

// One file of SQLite in WAL mode, and what is beside it. FORMAT.md says what is in it.
class SqliteStore final : public Store {
 public:
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& path,
                                                     const Options& options);

  absl::Status Commit(const Batch& batch) override;
  absl::Status Prove(bool* held) override;

  absl::StatusOr<std::optional<AgentRow>> FindAgent(const std::string& tenant,
                                                    const std::string& id) override;
  absl::StatusOr<std::optional<AgentRow>> FindAgent(uint64_t uid) override;
  absl::StatusOr<std::optional<AgentRow>> FindMadeBy(const std::string& call) override;
  absl::StatusOr<std::vector<AgentRow>> ListAgents(const std::string& tenant,
                                                   const std::string& after, size_t count) override;
  absl::StatusOr<int64_t> CountAgents() override;
  absl::StatusOr<std::string> LoadCircuit(uint64_t key) override;
  absl::StatusOr<std::optional<StateRow>> LoadState(uint64_t agent) override;
  absl::Status ReadRecords(uint64_t agent, uint64_t sequence, const Reader& reader) override;
  absl::StatusOr<std::vector<SnapshotRow>> ListSnapshots(uint64_t agent) override;
  absl::StatusOr<std::optional<SnapshotRow>> LoadSnapshot(uint64_t agent,
                                                          const std::string& id) override;

  int64_t journal_bytes() const override;
  std::vector<uint64_t> OldestInJournal(size_t count) const override;
  absl::StatusOr<uint64_t> ReserveUids(uint64_t at_least, uint64_t count) override;
  absl::StatusOr<CheckReport> Check(const std::function<void(const std::string&)>& tell) override;
  absl::Status Backup(const std::string& path) override;
  const std::string& path() const override { return claim_.path(); }

 private:
  SqliteStore(Claim claim, const Options& options)
      : claim_(std::move(claim)), options_(options), readers_(claim_.path(), options.vfs) {}

  absl::Status OpenWriter(Database::Mode mode);
  absl::Status TakeOver();
  absl::Status TakeJournal();
  absl::Status SetSynced(bool synced);
  // Replaces the row of `meta` in a transaction of its own that survives the loss of power.
  absl::Status WriteMeta(const Meta& before, const Meta& after);
  // Not while the store is suspect; and it is, when the write fails otherwise than by its caller.
  absl::Status Guarded(const std::function<absl::Status()>& write);
  absl::Status DoCommit(const Batch& batch);
  absl::Status DoProve(bool* held);
  void Checkpoint();
  // For the thread that writes, which alone changes it.
  const LiveJournal& OwnJournal() const PHASIC_ATTRIBUTE(no_thread_safety_analysis) {
    return journal_;
  }

  const Claim claim_;  // outlives the connections
  const Options options_;
  Readers readers_;

  // Of the thread that writes.
  std::unique_ptr<Database> writer_;
  Meta meta_;  // as committed last
  bool synced_ = false;
  bool suspect_ = false;
  int wal_pages_ = 0;   // of the log of writes, as committed last
  int restart_at_ = 0;  // so many are too many

  mutable Mutex mutex_;  // held for a moment, never while the file is touched
  LiveJournal journal_ PHASIC_GUARDED_BY(mutex_);
  std::atomic<int64_t> agents_ = 0;
};

}  // namespace phasic::store

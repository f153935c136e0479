// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite_store.h"

#include <sqlite3.h>

#include <algorithm>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/store/errors.h"
#include "server/store/journal_table.h"
#include "server/store/schema.h"

namespace phasic::store {
namespace {

// The log of writes goes into the file when it has so many pages (of 4 KiB). From the second number
// on the writer waits until all who read the log are done, so that it starts anew.
constexpr int kCheckpointPages = 2'048;
constexpr int kMostLogPages = 32'768;

int KeepLogPages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> SqliteStore::Open(const std::string& path,
                                                         const Options& options) {
  ASSIGN_OR_RETURN(Claim claim, Claim::Take(path));
  std::unique_ptr<SqliteStore> store(new SqliteStore(std::move(claim), options));
  RETURN_IF_ERROR(store->OpenWriter(Database::Mode::kMake));
  RETURN_IF_ERROR(PrepareSchema(store->writer_.get()));
  RETURN_IF_ERROR(store->TakeOver());
  return store;
}

absl::Status SqliteStore::OpenWriter(Database::Mode mode) {
  writer_ = nullptr;
  ASSIGN_OR_RETURN(writer_, Database::Open(claim_.path(), options_.vfs, mode));
  wal_pages_ = 0;
  restart_at_ = kMostLogPages;
  sqlite3_wal_hook(writer_->handle(), KeepLogPages, &wal_pages_);
  synced_ = false;
  return SetSynced(true);
}

absl::Status SqliteStore::TakeOver() {
  const std::string& path = claim_.path();
  RETURN_IF_ERROR(writer_->Execute("PRAGMA journal_mode=WAL; PRAGMA journal_size_limit=16777216;"));
  {
    ASSIGN_OR_RETURN(Statement mode, writer_->Query("PRAGMA journal_mode"));
    RETURN_IF_ERROR(mode.Step().status());
    if (mode.Bytes(0) != "wal") return Refused(path, "its file system cannot share memory");
  }
  ASSIGN_OR_RETURN(const Meta found, ReadMeta(writer_.get()));
  meta_ = found;
  ++meta_.epoch;
  agents_ = meta_.agents;
  RETURN_IF_ERROR(WriteMeta(found, meta_));
  RETURN_IF_ERROR(SyncFolderOf(path));
  return TakeJournal();
}

absl::Status SqliteStore::TakeJournal() {
  ASSIGN_OR_RETURN(LiveJournal journal, ReadLiveJournal(writer_.get()));
  MutexLock lock(mutex_);
  journal_ = std::move(journal);
  return absl::OkStatus();
}

// SQLite cannot change it within a transaction.
absl::Status SqliteStore::SetSynced(bool synced) {
  if (synced == synced_) return absl::OkStatus();
  RETURN_IF_ERROR(
      writer_->Execute(synced ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL"));
  synced_ = synced;
  return absl::OkStatus();
}

absl::Status SqliteStore::WriteMeta(const Meta& before, const Meta& after) {
  RETURN_IF_ERROR(SetSynced(true));
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Write(writer_.get()));
  RETURN_IF_ERROR(ReplaceMeta(writer_.get(), before, after));
  return transaction.Commit();
}

absl::Status SqliteStore::Guarded(const std::function<absl::Status()>& write) {
  if (suspect_) return Unavailable(claim_.path(), "it failed, and is not proven good again");
  absl::Status status;
  try {
    status = write();
  } catch (const std::bad_alloc&) {
    status = Unavailable(claim_.path(), "no memory to write");
  }
  if (!status.ok() && !IsCallersFault(status)) suspect_ = true;
  return status;
}

absl::Status SqliteStore::Commit(const Batch& batch) {
  return Guarded([&] { return DoCommit(batch); });
}

absl::StatusOr<uint64_t> SqliteStore::ReserveUids(uint64_t at_least, uint64_t count) {
  Meta after = meta_;
  const uint64_t first = std::max(at_least, meta_.next_uid);
  after.next_uid = first + count;
  RETURN_IF_ERROR(Guarded([&] { return WriteMeta(meta_, after); }));
  meta_ = after;
  return first;
}

absl::Status SqliteStore::DoCommit(const Batch& batch) {
  if (batch.empty() && !batch.synced()) return absl::OkStatus();
  RETURN_IF_ERROR(SetSynced(batch.synced()));
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Write(writer_.get()));
  Writer writer(writer_.get(), OwnJournal(), {.numerics = options_.numerics, .epoch = meta_.epoch},
                meta_.rows);
  RETURN_IF_ERROR(writer.Write(batch));
  Meta after = meta_;
  ++after.commits;
  after.rows = writer.last_row();
  after.agents += writer.agents_made();
  RETURN_IF_ERROR(ReplaceMeta(writer_.get(), meta_, after));
  RETURN_IF_ERROR(transaction.Commit());
  {
    MutexLock lock(mutex_);
    journal_.Drop(writer.drops());
    for (const Writer::Row& row : writer.rows()) journal_.Add(row.key, row.bytes, row.spans);
  }
  meta_ = after;  // last: until then, Prove finds one commit more than is known
  agents_ = after.agents;
  Checkpoint();
  return absl::OkStatus();
}

// What was committed is safe whether or not this succeeds. But what a failed sync should have saved
// the system may forget, and a later sync would not say so.
void SqliteStore::Checkpoint() {
  if (wal_pages_ < kCheckpointPages) return;
  const bool restart = wal_pages_ >= restart_at_;
  const int code = sqlite3_wal_checkpoint_v2(
      writer_->handle(), "main", restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE,
      nullptr, nullptr);
  if (restart) restart_at_ = (code == SQLITE_BUSY ? wal_pages_ : 0) + kMostLogPages;
  if (code != SQLITE_OK && code != SQLITE_BUSY) suspect_ = true;
}

absl::Status SqliteStore::Prove(bool* held) {
  try {
    return DoProve(held);
  } catch (const std::bad_alloc&) {
    return Unavailable(claim_.path(), "no memory to prove it");
  }
}

absl::Status SqliteStore::DoProve(bool* held) {
  suspect_ = true;
  readers_.Renew();
  RETURN_IF_ERROR(OpenWriter(Database::Mode::kWrite));
  // What is known stays as it is until all is done: the next attempt compares with it as well.
  ASSIGN_OR_RETURN(const Meta found, ReadMeta(writer_.get()));
  if (found.epoch != meta_.epoch || found.commits - meta_.commits > 1) {
    return Conflict(claim_.path(), "another process has written it");
  }
  Meta proven = found;
  ++proven.proofs;
  RETURN_IF_ERROR(WriteMeta(found, proven));
  // All of the log goes into the file once more, and the log starts anew: after a sync that failed,
  // nobody knows which of its pages are on the disk.
  if (sqlite3_wal_checkpoint_v2(writer_->handle(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr,
                                nullptr) != SQLITE_OK) {
    return writer_->Error();
  }
  RETURN_IF_ERROR(TakeJournal());
  *held = found.commits != meta_.commits;
  meta_ = proven;
  agents_ = meta_.agents;
  suspect_ = false;
  return absl::OkStatus();
}

}  // namespace phasic::store

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "server/store/agent_rows.h"
#include "server/store/backup.h"
#include "server/store/check.h"
#include "server/store/journal_table.h"
#include "server/store/snapshot_rows.h"
#include "server/store/sqlite_store.h"

// What SqliteStore reads, from any thread.
namespace phasic::store {

absl::StatusOr<std::optional<AgentRow>> SqliteStore::FindAgent(const std::string& tenant,
                                                               const std::string& id) {
  ASSIGN_OR_RETURN(const Readers::Lease reader, readers_.Take());
  return TakeFirst(*reader.get(),
                   reader->Query(PHASIC_STORE_SELECT_AGENTS "WHERE tenant = ? AND id = ?",
                                 std::string_view(tenant), std::string_view(id)));
}

absl::StatusOr<std::optional<AgentRow>> SqliteStore::FindAgent(uint64_t uid) {
  ASSIGN_OR_RETURN(const Readers::Lease reader, readers_.Take());
  return TakeFirst(*reader.get(), reader->Query(PHASIC_STORE_SELECT_AGENTS "WHERE uid = ?", uid));
}

absl::StatusOr<std::optional<AgentRow>> SqliteStore::FindMadeBy(const std::string& call) {
  ASSIGN_OR_RETURN(const Readers::Lease reader, readers_.Take());
  return TakeFirst(*reader.get(), reader->Query(PHASIC_STORE_SELECT_AGENTS "WHERE made_by = ?",
                                                std::string_view(call)));
}

absl::StatusOr<std::vector<AgentRow>> SqliteStore::ListAgents(const std::string& tenant,
                                                              const std::string& after,
                                                              size_t count) {
  ASSIGN_OR_RETURN(const Readers::Lease reader, readers_.Take());
  ASSIGN_OR_RETURN(Statement s, reader->Query(PHASIC_STORE_SELECT_AGENTS
                                              "WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?",
                                              std::string_view(tenant), std::string_view(after),
                                              uint64_t{std::min<size_t>(count, INT64_MAX)}));
  std::vector<AgentRow> rows;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, s.Step());
    if (!more) return rows;
    ASSIGN_OR_RETURN(AgentRow row, TakeAgent(*reader.get(), s));
    rows.push_back(std::move(row));
  }
}

absl::StatusOr<int64_t> SqliteStore::CountAgents() { return agents_.load(); }

absl::StatusOr<std::string> SqliteStore::LoadCircuit(uint64_t key) {
  ASSIGN_OR_RETURN(const Readers::Lease reader, readers_.Take());
  return ReadCircuit(reader.get(), key);
}

absl::StatusOr<std::optional<StateRow>> SqliteStore::LoadState(uint64_t agent) {
  ASSIGN_OR_RETURN(const Readers::Lease reader, readers_.Take());
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::Read(reader.get()));
  return ReadState(reader.get(), agent);
}

absl::Status SqliteStore::ReadRecords(uint64_t agent, uint64_t sequence, const Reader& reader) {
  std::vector<uint64_t> rows;
  {
    MutexLock lock(mutex_);
    rows = journal_.RowsOf(agent, sequence);
  }
  if (rows.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Readers::Lease database, readers_.Take());
  return ReadRecordsIn(database.get(), rows, agent, sequence, reader);
}

absl::StatusOr<std::vector<SnapshotRow>> SqliteStore::ListSnapshots(uint64_t agent) {
  ASSIGN_OR_RETURN(const Readers::Lease reader, readers_.Take());
  return ReadSnapshots(reader.get(), agent);
}

absl::StatusOr<std::optional<SnapshotRow>> SqliteStore::LoadSnapshot(uint64_t agent,
                                                                     const std::string& id) {
  ASSIGN_OR_RETURN(const Readers::Lease reader, readers_.Take());
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::Read(reader.get()));
  return ReadSnapshot(reader.get(), agent, id);
}

int64_t SqliteStore::journal_bytes() const {
  MutexLock lock(mutex_);
  return journal_.bytes();
}

std::vector<uint64_t> SqliteStore::OldestInJournal(size_t count) const {
  MutexLock lock(mutex_);
  return journal_.Oldest(count);
}

absl::StatusOr<Store::CheckReport> SqliteStore::Check(
    const std::function<void(const std::string&)>& tell) {
  ASSIGN_OR_RETURN(const Readers::Lease reader, readers_.Take());
  ASSIGN_OR_RETURN(const Transaction moment, Transaction::Read(reader.get()));
  return CheckAll(reader.get(), tell);
}

absl::Status SqliteStore::Backup(const std::string& path) {
  ASSIGN_OR_RETURN(const Readers::Lease reader, readers_.Take());
  return BackUp(reader.get(), path);
}

}  // namespace phasic::store

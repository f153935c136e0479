// SPDX-License-Identifier: Apache-2.0
#include "server/store/snapshot_rows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "server/store/errors.h"
#include "server/store/parts.h"

namespace phasic::store {
namespace {

uint64_t SumOfInfo(uint64_t agent, std::string_view id, std::string_view info) {
  return Hash().Add(agent).Add(id).Add(info).value();
}

uint64_t SumOfBytes(uint64_t agent, std::string_view id, std::string_view bytes) {
  return Hash().Add(agent).Add(id).Add(uint64_t{0}).Add(bytes).value();
}

absl::Status WrongSum(const Database& database, uint64_t key) {
  return Corrupt(database.path(), absl::StrCat("snapshots row ", key, " has a wrong checksum"));
}

#define PHASIC_STORE_SELECT_SNAPSHOTS \
  "SELECT id, info, info_sum, key, state_bytes, state_sum FROM snapshots WHERE agent = ? "

absl::StatusOr<SnapshotRow> TakeInfo(const Database& database, uint64_t agent, const Statement& s) {
  SnapshotRow row{.id = s.Text(0), .info = s.Text(1), .bytes = {}};
  if (s.Uint(2) != SumOfInfo(agent, row.id, row.info)) return WrongSum(database, s.Uint(3));
  return row;
}

}  // namespace

absl::Status InsertSnapshot(Database* database, uint64_t agent, const SnapshotRow& row) {
  constexpr const char* kSql =
      "INSERT INTO snapshots (agent, id, info, info_sum, state_bytes, state_sum)"
      " VALUES (?, ?, ?, ?, ?, ?) RETURNING key";
  uint64_t key = 0;
  {
    ASSIGN_OR_RETURN(Statement s,
                     database->Query(kSql, agent, std::string_view(row.id), Blob{row.info},
                                     SumOfInfo(agent, row.id, row.info), uint64_t{row.bytes.size()},
                                     SumOfBytes(agent, row.id, row.bytes)));
    RETURN_IF_ERROR(s.Step().status());
    key = s.Uint(0);
    RETURN_IF_ERROR(s.Step().status());
  }
  return WriteParts(database, {Owner::Table::kSnapshotParts, key}, row.bytes);
}

absl::Status EraseSnapshot(Database* database, uint64_t agent, const std::string& id) {
  ASSIGN_OR_RETURN(const int64_t changed,
                   database->Run("DELETE FROM snapshots WHERE agent = ? AND id = ?", agent,
                                 std::string_view(id)));
  if (changed == 1) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat("the store ", database->path(), " has no snapshot ", id,
                                          " of the agent with uid ", agent));
}

absl::StatusOr<std::vector<SnapshotRow>> ReadSnapshots(Database* database, uint64_t agent) {
  ASSIGN_OR_RETURN(Statement s,
                   database->Query(PHASIC_STORE_SELECT_SNAPSHOTS "ORDER BY id", agent));
  std::vector<SnapshotRow> rows;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, s.Step());
    if (!more) return rows;
    ASSIGN_OR_RETURN(SnapshotRow row, TakeInfo(*database, agent, s));
    rows.push_back(std::move(row));
  }
}

absl::StatusOr<std::optional<SnapshotRow>> ReadSnapshot(Database* database, uint64_t agent,
                                                        const std::string& id) {
  ASSIGN_OR_RETURN(Statement s, database->Query(PHASIC_STORE_SELECT_SNAPSHOTS "AND id = ?", agent,
                                                std::string_view(id)));
  ASSIGN_OR_RETURN(const bool found, s.Step());
  if (!found) return std::nullopt;
  ASSIGN_OR_RETURN(SnapshotRow row, TakeInfo(*database, agent, s));
  const uint64_t key = s.Uint(3);
  ASSIGN_OR_RETURN(row.bytes, ReadParts(database, {Owner::Table::kSnapshotParts, key}, s.Uint(4)));
  if (s.Uint(5) != SumOfBytes(agent, id, row.bytes)) return WrongSum(*database, key);
  return row;
}

}  // namespace phasic::store

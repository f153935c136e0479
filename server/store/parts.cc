// SPDX-License-Identifier: Apache-2.0
#include "server/store/parts.h"

#include "absl/strings/str_cat.h"
#include "server/store/errors.h"

namespace phasic::store {
namespace {

struct Sql {
  const char *name, *put, *cut, *count, *read;
};
constexpr Sql kStates = {
    "states of agent ",
    "INSERT INTO states (agent, part, bytes) VALUES (?, ?, ?)"
    " ON CONFLICT (agent, part) DO UPDATE SET bytes = excluded.bytes",
    "DELETE FROM states WHERE agent = ? AND part >= ?",
    "SELECT coalesce(sum(length(bytes)), 0) FROM states WHERE agent = ?",
    "SELECT bytes FROM states WHERE agent = ? ORDER BY part",
};
constexpr Sql kSnapshotParts = {
    "snapshot_parts of snapshot ",
    "INSERT INTO snapshot_parts (snapshot, part, bytes) VALUES (?, ?, ?)"
    " ON CONFLICT (snapshot, part) DO UPDATE SET bytes = excluded.bytes",
    "DELETE FROM snapshot_parts WHERE snapshot = ? AND part >= ?",
    "SELECT coalesce(sum(length(bytes)), 0) FROM snapshot_parts WHERE snapshot = ?",
    "SELECT bytes FROM snapshot_parts WHERE snapshot = ? ORDER BY part",
};

const Sql& SqlOf(Owner owner) {
  return owner.table == Owner::Table::kStates ? kStates : kSnapshotParts;
}

}  // namespace

absl::Status WriteParts(Database* database, Owner owner, std::string_view bytes) {
  const Sql& sql = SqlOf(owner);
  int64_t part = 0;
  for (; !bytes.empty(); ++part) {
    const std::string_view piece = bytes.substr(0, kPartBytes);
    RETURN_IF_ERROR(database->Run(sql.put, owner.key, part, Blob{piece}).status());
    bytes.remove_prefix(piece.size());
  }
  return database->Run(sql.cut, owner.key, part).status();
}

absl::StatusOr<std::string> ReadParts(Database* database, Owner owner, uint64_t size) {
  const Sql& sql = SqlOf(owner);
  std::string bytes;
  {
    ASSIGN_OR_RETURN(Statement count, database->Query(sql.count, owner.key));
    RETURN_IF_ERROR(count.Step().status());
    if (count.Uint(0) != size) {
      return Corrupt(database->path(), absl::StrCat(sql.name, owner.key, " have ", count.Uint(0),
                                                    " bytes together, not ", size));
    }
    bytes.reserve(size);
  }
  ASSIGN_OR_RETURN(Statement statement, database->Query(sql.read, owner.key));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, statement.Step());
    if (!more) return bytes;
    bytes.append(statement.Bytes(0));
  }
}

}  // namespace phasic::store

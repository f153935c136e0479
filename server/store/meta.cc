// SPDX-License-Identifier: Apache-2.0
#include "server/store/meta.h"

#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "server/store/errors.h"

namespace phasic::store {
namespace {

uint64_t SumOf(const Meta& m) {
  return Hash()
      .Add(m.store_id)
      .Add(m.epoch)
      .Add(m.commits)
      .Add(m.proofs)
      .Add(m.rows)
      .Add(m.next_uid)
      .Add(static_cast<uint64_t>(m.agents))
      .value();
}

}  // namespace

absl::Status InsertMeta(Database* database, const Meta& m) {
  return database
      ->Run("INSERT INTO meta VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)", m.store_id, m.epoch, m.commits,
            m.proofs, m.rows, m.next_uid, m.agents, SumOf(m))
      .status();
}

absl::StatusOr<Meta> ReadMeta(Database* database) {
  ASSIGN_OR_RETURN(Statement s,
                   database->Query("SELECT store_id, epoch, commits, proofs, rows, next_uid,"
                                   " agents, sum FROM meta WHERE one = 1"));
  ASSIGN_OR_RETURN(const bool found, s.Step());
  if (!found) return Corrupt(database->path(), "meta has no row");
  const Meta meta{.store_id = s.Uint(0),
                  .epoch = s.Uint(1),
                  .commits = s.Uint(2),
                  .proofs = s.Uint(3),
                  .rows = s.Uint(4),
                  .next_uid = s.Uint(5),
                  .agents = s.Int(6)};
  if (s.Uint(7) != SumOf(meta)) return Corrupt(database->path(), "meta has a wrong checksum");
  return meta;
}

absl::Status ReplaceMeta(Database* database, const Meta& before, const Meta& after) {
  ASSIGN_OR_RETURN(
      const int64_t changed,
      database->Run("UPDATE meta SET epoch = ?, commits = ?, proofs = ?, rows = ?, next_uid = ?,"
                    " agents = ?, sum = ? WHERE one = 1 AND sum = ?",
                    after.epoch, after.commits, after.proofs, after.rows, after.next_uid,
                    after.agents, SumOf(after), SumOf(before)));
  if (changed == 1) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Meta found, ReadMeta(database));
  return Conflict(database->path(),
                  absl::StrCat("another process has taken it over: it has epoch ", found.epoch,
                               " and ", found.commits, " commits, and this process expects epoch ",
                               before.epoch, " and ", before.commits));
}

}  // namespace phasic::store

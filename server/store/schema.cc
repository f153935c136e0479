// SPDX-License-Identifier: Apache-2.0
#include "server/store/schema.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "server/store/errors.h"
#include "server/store/meta.h"

namespace phasic::store {
namespace {

// What leads from no tables to version 1. FORMAT.md says what they mean.
constexpr const char* kMakeTables = R"sql(
CREATE TABLE meta (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  store_id INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  commits INTEGER NOT NULL,
  proofs INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  next_uid INTEGER NOT NULL,
  agents INTEGER NOT NULL,
  sum INTEGER NOT NULL) STRICT;
CREATE TABLE circuits (
  key INTEGER PRIMARY KEY,
  spec BLOB NOT NULL,
  sum INTEGER NOT NULL) STRICT;
CREATE TABLE agents (
  uid INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  made_by TEXT,
  circuit INTEGER NOT NULL REFERENCES circuits,
  sum INTEGER NOT NULL,
  card BLOB NOT NULL,
  card_sum INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  state_bytes INTEGER,
  state_sum INTEGER NOT NULL,
  UNIQUE (tenant, id)) STRICT;
CREATE UNIQUE INDEX agents_made_by ON agents (made_by) WHERE made_by IS NOT NULL;
CREATE TABLE states (
  agent INTEGER NOT NULL REFERENCES agents ON DELETE CASCADE,
  part INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (agent, part)) STRICT;
CREATE TABLE snapshots (
  key INTEGER PRIMARY KEY,
  agent INTEGER NOT NULL REFERENCES agents ON DELETE CASCADE,
  id TEXT NOT NULL,
  info BLOB NOT NULL,
  info_sum INTEGER NOT NULL,
  state_bytes INTEGER NOT NULL,
  state_sum INTEGER NOT NULL,
  UNIQUE (agent, id)) STRICT;
CREATE TABLE snapshot_parts (
  snapshot INTEGER NOT NULL REFERENCES snapshots ON DELETE CASCADE,
  part INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (snapshot, part)) STRICT;
CREATE TABLE journal (
  row INTEGER PRIMARY KEY,
  bytes BLOB NOT NULL) STRICT;
)sql";

absl::Status MakeTables(Database* database) {
  RETURN_IF_ERROR(database->Execute(kMakeTables));
  Meta meta;
  if (getrandom(&meta.store_id, sizeof meta.store_id, 0) != sizeof meta.store_id) {
    return Unavailable(database->path(), std::strerror(errno));
  }
  return InsertMeta(database, meta);
}

// The step at [v] leads from version v to v + 1.
constexpr absl::Status (*kSteps[])(Database*) = {MakeTables};
static_assert(std::size(kSteps) == kFormatVersion);

}  // namespace

absl::Status PrepareSchema(Database* database) {
  ASSIGN_OR_RETURN(const int64_t application, database->Number("PRAGMA application_id"));
  ASSIGN_OR_RETURN(const int64_t version, database->Number("PRAGMA user_version"));
  ASSIGN_OR_RETURN(const int64_t tables, database->Number("SELECT count(*) FROM sqlite_schema"));
  const bool empty = application == 0 && version == 0 && tables == 0;
  if (!empty && application != kApplicationId) {
    return Refused(database->path(), "the file is no store of agents");
  }
  if (version > kFormatVersion || (version < 1 && !empty)) {
    return Refused(database->path(), absl::StrCat("the file has format version ", version,
                                                  "; this program knows 1 to ", kFormatVersion));
  }
  if (version == kFormatVersion) return absl::OkStatus();
  ASSIGN_OR_RETURN(Transaction transaction, Transaction::Write(database));
  for (int64_t v = version; v < kFormatVersion; ++v) RETURN_IF_ERROR(kSteps[v](database));
  RETURN_IF_ERROR(database->Execute(absl::StrCat("PRAGMA application_id=", kApplicationId,
                                                 "; PRAGMA user_version=", kFormatVersion)));
  return transaction.Commit();
}

}  // namespace phasic::store

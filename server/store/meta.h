// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/sqlite.h"

namespace phasic::store {

// The one row of the table `meta`: what the store knows of itself.
struct Meta {
  uint64_t store_id = 0;  // drawn when it was made
  uint64_t epoch = 0;     // of the process that has it open: one more with each
  uint64_t commits = 0;   // by all processes
  uint64_t proofs = 0;    // writes that changed nothing else
  uint64_t rows = 0;      // the last row of the journal that was ever used
  uint64_t next_uid = 1;  // no uid from here on was ever used
  int64_t agents = 0;     // how many there are
};

absl::Status InsertMeta(Database* database, const Meta& meta);
// DATA_LOSS when the row is not what was written.
absl::StatusOr<Meta> ReadMeta(Database* database);
// Within a transaction. ABORTED when the row is not as `before`: another process has written it.
absl::Status ReplaceMeta(Database* database, const Meta& before, const Meta& after);

}  // namespace phasic::store

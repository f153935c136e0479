// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/live_journal.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"

// The table `journal`, read.
namespace phasic::store {

// One pass over all rows; of the records it reads only what says whose they are.
absl::StatusOr<LiveJournal> ReadLiveJournal(Database* database);

// The agent's records after `sequence`, which lie in these rows. DATA_LOSS when one is missing.
absl::Status ReadRecordsIn(Database* database, const std::vector<uint64_t>& rows, uint64_t agent,
                           uint64_t sequence, const Store::Reader& reader);

}  // namespace phasic::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"

// The tables `snapshots` and `snapshot_parts`; errors are those of agent_rows.h.
namespace phasic::store {

absl::Status InsertSnapshot(Database* database, uint64_t agent, const SnapshotRow& row);
absl::Status EraseSnapshot(Database* database, uint64_t agent, const std::string& id);
absl::StatusOr<std::vector<SnapshotRow>> ReadSnapshots(Database* database, uint64_t agent);
absl::StatusOr<std::optional<SnapshotRow>> ReadSnapshot(Database* database, uint64_t agent,
                                                        const std::string& id);

}  // namespace phasic::store

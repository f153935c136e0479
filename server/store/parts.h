// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/sqlite.h"

// Whole states lie in parts: SQLite's values end at 1e9 bytes, and a state may have 1 GiB.
namespace phasic::store {

inline constexpr size_t kPartBytes = size_t{8} << 20;

// Whose parts.
struct Owner {
  enum class Table { kStates, kSnapshotParts } table;
  uint64_t key;  // an agent's uid, or a snapshot's key
};

// Replaces what is there.
absl::Status WriteParts(Database* database, Owner owner, std::string_view bytes);
// DATA_LOSS when they do not have `size` bytes together. Checksums are the caller's.
absl::StatusOr<std::string> ReadParts(Database* database, Owner owner, uint64_t size);

}  // namespace phasic::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "server/store/sqlite.h"

namespace phasic::store {

// Of the file; in its `user_version`. A new one needs a step in schema.cc, a word in FORMAT.md and
// a store of the one before among the tests' fixtures.
inline constexpr int kFormatVersion = 1;
// Tells the file from others of SQLite: "phas" in its `application_id`.
inline constexpr int kApplicationId = 0x70686173;

// Makes the tables in a new file, and brings an older one to this version, in one transaction.
// FAILED_PRECONDITION, and no byte has changed, when the file is newer or no store.
absl::Status PrepareSchema(Database* database);

}  // namespace phasic::store

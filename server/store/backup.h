// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "server/store/sqlite.h"

namespace phasic::store {

// As Store::Backup says, from a connection for reading.
absl::Status BackUp(Database* database, const std::string& path);

}  // namespace phasic::store

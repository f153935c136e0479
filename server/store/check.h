// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"

namespace phasic::store {

// As Store::Check says, within the caller's transaction, and so as of one moment.
absl::StatusOr<Store::CheckReport> CheckAll(Database* database,
                                            const std::function<void(const std::string&)>& tell);

}  // namespace phasic::store

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace phasic::handlers {

// A page token says after which id the next page begins, and for which question it is. It stays
// right while ids come and go: none that is there all the while is left out or comes twice.

// The number of entries to return. INVALID_ARGUMENT when negative.
absl::StatusOr<int> PageSizeOf(int asked);
std::string MakePageToken(const std::string& last_id, const std::string& question);
// The id after which to begin; empty for an empty token. INVALID_ARGUMENT for a token of another
// question, or none of ours.
absl::StatusOr<std::string> ReadPageToken(const std::string& token, const std::string& question);

}  // namespace phasic::handlers

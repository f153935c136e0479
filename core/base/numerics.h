// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace phasic {

// One more whenever the same inputs may give other bits than before: a rule's arithmetic, a
// kernel's order of sums, a random stream's key. It is stamped on what is stored.
inline constexpr uint32_t kNumerics = 1;

}  // namespace phasic

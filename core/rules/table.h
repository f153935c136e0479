// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/model/rule.h"

namespace phasic {

// Every plasticity rule, by name. A new one is one file and one line in table.cc.
std::span<const Rule* const> Rules();

}  // namespace phasic

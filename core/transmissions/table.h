// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/model/transmission.h"

namespace phasic {

// Every transmission that draws, by name. A new one is one file and one line in table.cc.
std::span<const Transmission* const> Transmissions();

}  // namespace phasic

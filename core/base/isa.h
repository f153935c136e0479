// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace phasic {

// The instruction set that kernels are compiled for. Every set gives the same bits.
enum class Isa : uint8_t { kBaseline, kV3 };

// The best that this machine has; PHASIC_ISA=baseline in the environment asks for the plain path.
// Fixed for the process.
Isa ActiveIsa();
// "baseline" or "x86-64-v3".
const char* NameOf(Isa isa);

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace phasic {

// The instruction sets that kernels are compiled for, each with all of those before it. Every set
// gives the same bits. kV4 is for processors to which wide registers cost no speed elsewhere.
enum class Isa : uint8_t { kBaseline, kV3, kV4 };

// Those that this machine has, the best last.
std::span<const Isa> Isas();
// The best that this machine has, or, by its name in the environment's PHASIC_ISA, a lesser one.
// Fixed for the process.
Isa ActiveIsa();
// "baseline", "x86-64-v3" or "x86-64-v4".
const char* NameOf(Isa isa);

}  // namespace phasic

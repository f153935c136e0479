// SPDX-License-Identifier: Apache-2.0
#include "core/base/isa.h"

#include <cstdlib>
#include <string_view>

namespace phasic {

Isa ActiveIsa() {
  static const Isa isa = [] {
    const char* wish = std::getenv("PHASIC_ISA");
    if (wish != nullptr && std::string_view(wish) == "baseline") return Isa::kBaseline;
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi2");
    return v3 ? Isa::kV3 : Isa::kBaseline;
  }();
  return isa;
}

const char* NameOf(Isa isa) { return isa == Isa::kV3 ? "x86-64-v3" : "baseline"; }

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "core/base/isa.h"

#include <cstdlib>
#include <string_view>

namespace phasic {
namespace {

constexpr Isa kAll[] = {Isa::kBaseline, Isa::kV3, Isa::kV4};

bool Has(Isa isa) {
  switch (isa) {
    case Isa::kV3:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
             __builtin_cpu_supports("bmi2");
    case Isa::kV4:
      // The last came with the first processors that do not slow down for wide registers.
      return Has(Isa::kV3) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2");
    case Isa::kBaseline:
      break;
  }
  return true;
}

}  // namespace

std::span<const Isa> Isas() {
  static const size_t count = [] {
    size_t n = 1;
    while (n < std::size(kAll) && Has(kAll[n])) ++n;
    return n;
  }();
  return {kAll, count};
}

Isa ActiveIsa() {
  static const Isa active = [] {
    const char* wish = std::getenv("PHASIC_ISA");
    for (const Isa isa : Isas()) {
      if (wish != nullptr && std::string_view(wish) == NameOf(isa)) return isa;
    }
    return Isas().back();
  }();
  return active;
}

const char* NameOf(Isa isa) {
  static constexpr const char* kNames[] = {"baseline", "x86-64-v3", "x86-64-v4"};
  return kNames[static_cast<int>(isa)];
}

}  // namespace phasic

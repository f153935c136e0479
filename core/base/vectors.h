// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/isa.h"
#include "core/base/real.h"

namespace phasic {

// Functions of math.h of many numbers side by side: the same bits in less time, on every
// instruction set.
struct Vectors {
  // out[i] = Logistic(x[i]). Both may be the same array.
  void (*logistic)(const Real* x, Real* out, int64_t n) noexcept;
  // out[i] = Exp(x[i]). Quick for x from -700 to 0. Both may be the same array.
  void (*exp)(const double* x, double* out, int64_t n) noexcept;
};

const Vectors& VectorsFor(Isa isa);

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/isa.h"

namespace phasic::testing {

// What Eigen makes of the same work: eigen.cc, compiled for each instruction set that kernels are
// compiled for. Matrices are n x n, in Eigen's own order, by columns.
struct EigenFunctions {
  // y = w x
  void (*product)(const float* w, const float* x, float* y, int64_t n);
  // A learning step as one would write it, in three statements, with a reward of 1.
  void (*learn)(float* w, float* e, const float* x, float* y, int64_t n);
};
// Of that step.
inline constexpr float kNaiveRate = 1e-6f, kNaiveBound = 1, kNaiveDecay = 0.9048374f;

extern const EigenFunctions kEigenBaseline, kEigenV3, kEigenV4;
inline const EigenFunctions& EigenFor(Isa isa) {
  return isa == Isa::kV4 ? kEigenV4 : isa == Isa::kV3 ? kEigenV3 : kEigenBaseline;
}

}  // namespace phasic::testing

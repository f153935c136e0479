// SPDX-License-Identifier: Apache-2.0
#include "core/base/vectors.h"

#include <cstring>

#include "core/base/inline.h"
#include "core/base/math.h"

namespace phasic {
namespace {

constexpr int kLanes = 8;
// Closer to 0 than this, Exp is a normal number, made in one step.
constexpr Real kPlain = 700;

// Exp(x[l]) for x[l] in [-kPlain, 0]: its operations in its order, each for all lanes.
PHASIC_INLINE void ExpOfNegatives(const double* x, double* out) {
  using namespace math_internal;
  constexpr double kLog2E = 1.44269504088896338700;
  int k[kLanes];
  double r[kLanes], power[kLanes];
  uint64_t bits[kLanes];
#pragma omp simd
  for (int l = 0; l < kLanes; ++l) k[l] = static_cast<int>(x[l] * kLog2E - 0.5);
#pragma omp simd
  for (int l = 0; l < kLanes; ++l) r[l] = (x[l] - k[l] * kLn2Hi) - k[l] * kLn2Lo;
#pragma omp simd
  for (int l = 0; l < kLanes; ++l) bits[l] = static_cast<uint64_t>(k[l] + 1023) << 52;
  std::memcpy(power, bits, sizeof power);
#pragma omp simd
  for (int l = 0; l < kLanes; ++l) out[l] = (1.0 + Expm1Series(r[l])) * power[l];
}

PHASIC_INLINE void LogisticOfPlain(const Real* x, Real* out) {
  double negative[kLanes], e[kLanes], above[kLanes];
#pragma omp simd
  for (int l = 0; l < kLanes; ++l) negative[l] = x[l] < 0 ? x[l] : -x[l];
  ExpOfNegatives(negative, e);
#pragma omp simd
  for (int l = 0; l < kLanes; ++l) above[l] = x[l] >= 0 ? 1.0 : e[l];
#pragma omp simd
  for (int l = 0; l < kLanes; ++l) out[l] = static_cast<Real>(above[l] / (1.0 + e[l]));
}

PHASIC_INLINE void Logistics(const Real* x, Real* out, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    int plain = 0;
    for (int l = 0; l < kLanes; ++l) plain += x[i + l] > -kPlain && x[i + l] < kPlain;
    if (plain == kLanes) {
      LogisticOfPlain(x + i, out + i);
    } else {
      for (int l = 0; l < kLanes; ++l) out[i + l] = Logistic(x[i + l]);
    }
  }
  for (; i < n; ++i) out[i] = Logistic(x[i]);
}

// One set of functions, each compiled for an instruction set.
#define PHASIC_VECTORS(Set, TARGET)                                              \
  struct Set {                                                                   \
    TARGET static void LogisticV(const Real* x, Real* out, int64_t n) noexcept { \
      Logistics(x, out, n);                                                      \
    }                                                                            \
    static constexpr Vectors kTable = {LogisticV};                               \
  }

PHASIC_VECTORS(Baseline, );
PHASIC_VECTORS(V3, __attribute__((target("avx,avx2,bmi,bmi2,fma"))));

}  // namespace

const Vectors& VectorsFor(Isa isa) { return isa == Isa::kV3 ? V3::kTable : Baseline::kTable; }

}  // namespace phasic

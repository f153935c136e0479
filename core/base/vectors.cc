// SPDX-License-Identifier: Apache-2.0
#include "core/base/vectors.h"

#include <immintrin.h>

#include <cstring>

#include "core/base/inline.h"
#include "core/base/math.h"
#include "core/base/targets.h"

namespace phasic {
namespace {

using v3::Ints;
using v3::Mask;
using v3::Vec;

void PlainLogistics(const Real* x, Real* out, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) out[i] = Logistic(x[i]);
}

void PlainExps(const double* x, double* out, int64_t n) noexcept {
  for (int64_t i = 0; i < n; ++i) out[i] = Exp(x[i]);
}

// Closer to 0 than this, Exp is a normal number, made in one step.
constexpr double kPlain = 700;

// Exp(x) for x in [-kPlain, 0]: its operations in its order.
PHASIC_V3 PHASIC_INLINE void ExpOfNegatives(const Vec& x, Vec* out) {
  using namespace math_internal;
  const __m128i k = _mm256_cvttpd_epi32(x * kLog2E - 0.5);
  const Vec turns = static_cast<Vec>(_mm256_cvtepi32_pd(k));
  Vec series;
  Expm1Series((x - turns * kLn2Hi) - turns * kLn2Lo, &series);
  const Mask power = (reinterpret_cast<Mask>(_mm256_cvtepi32_epi64(k)) + 1023) << 52;
  *out = (1.0 + series) * reinterpret_cast<Vec>(power);
}

PHASIC_V3 void Logistics(const Real* x, Real* out, int64_t n) noexcept {
  using Reals = Real __attribute__((vector_size(4 * sizeof(Real))));
  for (; n >= 4; x += 4, out += 4, n -= 4) {
    Reals reals;
    std::memcpy(&reals, x, sizeof reals);
    const Vec v = __builtin_convertvector(reals, Vec);
    const Vec negative = v < 0.0 ? v : -v;
    if (_mm256_movemask_pd(reinterpret_cast<Vec>(negative > -kPlain)) != 0xf) {
      PlainLogistics(x, out, 4);
      continue;
    }
    Vec e;
    ExpOfNegatives(negative, &e);
    const Vec above = v >= 0.0 ? Vec{1, 1, 1, 1} : e;
    reals = __builtin_convertvector(above / (1.0 + e), Reals);
    std::memcpy(out, &reals, sizeof reals);
  }
  PlainLogistics(x, out, n);
}

PHASIC_V3 void Exps(const double* x, double* out, int64_t n) noexcept {
  for (; n >= 4; x += 4, out += 4, n -= 4) {
    Vec v, e;
    std::memcpy(&v, x, sizeof v);
    const Mask plain = v > -kPlain && v <= 0.0;
    if (_mm256_movemask_pd(reinterpret_cast<Vec>(plain)) != 0xf) {
      PlainExps(x, out, 4);
      continue;
    }
    ExpOfNegatives(v, &e);
    std::memcpy(out, &e, sizeof e);
  }
  PlainExps(x, out, n);
}

constexpr Vectors kBaseline = {PlainLogistics, PlainExps};
constexpr Vectors kV3 = {Logistics, Exps};

}  // namespace

const Vectors& VectorsFor(Isa isa) { return isa == Isa::kBaseline ? kBaseline : kV3; }

}  // namespace phasic

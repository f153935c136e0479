// SPDX-License-Identifier: Apache-2.0
#include "core/stores/kernels.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/base/targets.h"
#include "core/stores/folding.h"
#include "core/stores/learning.h"
#include "core/stores/products.h"

namespace phasic {
namespace {

using learning::Bounds;
using learning::Does;
using learning::Rows;
using learning::Walk;
using products::kLanes;

PHASIC_INLINE void Apply(Real* __restrict w, const Real* e, Real c, int64_t n) {
#pragma omp simd
  for (int64_t j = 0; j < n; ++j) w[j] += c * e[j];
}

PHASIC_INLINE void ApplyPair(Real* __restrict w, Real a, const Real* b, Real c, int64_t n) {
#pragma omp simd
  for (int64_t j = 0; j < n; ++j) w[j] += c * (a * b[j]);
}

// Of a finite number, less itself is 0; of any other, not a number.
PHASIC_INLINE Real Unsound(Real x) { return x - x; }

template <int kWide>
PHASIC_INLINE bool Finite(const Real* x, int64_t n) {
  using Wide = typename registers::Vector<kWide>::Type;
  constexpr int kChains = 4;  // that do not wait for each other
  if (n < kWide) {
    Real unsound = 0;
    for (int64_t j = 0; j < n; ++j) unsound += Unsound(x[j]);
    return unsound == 0;
  }
  // Times 0, a finite number is 0; any other is not a number.
  const Wide zero = {};
  Wide sums[kChains] = {}, part;
  int64_t j = 0;
  for (; j + kChains * kWide <= n; j += kChains * kWide) {
#pragma GCC unroll 4
    for (int c = 0; c < kChains; ++c) {
      std::memcpy(&part, x + j + c * kWide, sizeof part);
      sums[c] += part * zero;
    }
  }
  for (; j < n; j += kWide) {  // the last ones may be looked at twice
    std::memcpy(&part, x + std::min(j, n - kWide), sizeof part);
    sums[0] += part * zero;
  }
  part = (sums[0] + sums[1]) + (sums[2] + sums[3]);
  return registers::Sum<kWide>(part) == 0;
}

// Sizes are compared as whole numbers of the same bits: so what is not finite is larger than all
// that is.
template <int kWide>
PHASIC_INLINE Real Largest(const Real* x, int64_t n) {
  using Ints = typename registers::Vector<kWide>::Ints;
  constexpr int kChains = 4;  // that do not wait for each other
  constexpr registers::Bits kSizeBits = std::numeric_limits<registers::Bits>::max();
  Ints most[kChains] = {}, part;
  registers::Bits largest = 0, one;
  int64_t j = 0;
  const auto look = [&](int64_t at, Ints * chain) __attribute__((always_inline)) {
    std::memcpy(&part, x + at, sizeof part);
    part &= kSizeBits;
    *chain = *chain > part ? *chain : part;
  };
  for (; j + kChains * kWide <= n; j += kChains * kWide) {
#pragma GCC unroll 4
    for (int c = 0; c < kChains; ++c) look(j + c * kWide, &most[c]);
  }
  if (n >= kWide) {  // the last ones may be looked at twice
    for (; j < n; j += kWide) look(std::min(j, n - kWide), &most[0]);
#pragma GCC unroll 4
    for (int c = 1; c < kChains; ++c) most[0] = most[0] > most[c] ? most[0] : most[c];
    largest = registers::Most<kWide>(most[0]);
  }
  for (; j < n; ++j) {
    asm("" : "+r"(j));  // not worth vectors
    std::memcpy(&one, x + j, sizeof one);
    largest = std::max(largest, one & kSizeBits);
  }
  Real size;
  std::memcpy(&size, &largest, sizeof size);
  return size;
}

PHASIC_INLINE void Clip(Real* w, Real low, Real high, int64_t n) {
#pragma omp simd
  for (int64_t j = 0; j < n; ++j) w[j] = learning::Clipped(w[j], low, high);
}

PHASIC_INLINE void Replay(Real* __restrict e, const Real* decay, const Real* a, int64_t post,
                          const Real* b, int64_t pre, int64_t pairs, int64_t n) {
  constexpr int kChunk = 4 * kLanes;
  int64_t j = 0;
  for (; j + kChunk <= n; j += kChunk) {
    Real chunk[kChunk];
    for (int l = 0; l < kChunk; ++l) chunk[l] = e[j + l];
    for (int64_t k = 0; k < pairs; ++k) {
      const Real d = decay[k], x = a[k * post];
      const Real* row = b + k * pre + j;
#pragma omp simd
      for (int l = 0; l < kChunk; ++l) chunk[l] = d * chunk[l] + x * row[l];
    }
    for (int l = 0; l < kChunk; ++l) e[j + l] = chunk[l];
  }
  for (; j < n; ++j) {
    for (int64_t k = 0; k < pairs; ++k) e[j] = decay[k] * e[j] + a[k * post] * b[k * pre + j];
  }
}

// One set of functions, each compiled for an instruction set with vectors of WIDE numbers.
#define PHASIC_KERNELS(Set, WIDE, TARGET)                                                          \
  struct Set {                                                                                     \
    TARGET static void DeliverK(const Real* w, const Real* x, Real* y, int64_t m,                  \
                                int64_t n) noexcept {                                              \
      products::Deliver<WIDE>(w, x, y, m, n);                                                      \
    }                                                                                              \
    TARGET static void DeliverTransposedK(const Real* w, const Real* x, Real* y, int64_t m,        \
                                          int64_t n) noexcept {                                    \
      products::DeliverTransposed(w, x, y, m, n);                                                  \
    }                                                                                              \
    TARGET static void ApplyK(Real* w, const Real* e, Real c, int64_t n) noexcept {                \
      Apply(w, e, c, n);                                                                           \
    }                                                                                              \
    TARGET static void ApplyPairK(Real* w, Real a, const Real* b, Real c, int64_t n) noexcept {    \
      ApplyPair(w, a, b, c, n);                                                                    \
    }                                                                                              \
    TARGET static void TraceK(Real* e, Real decay, const Real* a, const Real* b, int64_t m,        \
                              int64_t n) noexcept {                                                \
      Rows<WIDE, Does::kTrace, Bounds::kNone>(nullptr, e, nullptr, a, b, m, n, {0, 0, decay});     \
    }                                                                                              \
    TARGET static bool ChangeK(Real* w, const Real* e, const Real* c, Real low, Real high,         \
                               int64_t m, int64_t n) noexcept {                                    \
      return Walk<WIDE, Does::kChange>(w, e, c, nullptr, nullptr, m, n, {low, high, 0});           \
    }                                                                                              \
    TARGET static bool LearnK(Real* w, const Real* c, Real low, Real high, Real* e, Real decay,    \
                              const Real* a, const Real* b, int64_t m, int64_t n) noexcept {       \
      return Walk<WIDE, Does::kLearn>(w, e, c, a, b, m, n, {low, high, decay});                    \
    }                                                                                              \
    TARGET static bool FoldK(Real* e, Real decay, const Real* a, const Real* b, int64_t pairs,     \
                             int64_t m, int64_t n) noexcept {                                      \
      return folding::Fold<WIDE>(e, decay, a, b, pairs, m, n);                                     \
    }                                                                                              \
    TARGET static bool FiniteK(const Real* x, int64_t n) noexcept { return Finite<WIDE>(x, n); }   \
    TARGET static Real LargestK(const Real* x, int64_t n) noexcept { return Largest<WIDE>(x, n); } \
    TARGET static void ClipK(Real* w, Real low, Real high, int64_t n) noexcept {                   \
      Clip(w, low, high, n);                                                                       \
    }                                                                                              \
    TARGET static void ReplayK(Real* e, const Real* decay, const Real* a, int64_t post,            \
                               const Real* b, int64_t pre, int64_t pairs, int64_t n) noexcept {    \
      Replay(e, decay, a, post, b, pre, pairs, n);                                                 \
    }                                                                                              \
    static constexpr Kernels kTable = {                                                            \
        DeliverK, DeliverTransposedK, ApplyK, ApplyPairK, TraceK, ChangeK, LearnK, FoldK,          \
        FiniteK,  LargestK,           ClipK,  ReplayK};                                            \
  }

// The baseline has registers of 16 bytes; wider vectors are slow there.
PHASIC_KERNELS(Baseline, 4, );
PHASIC_KERNELS(V3, 8, PHASIC_V3);
PHASIC_KERNELS(V4, 16, PHASIC_V4);

}  // namespace

const Kernels& KernelsFor(Isa isa) {
  static constexpr const Kernels* kTables[] = {&Baseline::kTable, &V3::kTable, &V4::kTable};
  return *kTables[static_cast<int>(isa)];
}

}  // namespace phasic

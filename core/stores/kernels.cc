// SPDX-License-Identifier: Apache-2.0
#include "core/stores/kernels.h"

namespace phasic {
namespace {

#define PHASIC_INLINE inline __attribute__((always_inline))

constexpr int kLanes = 16;

PHASIC_INLINE Real Dot(const Real* w, const Real* x, int64_t n) {
  Real lane[kLanes] = {};
  int64_t j = 0;
  for (; j + kLanes <= n; j += kLanes) {
#pragma omp simd
    for (int l = 0; l < kLanes; ++l) lane[l] += w[j + l] * x[j + l];
  }
  for (int l = 0; j < n; ++j, ++l) lane[l] += w[j] * x[j];
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int l = 0; l < width; ++l) lane[l] += lane[l + width];
  }
  return lane[0];
}

PHASIC_INLINE void Deliver(const Real* w, const Real* x, Real* y, int64_t m, int64_t n) {
  for (int64_t i = 0; i < m; ++i) y[i] += Dot(w + i * n, x, n);
}

PHASIC_INLINE void DeliverTransposed(const Real* w, const Real* x, Real* __restrict y, int64_t m,
                                     int64_t n) {
  for (int64_t i = 0; i < m; ++i) {
    const Real* row = w + i * n;
    const Real xi = x[i];
#pragma omp simd
    for (int64_t j = 0; j < n; ++j) y[j] += row[j] * xi;
  }
}

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

PHASIC_INLINE bool Trace(Real* __restrict e, Real decay, Real a, const Real* b, int64_t n) {
  Real unsound = 0;
#pragma omp simd reduction(+ : unsound)
  for (int64_t j = 0; j < n; ++j) {
    e[j] = decay * e[j] + a * b[j];
    unsound += Unsound(e[j]);
  }
  return unsound == 0;
}

PHASIC_INLINE bool Finite(const Real* x, int64_t n) {
  Real unsound = 0;
#pragma omp simd reduction(+ : unsound)
  for (int64_t j = 0; j < n; ++j) unsound += Unsound(x[j]);
  return unsound == 0;
}

PHASIC_INLINE Real Clipped(Real w, Real low, Real high) {
  const Real raised = w < low ? low : w;
  return raised > high ? high : raised;
}

PHASIC_INLINE void Clip(Real* w, Real low, Real high, int64_t n) {
#pragma omp simd
  for (int64_t j = 0; j < n; ++j) w[j] = Clipped(w[j], low, high);
}

PHASIC_INLINE bool Change(Real* __restrict w, const Real* e, Real c, Real low, Real high,
                          int64_t n) {
  Real unsound = 0;
#pragma omp simd reduction(+ : unsound)
  for (int64_t j = 0; j < n; ++j) {
    w[j] = Clipped(w[j] + c * e[j], low, high);
    unsound += Unsound(w[j]);
  }
  return unsound == 0;
}

PHASIC_INLINE bool Learn(Real* __restrict w, Real c, Real low, Real high, Real* __restrict e,
                         Real decay, Real a, const Real* b, int64_t n) {
  Real unsound = 0;
#pragma omp simd reduction(+ : unsound)
  for (int64_t j = 0; j < n; ++j) {
    w[j] = Clipped(w[j] + c * e[j], low, high);
    e[j] = decay * e[j] + a * b[j];
    unsound += Unsound(w[j]) + Unsound(e[j]);
  }
  return unsound == 0;
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

// One set of functions, each compiled for an instruction set.
#define PHASIC_KERNELS(Set, TARGET)                                                                \
  struct Set {                                                                                     \
    TARGET static void DeliverK(const Real* w, const Real* x, Real* y, int64_t m,                  \
                                int64_t n) noexcept {                                              \
      Deliver(w, x, y, m, n);                                                                      \
    }                                                                                              \
    TARGET static void DeliverTransposedK(const Real* w, const Real* x, Real* y, int64_t m,        \
                                          int64_t n) noexcept {                                    \
      DeliverTransposed(w, x, y, m, n);                                                            \
    }                                                                                              \
    TARGET static void ApplyK(Real* w, const Real* e, Real c, int64_t n) noexcept {                \
      Apply(w, e, c, n);                                                                           \
    }                                                                                              \
    TARGET static void ApplyPairK(Real* w, Real a, const Real* b, Real c, int64_t n) noexcept {    \
      ApplyPair(w, a, b, c, n);                                                                    \
    }                                                                                              \
    TARGET static bool TraceK(Real* e, Real decay, Real a, const Real* b, int64_t n) noexcept {    \
      return Trace(e, decay, a, b, n);                                                             \
    }                                                                                              \
    TARGET static bool ChangeK(Real* w, const Real* e, Real c, Real low, Real high,                \
                               int64_t n) noexcept {                                               \
      return Change(w, e, c, low, high, n);                                                        \
    }                                                                                              \
    TARGET static bool LearnK(Real* w, Real c, Real low, Real high, Real* e, Real decay, Real a,   \
                              const Real* b, int64_t n) noexcept {                                 \
      return Learn(w, c, low, high, e, decay, a, b, n);                                            \
    }                                                                                              \
    TARGET static bool FiniteK(const Real* x, int64_t n) noexcept { return Finite(x, n); }         \
    TARGET static void ClipK(Real* w, Real low, Real high, int64_t n) noexcept {                   \
      Clip(w, low, high, n);                                                                       \
    }                                                                                              \
    TARGET static void ReplayK(Real* e, const Real* decay, const Real* a, int64_t post,            \
                               const Real* b, int64_t pre, int64_t pairs, int64_t n) noexcept {    \
      Replay(e, decay, a, post, b, pre, pairs, n);                                                 \
    }                                                                                              \
    static constexpr Kernels kTable = {                                                            \
        DeliverK, DeliverTransposedK, ApplyK, ApplyPairK, TraceK, ChangeK, LearnK, FiniteK, ClipK, \
        ReplayK};                                                                                  \
  }

PHASIC_KERNELS(Baseline, );
PHASIC_KERNELS(V3, __attribute__((target("avx,avx2,bmi,bmi2,fma"))));

}  // namespace

const Kernels& KernelsFor(Isa isa) { return isa == Isa::kV3 ? V3::kTable : Baseline::kTable; }

}  // namespace phasic

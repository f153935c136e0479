// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <limits>

#include "core/stores/products.h"

// What learning does to a matrix of weights and one of traces, in one walk through both, for
// kernels.cc to compile for each instruction set.
namespace phasic::learning {

PHASIC_INLINE Real Clipped(Real w, Real low, Real high) {
  const Real raised = w < low ? low : w;
  return raised > high ? high : raised;
}

// What a walk does: weights change by traces, traces take in pairs, or both, in this order.
enum class Does : uint8_t { kChange, kTrace, kLearn };
// How many sides of w's range are bounded. Between two, it stays finite.
enum class Bounds : uint8_t { kNone, kOne, kBoth };

// Numbers that are the same for a whole matrix, and each in every place of a register.
struct Constants {
  Real low, high, decay;
};
template <int kWide>
struct Spreads {
  typename registers::Vector<kWide>::Type low, high, decay;
};

// One register of weights and traces. Where nothing bounds w, sums up what becomes of it: of finite
// numbers a sum is finite, unless they are very large; of others it never is.
template <int kWide, Does kDoes, Bounds kBounds, class Traces, class Wide>
PHASIC_INLINE void Part(Real* w, Traces* e, const Wide& c, const Wide& a, const Wide& b,
                        const Spreads<kWide>& wide, Wide* sum) {
  Wide ws = {}, es;
  std::memcpy(&es, e, sizeof es);
  if constexpr (kDoes != Does::kTrace) {
    std::memcpy(&ws, w, sizeof ws);
    ws += c * es;
    if constexpr (kBounds != Bounds::kNone) {
      ws = ws < wide.low ? wide.low : ws;
      ws = ws > wide.high ? wide.high : ws;
    }
    std::memcpy(w, &ws, sizeof ws);
    if constexpr (kBounds != Bounds::kBoth) *sum += ws;
  }
  if constexpr (kDoes != Does::kChange) {
    es = wide.decay * es + a * b;
    std::memcpy(e, &es, sizeof es);
  }
}

// One row. Coefficients `c` and `a` are one for the row, or, where kColumn says that it is in truth
// a column, one for each number, and `b` is one for all. `sums` are of whole registers, *rest of
// what is left.
template <int kWide, Does kDoes, Bounds kBounds, bool kColumn, class Traces>
PHASIC_INLINE void Row(Real* w, Traces* e, const Real* c, const Real* a, const Real* b, int64_t n,
                       const Constants& k, const Spreads<kWide>& wide,
                       typename registers::Vector<kWide>::Type (&sums)[2], Real* rest) {
  using Wide = typename registers::Vector<kWide>::Type;
  constexpr bool kChanges = kDoes != Does::kTrace, kTraces = kDoes != Does::kChange;
  Wide cs = {}, as = {}, bs = {};
  if constexpr (kChanges && !kColumn) registers::Spread<kWide>(*c, &cs);
  if constexpr (kTraces && !kColumn) registers::Spread<kWide>(*a, &as);
  if constexpr (kTraces && kColumn) registers::Spread<kWide>(*b, &bs);
  int64_t j = 0;
  const auto part = [&](int64_t at, Wide * sum) __attribute__((always_inline)) {
    if constexpr (kChanges && kColumn) std::memcpy(&cs, c + at, sizeof cs);
    if constexpr (kTraces && kColumn) std::memcpy(&as, a + at, sizeof as);
    if constexpr (kTraces && !kColumn) std::memcpy(&bs, b + at, sizeof bs);
    Part<kWide, kDoes, kBounds>(kChanges ? w + at : w, e + at, cs, as, bs, wide, sum);
  };
  for (; j + 2 * kWide <= n; j += 2 * kWide) {
    part(j, &sums[0]);
    part(j + kWide, &sums[1]);
  }
  if (j + kWide <= n) {
    part(j, &sums[0]);
    j += kWide;
  }
  for (; j < n; ++j) {
    asm("" : "+r"(j));  // not worth vectors, whose set-up would be done for every row
    if constexpr (kChanges) {
      w[j] += c[kColumn ? j : 0] * e[j];
      if constexpr (kBounds != Bounds::kNone) w[j] = Clipped(w[j], k.low, k.high);
      if constexpr (kBounds != Bounds::kBoth) *rest += w[j];
    }
    if constexpr (kTraces) {
      e[j] = k.decay * e[j] + a[kColumn ? j : 0] * b[kColumn ? 0 : j];
    }
  }
}

// Rows of kParts registers, with what comes from their columns in registers too.
template <int kWide, int kParts, Does kDoes, Bounds kBounds, class Traces>
PHASIC_INLINE void Narrow(Real* w, Traces* e, const Real* c, const Real* a, const Real* b,
                          int64_t m, const Spreads<kWide>& wide,
                          typename registers::Vector<kWide>::Type (&sums)[2]) {
  constexpr bool kChanges = kDoes != Does::kTrace, kTraces = kDoes != Does::kChange;
  constexpr int64_t n = kParts * kWide;
  typename registers::Vector<kWide>::Type cs = {}, as = {}, bs[kParts] = {};
#pragma GCC unroll 4
  for (int p = 0; p < kParts && kTraces; ++p) std::memcpy(&bs[p], b + p * kWide, sizeof bs[p]);
  for (int64_t i = 0; i < m; ++i) {
    if constexpr (kChanges) registers::Spread<kWide>(c[i], &cs);
    if constexpr (kTraces) registers::Spread<kWide>(a[i], &as);
#pragma GCC unroll 4
    for (int p = 0; p < kParts; ++p) {
      const int64_t at = i * n + p * kWide;
      Part<kWide, kDoes, kBounds>(kChanges ? w + at : w, e + at, cs, as, bs[p], wide, &sums[p % 2]);
    }
  }
}

// All rows. False: maybe not every w is finite then.
template <int kWide, Does kDoes, Bounds kBounds, class Traces>
PHASIC_INLINE bool Rows(Real* w, Traces* e, const Real* c, const Real* a, const Real* b, int64_t m,
                        int64_t n, const Constants& k) {
  typename registers::Vector<kWide>::Type sums[2] = {};
  Spreads<kWide> wide;
  registers::Spread<kWide>(k.low, &wide.low);
  registers::Spread<kWide>(k.high, &wide.high);
  registers::Spread<kWide>(k.decay, &wide.decay);
  Real sum = 0;
  if (n == 1) {  // as good as one row, and longer
    Row<kWide, kDoes, kBounds, true>(w, e, c, a, b, m, k, wide, sums, &sum);
  } else if (n == kWide) {
    Narrow<kWide, 1, kDoes, kBounds>(w, e, c, a, b, m, wide, sums);
  } else if (n == 2 * kWide) {
    Narrow<kWide, 2, kDoes, kBounds>(w, e, c, a, b, m, wide, sums);
  } else if (n == 4 * kWide) {
    Narrow<kWide, 4, kDoes, kBounds>(w, e, c, a, b, m, wide, sums);
  } else {
    for (int64_t i = 0; i < m; ++i) {
      Row<kWide, kDoes, kBounds, false>(
          kDoes == Does::kTrace ? w : w + i * n, e + i * n, kDoes == Does::kTrace ? c : c + i,
          kDoes == Does::kChange ? a : a + i, b, n, k, wide, sums, &sum);
    }
  }
  sums[0] += sums[1];
  sum += registers::Sum<kWide>(sums[0]);
  return sum - sum == 0;
}

// The same, by what the bounds are.
template <int kWide, Does kDoes, class Traces>
PHASIC_INLINE bool Walk(Real* w, Traces* e, const Real* c, const Real* a, const Real* b, int64_t m,
                        int64_t n, const Constants& k) {
  constexpr Real kUnbounded = std::numeric_limits<Real>::infinity();
  const bool below = k.low > -kUnbounded, above = k.high < kUnbounded;
  if (below && above) return Rows<kWide, kDoes, Bounds::kBoth>(w, e, c, a, b, m, n, k);
  if (below || above) return Rows<kWide, kDoes, Bounds::kOne>(w, e, c, a, b, m, n, k);
  return Rows<kWide, kDoes, Bounds::kNone>(w, e, c, a, b, m, n, k);
}

}  // namespace phasic::learning

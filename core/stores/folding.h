// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/stores/kernels.h"
#include "core/stores/products.h"

// Many pairs into a trace in one pass over it, for kernels.cc to compile for each instruction set:
// each number takes in the pairs one after the other, in a register, so it gets the bits that it
// would have got from one pass for each.
namespace phasic::folding {

// kRows rows of up to kFoldColumns numbers, `stride` apart. `a` has kRows numbers for each pair.
// Returns 0 if all are finite then, else not a number.
template <int kWide, int kRows, bool kDecays>
PHASIC_INLINE Real FoldBlock(Real* e, int64_t stride, int64_t width, Real decay, const Real* a,
                             const Real* b, int64_t pairs) {
  using Wide = typename registers::Vector<kWide>::Type;
  constexpr int kParts = kFoldColumns / kWide;
  Wide sum[kRows][kParts], row, post[kRows], decays, unsound = {};
  registers::Spread<kWide>(decay, &decays);
  Real edge[kFoldColumns] = {};
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
    if (width == kFoldColumns) {
      std::memcpy(sum[r], e + r * stride, sizeof sum[r]);
    } else {
      std::copy_n(e + r * stride, width, edge);
      std::memcpy(sum[r], edge, sizeof sum[r]);
    }
  }
  for (int64_t k = 0; k < pairs; ++k) {
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) registers::Spread<kWide>(a[k * kRows + r], &post[r]);
#pragma GCC unroll 8
    for (int p = 0; p < kParts; ++p) {
      std::memcpy(&row, b + k * kFoldColumns + p * kWide, sizeof row);
#pragma GCC unroll 4
      for (int r = 0; r < kRows; ++r) {
        sum[r][p] = (kDecays ? decays * sum[r][p] : sum[r][p]) + post[r] * row;
      }
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int p = 0; p < kParts; ++p) unsound += sum[r][p] - sum[r][p];
    if (width == kFoldColumns) {
      std::memcpy(e + r * stride, sum[r], sizeof sum[r]);
    } else {
      std::memcpy(edge, sum[r], sizeof edge);
      std::copy_n(edge, width, e + r * stride);
    }
  }
  return registers::Sum<kWide>(unsound);
}

template <int kWide, int kRows, bool kDecays>
PHASIC_INLINE Real FoldRows(Real* e, Real decay, const Real* a, int64_t post, const Real* b,
                            int64_t pairs, int64_t n) {
  Real of_rows[kFoldPairs * kRows];
  for (int64_t k = 0; k < pairs; ++k) {
    for (int r = 0; r < kRows; ++r) of_rows[k * kRows + r] = a[k * post + r];
  }
  Real unsound = 0;
  for (int64_t j = 0; j < n; j += kFoldColumns) {
    unsound += FoldBlock<kWide, kRows, kDecays>(e + j, n, std::min(kFoldColumns, n - j), decay,
                                                of_rows, b + j * kFoldPairs, pairs);
  }
  return unsound;
}

template <int kWide, bool kDecays>
PHASIC_INLINE bool FoldAll(Real* e, Real decay, const Real* a, const Real* b, int64_t pairs,
                           int64_t m, int64_t n) {
  constexpr int kRows = kWide == 16 ? 4 : kWide == 8 ? 2 : 1;  // as many as registers hold
  Real unsound = 0;
  int64_t i = 0;
  for (; i + kRows <= m; i += kRows)
    unsound += FoldRows<kWide, kRows, kDecays>(e + i * n, decay, a + i, m, b, pairs, n);
  for (; i < m; ++i)
    unsound += FoldRows<kWide, 1, kDecays>(e + i * n, decay, a + i, m, b, pairs, n);
  return unsound == 0;
}

template <int kWide>
PHASIC_INLINE bool Fold(Real* e, Real decay, const Real* a, const Real* b, int64_t pairs, int64_t m,
                        int64_t n) {
  return decay == 1 ? FoldAll<kWide, false>(e, decay, a, b, pairs, m, n)
                    : FoldAll<kWide, true>(e, decay, a, b, pairs, m, n);
}

}  // namespace phasic::folding

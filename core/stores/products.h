// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>

#include "core/base/inline.h"
#include "core/base/real.h"
#include "core/base/registers.h"

// Matrix-vector products, for kernels.cc to compile for each instruction set. Sums run in 16 lanes,
// folded in a fixed order.
namespace phasic::products {

inline constexpr int kLanes = 16;

using registers::FoldToFour;
using registers::Four;
using registers::Sum;
using registers::Vector;

// Fewer than 16 numbers, in pieces whose sizes are known: a call would cost more than all of it.
PHASIC_INLINE void CopySome(const Real* from, int64_t n, Real* to) {
  static_assert(kLanes == 16);
  if (n & 8) std::memcpy(to, from, 8 * sizeof(Real));
  from += n & 8, to += n & 8;
  if (n & 4) std::memcpy(to, from, 4 * sizeof(Real));
  from += n & 4, to += n & 4;
  if (n & 2) std::memcpy(to, from, 2 * sizeof(Real));
  from += n & 2, to += n & 2;
  if (n & 1) *to = *from;
}

// y[r] += the sum of row r, folded in halves, as FoldToFour and Sum would have it: eight together.
PHASIC_INLINE void AddSums(const Vector<16>::Type (&row)[8], Real* y) {
  Vector<16>::Type pair[4], quad[2];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {  // rows 2i and 2i + 1, eight sums of each
    const auto &a = row[2 * i], &b = row[2 * i + 1];
    pair[i] =
        __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
        __builtin_shufflevector(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {  // rows 4i to 4i + 3, four of each
    const auto &a = pair[2 * i], &b = pair[2 * i + 1];
    quad[i] =
        __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
        __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  }
  // Two of each: rows 0, 4, 1, 5...
  const Vector<16>::Type two = __builtin_shufflevector(quad[0], quad[1], 0, 1, 16, 17, 4, 5, 20, 21,
                                                       8, 9, 24, 25, 12, 13, 28, 29) +
                               __builtin_shufflevector(quad[0], quad[1], 2, 3, 18, 19, 6, 7, 22, 23,
                                                       10, 11, 26, 27, 14, 15, 30, 31);
  const Vector<8>::Type sums = __builtin_shufflevector(two, two, 0, 4, 8, 12, 2, 6, 10, 14) +
                               __builtin_shufflevector(two, two, 1, 5, 9, 13, 3, 7, 11, 15);
  Vector<8>::Type ys;
  std::memcpy(&ys, y, sizeof ys);
  ys += sums;
  std::memcpy(y, &ys, sizeof ys);
}

// The products of kRows rows with x: their sums do not wait for each other, and are folded
// together. kWide numbers at a time, which changes no bit: lane l sums the products l, l + 16, ...
template <int kWide, int kRows>
PHASIC_INLINE void Dots(const Real* w, const Real* x, Real* y, int64_t n) {
  // No function takes or gives these: without AVX it would have another calling convention.
  using Wide = typename Vector<kWide>::Type;
  constexpr int kParts = kLanes / kWide;
  static_assert(kParts == 1 || kParts == 2 || kParts == 4);
  Wide lane[kRows][kParts] = {}, xs[kParts], row;
  int64_t j = 0;
  for (; j + kLanes <= n; j += kLanes) {
#pragma GCC unroll 4
    for (int p = 0; p < kParts; ++p) std::memcpy(&xs[p], x + j + p * kWide, sizeof xs[p]);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
      for (int p = 0; p < kParts; ++p) {
        std::memcpy(&row, w + r * n + j + p * kWide, sizeof row);
        lane[r][p] += row * xs[p];
      }
    }
  }
  if (j < n) {  // Lanes without a product take in 0, which changes no bit of a sum begun at 0.
    Real rest[kLanes] = {}, last[kLanes] = {};
    CopySome(x + j, n - j, rest);
    std::memcpy(xs, rest, sizeof xs);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      CopySome(w + r * n + j, n - j, last);
#pragma GCC unroll 4
      for (int p = 0; p < kParts; ++p) {
        std::memcpy(&row, last + p * kWide, sizeof row);
        lane[r][p] += row * xs[p];
      }
    }
  }
  // Folded in halves: of 16, 8, 4 and 2.
  if constexpr (kWide == 16 && kRows == 8) {
    Wide whole[kRows];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) whole[r] = lane[r][0];
    return AddSums(whole, y);
  }
  Four four[kRows];
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) {
    if constexpr (kParts == 4) {
      const Wide low = lane[r][0] + lane[r][2], high = lane[r][1] + lane[r][3];
      four[r] = low + high;
    } else if constexpr (kParts == 2) {
      const Wide eight = lane[r][0] + lane[r][1];
      FoldToFour<8>(eight, &four[r]);
    } else {
      FoldToFour<16>(lane[r][0], &four[r]);
    }
  }
  if constexpr (kRows == 4) {
    const Four first = __builtin_shufflevector(four[0], four[1], 0, 1, 4, 5) +
                       __builtin_shufflevector(four[0], four[1], 2, 3, 6, 7);
    const Four second = __builtin_shufflevector(four[2], four[3], 0, 1, 4, 5) +
                        __builtin_shufflevector(four[2], four[3], 2, 3, 6, 7);
    const Four sums = __builtin_shufflevector(first, second, 0, 2, 4, 6) +
                      __builtin_shufflevector(first, second, 1, 3, 5, 7);
    Four ys;
    std::memcpy(&ys, y, sizeof ys);
    ys += sums;
    std::memcpy(y, &ys, sizeof ys);
  } else {
    for (int r = 0; r < kRows; ++r) y[r] += Sum<4>(four[r]);
  }
}

template <int kWide>
PHASIC_INLINE void Deliver(const Real* w, const Real* x, Real* y, int64_t m, int64_t n) {
  if (n == 1) {  // a bias: side by side, with the 0 that a sum begins at
    const Real x0 = x[0];
#pragma omp simd
    for (int64_t i = 0; i < m; ++i) y[i] += Real{0} + w[i] * x0;
    return;
  }
  int64_t i = 0;
  if constexpr (kWide == 16) {  // a row has one chain of sums
    for (; i + 8 <= m; i += 8) Dots<kWide, 8>(w + i * n, x, y + i, n);
  }
  for (; i + 4 <= m; i += 4) Dots<kWide, 4>(w + i * n, x, y + i, n);
  for (; i < m; ++i) Dots<kWide, 1>(w + i * n, x, y + i, n);
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

}  // namespace phasic::products

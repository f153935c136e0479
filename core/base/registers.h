// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "core/base/inline.h"
#include "core/base/real.h"

// Registers of 4, 8 or 16 numbers, for code that is compiled for several instruction sets. No
// function takes or gives them but by reference: without AVX it would have another calling
// convention.
namespace phasic::registers {

// As wide as a Real.
using Bits = std::conditional_t<sizeof(Real) == sizeof(int32_t), int32_t, int64_t>;

// So many numbers in one register, or in several.
template <int kSize>
struct Vector {
  // NOLINTNEXTLINE(modernize-use-using): GCC takes such a size in a typedef only.
  typedef Real Type __attribute__((vector_size(kSize * sizeof(Real))));
  // NOLINTNEXTLINE(modernize-use-using): likewise
  typedef Bits Ints __attribute__((vector_size(kSize * sizeof(Real))));
};
using Four = Vector<4>::Type;

// One number in every place of a register. Arithmetic of a number and a vector would put it into
// one place after the other.
template <int kSize>
PHASIC_INLINE void Spread(Real x, typename Vector<kSize>::Type* to) {
  typename Vector<kSize>::Type one = {};
  one[0] = x;
  if constexpr (kSize == 4) {
    *to = __builtin_shufflevector(one, one, 0, 0, 0, 0);
  } else if constexpr (kSize == 8) {
    *to = __builtin_shufflevector(one, one, 0, 0, 0, 0, 0, 0, 0, 0);
  } else {
    static_assert(kSize == 16);
    *to = __builtin_shufflevector(one, one, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }
}

// The places of a register, folded in halves: into four sums, and into one.
template <int kSize>
PHASIC_INLINE void FoldToFour(const typename Vector<kSize>::Type& x, Four* to) {
  if constexpr (kSize == 4) {
    *to = x;
  } else if constexpr (kSize == 8) {
    *to = __builtin_shufflevector(x, x, 0, 1, 2, 3) + __builtin_shufflevector(x, x, 4, 5, 6, 7);
  } else {
    static_assert(kSize == 16);
    const Vector<8>::Type half = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) +
                                 __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
    FoldToFour<8>(half, to);
  }
}
template <int kSize>
PHASIC_INLINE Real Sum(const typename Vector<kSize>::Type& x) {
  Four four;
  FoldToFour<kSize>(x, &four);
  return (four[0] + four[2]) + (four[1] + four[3]);
}

// The largest number in a register.
template <int kSize>
PHASIC_INLINE Bits Most(const typename Vector<kSize>::Ints& x) {
  if constexpr (kSize == 4) {
    return std::max(std::max(x[0], x[2]), std::max(x[1], x[3]));
  } else if constexpr (kSize == 8) {
    const Vector<4>::Ints low = __builtin_shufflevector(x, x, 0, 1, 2, 3),
                          high = __builtin_shufflevector(x, x, 4, 5, 6, 7);
    const Vector<4>::Ints half = low > high ? low : high;
    return Most<4>(half);
  } else {
    static_assert(kSize == 16);
    const Vector<8>::Ints low = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7),
                          high = __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
    const Vector<8>::Ints half = low > high ? low : high;
    return Most<8>(half);
  }
}

}  // namespace phasic::registers

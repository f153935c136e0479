// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <xmmintrin.h>

namespace phasic {

// The floating-point mode that circuits compute in, for as long as it lives: round to nearest, no
// traps, and denormal numbers are 0. A trace that nothing renews decays into denormals, which cost
// a hundred times a normal number; and a caller's own mode must not change an agent's bits.
class FloatMode {
 public:
  FloatMode() noexcept : before_(_mm_getcsr()) { _mm_setcsr(kMode); }
  ~FloatMode() { _mm_setcsr(before_); }
  FloatMode(const FloatMode&) = delete;
  FloatMode& operator=(const FloatMode&) = delete;

 private:
  static constexpr unsigned kMode =
      0x1F80 | 0x8040;  // all exceptions masked; flush to zero, denormals are zero
  const unsigned before_;
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <xmmintrin.h>

namespace phasic {

// The floating-point mode that circuits compute in, for as long as it lives: round to nearest, no
// traps, and denormal numbers are 0. A trace that nothing renews decays into denormals, which cost
// a hundred times a normal number; and a caller's own mode must not change an agent's bits. Within
// another it costs next to nothing.
class FloatMode {
 public:
  FloatMode() noexcept : before_(_mm_getcsr()), other_((before_ & ~kFlags) != kMode) {
    if (other_) _mm_setcsr(kMode);
  }
  ~FloatMode() {
    if (other_) _mm_setcsr(before_);
  }
  FloatMode(const FloatMode&) = delete;
  FloatMode& operator=(const FloatMode&) = delete;

 private:
  static constexpr unsigned kMode =
      0x1F80 | 0x8040;  // all exceptions masked; flush to zero, denormals are zero
  static constexpr unsigned kFlags = 0x3F;  // of exceptions that there have been
  const unsigned before_;
  const bool other_;
};

}  // namespace phasic

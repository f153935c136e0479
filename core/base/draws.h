// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/base/isa.h"
#include "core/base/philox.h"

namespace phasic {

// The numbers of philox.h, of many units side by side: the same bits in less time, on every
// instruction set.
struct Draws {
  // out[i] = random.Uniform(first + i, draw); first + n is at most 2^32
  void (*uniforms)(const Random& random, uint32_t first, int64_t n, uint32_t draw,
                   double* out) noexcept;
  // out[i] = random.Normal(first + i, draw); the same
  void (*normals)(const Random& random, uint32_t first, int64_t n, uint32_t draw,
                  double* out) noexcept;
};

const Draws& DrawsFor(Isa isa);

// Draws of n units from `first` on, so many at a time: calls f(i, number) for i from 0 to n - 1.
template <auto Draws::*kDraw, class F>
void ForDraws(const Random& random, uint32_t first, int64_t n, F&& f) {
  constexpr int64_t kAtATime = 64;
  double numbers[kAtATime];
  const auto draw = DrawsFor(ActiveIsa()).*kDraw;
  for (int64_t from = 0; from < n; from += kAtATime) {
    const int64_t count = std::min(kAtATime, n - from);
    draw(random, first + static_cast<uint32_t>(from), count, 0, numbers);
    for (int64_t i = 0; i < count; ++i) f(from + i, numbers[i]);
  }
}
template <class F>
void ForUniforms(const Random& random, uint32_t first, int64_t n, F&& f) {
  ForDraws<&Draws::uniforms>(random, first, n, f);
}
template <class F>
void ForNormals(const Random& random, uint32_t first, int64_t n, F&& f) {
  ForDraws<&Draws::normals>(random, first, n, f);
}

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/isa.h"
#include "core/base/real.h"

namespace phasic {

// What is kept as pairs goes into a trace so many at a time, in one pass over it.
inline constexpr int64_t kFoldPairs = 32;
// Presynaptic factors of such pairs lie so many columns at a time, all pairs of these columns side
// by side: rows of a power of two would crowd out each other in the cache.
inline constexpr int64_t kFoldColumns = 32;

// What a trace takes in at once, with a decay of at most 1, cannot make it infinite when it is no
// larger: that is less than half a unit in the last place of the largest number.
inline constexpr Real kModest = 1e29;
inline constexpr Real kModestFactor = 1e14;  // of both, and their product is modest

// The hot loops over a projection's synapses. Sums run in 16 fixed lanes, folded in a fixed order,
// and nothing is contracted, so that every instruction set gives the same bits. Matrices are
// row-major, m x n.
struct Kernels {
  // y[i] += sum_j w[i, j] x[j]
  void (*deliver)(const Real* w, const Real* x, Real* y, int64_t m, int64_t n) noexcept;
  // y[j] += sum_i w[i, j] x[i]
  void (*deliver_transposed)(const Real* w, const Real* x, Real* y, int64_t m, int64_t n) noexcept;
  // w[j] += c e[j]
  void (*apply)(Real* w, const Real* e, Real c, int64_t n) noexcept;
  // w[j] += c (a b[j])
  void (*apply_pair)(Real* w, Real a, const Real* b, Real c, int64_t n) noexcept;
  // e[i, j] = decay e[i, j] + a[i] b[j]. What is finite stays so if no product is above kModest.
  void (*trace)(Real* e, Real decay, const Real* a, const Real* b, int64_t m, int64_t n) noexcept;
  // The bits of apply and clip, row i by c[i], with w read once. Bounds may be infinite. True:
  // every w is finite then, if w, e and c were before. False: maybe not.
  bool (*change)(Real* w, const Real* e, const Real* c, Real low, Real high, int64_t m,
                 int64_t n) noexcept;
  // The bits of apply, clip and trace, one after the other, with w and e read once. As change, and
  // as trace.
  bool (*learn)(Real* w, const Real* c, Real low, Real high, Real* e, Real decay, const Real* a,
                const Real* b, int64_t m, int64_t n) noexcept;
  // e[i, j] takes in pairs 0 to pairs - 1: e = decay e + a[k, i] b[k, j], one after the other; `a`
  // is pairs x m, `b` is n / kFoldColumns (rounded up) x kFoldPairs x kFoldColumns. Returns whether
  // every one is finite then.
  bool (*fold)(Real* e, Real decay, const Real* a, const Real* b, int64_t pairs, int64_t m,
               int64_t n) noexcept;
  // Whether every x[j] is finite.
  bool (*finite)(const Real* x, int64_t n) noexcept;
  // The largest |x[j]|; not a number, or infinite, when one is not finite.
  Real (*largest)(const Real* x, int64_t n) noexcept;
  // w[j] = min(max(w[j], low), high)
  void (*clip)(Real* w, Real low, Real high, int64_t n) noexcept;
  // e[j] = decay[k] e[j] + a[k post] b[k pre + j], for each k below `pairs` in order: the bits of
  // that many calls of `trace`, with e in registers meanwhile.
  void (*replay)(Real* e, const Real* decay, const Real* a, int64_t post, const Real* b,
                 int64_t pre, int64_t pairs, int64_t n) noexcept;
};

const Kernels& KernelsFor(Isa isa);

}  // namespace phasic

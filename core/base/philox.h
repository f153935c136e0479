// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "core/base/math.h"

namespace phasic {

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"): a
// function from (key, counter) to 128 random bits. There is no state to save, and no order in which
// numbers must be drawn.
inline void PhiloxRound(std::array<uint32_t, 2> key, uint32_t& x0, uint32_t& x1, uint32_t& x2,
                        uint32_t& x3) {
  const uint64_t p0 = uint64_t{0xD2511F53u} * x0;
  const uint64_t p1 = uint64_t{0xCD9E8D57u} * x2;
  x0 = static_cast<uint32_t>(p1 >> 32) ^ x1 ^ key[0];
  x1 = static_cast<uint32_t>(p1);
  x2 = static_cast<uint32_t>(p0 >> 32) ^ x3 ^ key[1];
  x3 = static_cast<uint32_t>(p0);
}
inline std::array<uint32_t, 4> Philox(std::array<uint32_t, 2> key, std::array<uint32_t, 4> x) {
  for (int round = 0; round < 10; ++round) {
    PhiloxRound(key, x[0], x[1], x[2], x[3]);
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return x;
}

// The random numbers of one stream at one index of the stream's own clock, addressed by unit and
// draw. The same (seed, stream, index, unit, draw) gives the same number always, everywhere.
class Random {
 public:
  Random(uint64_t seed, uint64_t stream, uint64_t index)
      : low_(static_cast<uint32_t>(index)), high_(static_cast<uint32_t>(index >> 32)) {
    const auto mixed = Philox(
        {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)},
        {static_cast<uint32_t>(stream), static_cast<uint32_t>(stream >> 32), 0x70686173u, 0x6963u});
    key_ = {mixed[0], mixed[1]};
  }

  // 32 random bits.
  uint32_t Bits(uint32_t unit, uint32_t draw = 0) const { return Block(unit >> 2, draw)[unit & 3]; }

  // Uniform in (0, 1), never 0 or 1.
  double Uniform(uint32_t unit, uint32_t draw = 0) const { return ToUniform(Bits(unit, draw)); }

  // Those of the first n units: the same numbers, many side by side.
  template <class T>
  void Uniforms(int n, T* out) const {
    constexpr int kLanes = 8;  // blocks at a time
    for (int first = 0; first < n; first += 4 * kLanes) {
      std::array<uint32_t, kLanes> x[4];
      for (int l = 0; l < kLanes; ++l) {
        x[0][l] = low_;
        x[1][l] = high_;
        x[2][l] = static_cast<uint32_t>(first / 4 + l);
        x[3][l] = 0;
      }
      std::array<uint32_t, 2> key = key_;
      for (int round = 0; round < 10; ++round) {
        for (int l = 0; l < kLanes; ++l) PhiloxRound(key, x[0][l], x[1][l], x[2][l], x[3][l]);
        key = {key[0] + 0x9E3779B9u, key[1] + 0xBB67AE85u};
      }
      for (int i = first; i < n && i < first + 4 * kLanes; ++i) {
        out[i] = static_cast<T>(ToUniform(x[i % 4][(i - first) / 4]));
      }
    }
  }

  // Standard normal, by Box and Muller on the two words of the unit's half block.
  double Normal(uint32_t unit, uint32_t draw = 0) const {
    double normal = 0;
    Normals(unit, 1, &normal, draw);
    return normal;
  }
  // Those of n units, from `first` on: the same numbers in less time.
  template <class T>
  void Normals(uint32_t first, int64_t n, T* out, uint32_t draw = 0) const {
    std::array<uint32_t, 4> words{};
    double radius = 0, sine = 0, cosine = 0;
    for (int64_t i = 0; i < n; ++i) {
      const uint32_t unit = first + static_cast<uint32_t>(i), half = unit & 2;
      if (i == 0 || (unit & 3) == 0) words = Block(unit >> 2, draw);
      if (i == 0 || (unit & 1) == 0) {
        radius = Sqrt(-2.0 * Log(ToUniform(words[half])));
        SinCosTurns(ToUniform(words[half + 1]), &sine, &cosine);
      }
      out[i] = static_cast<T>(radius * ((unit & 1) ? sine : cosine));
    }
  }

 private:
  static double ToUniform(uint32_t bits) { return (bits + 0.5) * (1.0 / 4294967296.0); }
  std::array<uint32_t, 4> Block(uint32_t block, uint32_t draw) const {
    return Philox(key_, {low_, high_, block, draw});
  }

  std::array<uint32_t, 2> key_;
  uint32_t low_, high_;
};

}  // namespace phasic

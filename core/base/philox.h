// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "core/base/math.h"

namespace phasic {

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"): a
// function from (key, counter) to 128 random bits. There is no state to save, and no order in which
// numbers must be drawn.
inline constexpr int kPhiloxRounds = 10;
inline constexpr uint32_t kPhiloxMultipliers[2] = {0xD2511F53u, 0xCD9E8D57u};
inline constexpr uint32_t kPhiloxWeyl[2] = {0x9E3779B9u, 0xBB67AE85u};
inline std::array<uint32_t, 4> Philox(std::array<uint32_t, 2> key, std::array<uint32_t, 4> x) {
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const uint64_t p0 = uint64_t{kPhiloxMultipliers[0]} * x[0];
    const uint64_t p1 = uint64_t{kPhiloxMultipliers[1]} * x[2];
    x = {static_cast<uint32_t>(p1 >> 32) ^ x[1] ^ key[0], static_cast<uint32_t>(p1),
         static_cast<uint32_t>(p0 >> 32) ^ x[3] ^ key[1], static_cast<uint32_t>(p0)};
    key[0] += kPhiloxWeyl[0];
    key[1] += kPhiloxWeyl[1];
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

  // Standard normal, by Box and Muller on the two words of the unit's half block.
  double Normal(uint32_t unit, uint32_t draw = 0) const {
    const std::array<uint32_t, 4> words = Block(unit >> 2, draw);
    double even = 0, odd = 0;
    ToNormals(words[unit & 2], words[(unit & 2) + 1], &even, &odd);
    return (unit & 1) != 0 ? odd : even;
  }

  // What draws.h makes many numbers of: the words of units 4 block to 4 block + 3.
  std::array<uint32_t, 4> Block(uint32_t block, uint32_t draw) const {
    return Philox(key_, {low_, high_, block, draw});
  }
  static double ToUniform(uint32_t bits) { return (bits + 0.5) * (1.0 / 4294967296.0); }
  // Those of an even unit and the next.
  static void ToNormals(uint32_t radius_bits, uint32_t angle_bits, double* even, double* odd) {
    const double radius = Sqrt(-2.0 * Log(ToUniform(radius_bits)));
    SinCosTurns(ToUniform(angle_bits), odd, even);
    *even *= radius;
    *odd *= radius;
  }
  std::array<uint32_t, 2> key() const { return key_; }
  std::array<uint32_t, 2> index() const { return {low_, high_}; }

 private:
  std::array<uint32_t, 2> key_;
  uint32_t low_, high_;
};

}  // namespace phasic

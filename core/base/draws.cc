// SPDX-License-Identifier: Apache-2.0
#include "core/base/draws.h"

#include <immintrin.h>

#include <cstring>

#include "core/base/inline.h"
#include "core/base/math.h"
#include "core/base/targets.h"

namespace phasic {
namespace {

using namespace math_internal;

using v3::Ints;
using v3::Mask;
using v3::Vec;

constexpr int kBlocks = 16;  // at a time: enough chains of operations to fill a core
constexpr int kWords = 4;    // of a block: one for each of four units
constexpr int kUnits = kBlocks * kWords;
constexpr int kFew = 3;  // so many blocks take no longer one after the other

// Numbers of any units by those of whole groups of blocks: units before and after go nowhere.
template <auto kOfBlocks>
void Fill(const Random& random, uint32_t first, int64_t n, uint32_t draw, double* out) noexcept {
  double group[kUnits];
  uint32_t block = first / kWords;
  auto skip = static_cast<int64_t>(first % kWords);
  while (n > 0) {
    const int64_t count = n < kUnits - skip ? n : kUnits - skip;
    if (count == kUnits) {
      kOfBlocks(random, block, kBlocks, draw, out);
    } else {
      kOfBlocks(random, block, static_cast<int>((skip + count + kWords - 1) / kWords), draw, group);
      std::memcpy(out, group + skip, static_cast<size_t>(count) * sizeof *out);
    }
    out += count;
    n -= count;
    block += kBlocks;
    skip = 0;
  }
}

// One block after the other.
void PlainUniforms(const Random& random, uint32_t block, int count, uint32_t draw,
                   double* out) noexcept {
  for (int b = 0; b < count; ++b, ++block) {
    for (const uint32_t bits : random.Block(block, draw)) *out++ = Random::ToUniform(bits);
  }
}
void PlainNormals(const Random& random, uint32_t block, int count, uint32_t draw,
                  double* out) noexcept {
  for (int b = 0; b < count; ++b, ++block, out += kWords) {
    const auto words = random.Block(block, draw);
    for (int w = 0; w < kWords; w += 2)
      Random::ToNormals(words[w], words[w + 1], out + w, out + w + 1);
  }
}

// Word w of four blocks, as the low halves of 64 bits.
struct FourBlocks {
  __m256i word[kWords];
};

PHASIC_V3 PHASIC_INLINE __m256i Word(uint32_t x) { return _mm256_set1_epi64x(x); }

// The multiplications see low halves only, so what is left in the high ones does no harm.
PHASIC_V3 PHASIC_INLINE void Philoxes(const Random& random, uint32_t block, uint32_t draw,
                                      FourBlocks (&x)[kBlocks / 4]) {
  const auto index = random.index();
  for (uint32_t h = 0; h < kBlocks / 4; ++h) {
    const uint32_t b = block + 4 * h;
    x[h] = {
        {Word(index[0]), Word(index[1]), _mm256_set_epi64x(b + 3, b + 2, b + 1, b), Word(draw)}};
  }
  std::array<uint32_t, 2> key = random.key();
  const __m256i m0 = Word(kPhiloxMultipliers[0]), m1 = Word(kPhiloxMultipliers[1]);
#pragma GCC unroll 10
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const __m256i k0 = Word(key[0]), k1 = Word(key[1]);
#pragma GCC unroll 4
    for (FourBlocks& four : x) {
      __m256i* const w = four.word;
      const __m256i p0 = _mm256_mul_epu32(w[0], m0), p1 = _mm256_mul_epu32(w[2], m1);
      w[0] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p1, 32), w[1]), k0);
      w[1] = p1;
      w[2] = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(p0, 32), w[3]), k1);
      w[3] = p0;
    }
    key = {key[0] + kPhiloxWeyl[0], key[1] + kPhiloxWeyl[1]};
  }
}

// As Random has it: (bits + 0.5) / 2^32. By way of signed numbers, which registers convert.
PHASIC_V3 PHASIC_INLINE void ToUniforms(const __m128i& bits, Vec* u) {
  const __m128i shifted = _mm_xor_si128(bits, _mm_set1_epi32(INT32_MIN));
  *u = (static_cast<Vec>(_mm256_cvtepi32_pd(shifted)) + 2147483648.5) * (1.0 / 4294967296.0);
}

// The low halves of four blocks' words.
PHASIC_V3 PHASIC_INLINE __m128i LowHalves(const __m256i& word) {
  const __m256i even = _mm256_permutevar8x32_epi32(word, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
  return _mm256_castsi256_si128(even);
}

PHASIC_V3 void Uniforms(const Random& random, uint32_t block, int count, uint32_t draw,
                        double* out) noexcept {
  if (count <= kFew) return PlainUniforms(random, block, count, draw, out);
  FourBlocks x[kBlocks / 4];
  Philoxes(random, block, draw, x);
  for (const FourBlocks& four : x) {
    // From words by block to words by unit.
    const __m128i row[] = {LowHalves(four.word[0]), LowHalves(four.word[1]),
                           LowHalves(four.word[2]), LowHalves(four.word[3])};
    const __m128i a = _mm_unpacklo_epi32(row[0], row[1]), b = _mm_unpackhi_epi32(row[0], row[1]);
    const __m128i c = _mm_unpacklo_epi32(row[2], row[3]), d = _mm_unpackhi_epi32(row[2], row[3]);
    const __m128i units[] = {_mm_unpacklo_epi64(a, c), _mm_unpackhi_epi64(a, c),
                             _mm_unpacklo_epi64(b, d), _mm_unpackhi_epi64(b, d)};
    for (const __m128i& bits : units) {
      Vec u;
      ToUniforms(bits, &u);
      std::memcpy(out, &u, sizeof u);
      out += 4;
    }
  }
}

// Log(x) for normal x in (0, 1): its operations in its order.
PHASIC_V3 PHASIC_INLINE void Log(const Vec& x, Vec* out) {
  const Mask bits = reinterpret_cast<Mask>(x);
  // The exponent as the last bits of 2^52's mantissa: so it is a number without a conversion.
  Vec k = reinterpret_cast<Vec>((bits >> 52) | 0x4330000000000000) - (4503599627370496.0 + 1023);
  Vec m = reinterpret_cast<Vec>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  const Mask above = m > 1.4142135623730951;
  m = above ? m * 0.5 : m;
  k = above ? k + 1.0 : k;
  const Vec f = m - 1.0;
  LogOf(k, f / (2.0 + f), out);
}

// Normals of two units that share a half of a block.
PHASIC_V3 PHASIC_INLINE void BoxMuller(const Vec& u, const Vec& turns, Vec* cosines, Vec* sines) {
  Vec radius, sn, cs;
  Log(u, &radius);
  radius = static_cast<Vec>(_mm256_sqrt_pd(-2.0 * radius));
  const Ints quadrant = reinterpret_cast<Ints>(_mm256_cvttpd_epi32(turns * 4.0 + 0.5));
  SinCosSeries(
      turns - static_cast<Vec>(_mm256_cvtepi32_pd(reinterpret_cast<__m128i>(quadrant))) * 0.25, &sn,
      &cs);
  const Mask wide =
      reinterpret_cast<Mask>(_mm256_cvtepi32_epi64(reinterpret_cast<__m128i>(quadrant)));
  const Mask odd = (wide & 1) != 0, low = (wide & 2) != 0;
  const Vec s = odd ? cs : sn, c = odd ? -sn : cs;
  *sines = radius * (low ? -s : s);
  *cosines = radius * (low ? -c : c);
}

PHASIC_V3 void Normals(const Random& random, uint32_t block, int count, uint32_t draw,
                       double* out) noexcept {
  if (count <= kFew) return PlainNormals(random, block, count, draw, out);
  FourBlocks x[kBlocks / 4];
  Philoxes(random, block, draw, x);
  for (const FourBlocks& four : x) {
    Vec normals[kWords];
    for (int w = 0; w < kWords; w += 2) {
      Vec u, turns;
      ToUniforms(LowHalves(four.word[w]), &u);
      ToUniforms(LowHalves(four.word[w + 1]), &turns);
      BoxMuller(u, turns, &normals[w], &normals[w + 1]);
    }
    for (int l = 0; l < 4; ++l) {
      for (int w = 0; w < kWords; ++w) *out++ = normals[w][l];
    }
  }
}

constexpr Draws kBaseline = {Fill<PlainUniforms>, Fill<PlainNormals>};
constexpr Draws kV3 = {Fill<Uniforms>, Fill<Normals>};

}  // namespace

const Draws& DrawsFor(Isa isa) { return isa == Isa::kBaseline ? kBaseline : kV3; }

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "core/base/philox.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace phasic {
namespace {

// The known answers that come with the generator's definition (Salmon et al. 2011, Random123's
// kat_vectors).
TEST(PhiloxTest, KnownAnswers) {
  using Block = std::array<uint32_t, 4>;
  EXPECT_EQ(Philox({0, 0}, {0, 0, 0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(Philox({kOnes, kOnes}, {kOnes, kOnes, kOnes, kOnes}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(Philox({0xa4093822, 0x299f31d0}, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomTest, EveryAddressHasItsOwnNumber) {
  std::set<uint32_t> seen;
  for (uint64_t seed = 0; seed < 3; ++seed)
    for (uint64_t stream = 0; stream < 3; ++stream)
      for (uint64_t index : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 40})
        for (uint32_t unit = 0; unit < 9; ++unit)
          for (uint32_t draw = 0; draw < 3; ++draw)
            seen.insert(Random(seed, stream, index).Bits(unit, draw));
  EXPECT_EQ(seen.size(), 3u * 3 * 3 * 9 * 3);
}

TEST(RandomTest, UniformHasTheMomentsAndNeverTheEnds) {
  constexpr uint32_t kSamples = 1'000'000;
  const Random random(1, 2, 3);
  double sum = 0, square = 0;
  for (uint32_t i = 0; i < kSamples; ++i) {
    const double u = random.Uniform(i);
    ASSERT_GT(u, 0);
    ASSERT_LT(u, 1);
    sum += u;
    square += u * u;
  }
  EXPECT_NEAR(sum / kSamples, 0.5, 5 * std::sqrt(1.0 / 12 / kSamples));
  EXPECT_NEAR(square / kSamples, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / kSamples));
}

TEST(RandomTest, NormalHasTheMomentsAndNeighboursAreIndependent) {
  constexpr uint32_t kSamples = 1'000'000;
  const Random random(1, 2, 3);
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0, product = 0, before = 0;
  for (uint32_t i = 0; i < kSamples; ++i) {
    const double x = random.Normal(i);
    m1 += x;
    m2 += x * x;
    m3 += x * x * x;
    m4 += x * x * x * x;
    product += x * before;
    before = x;
  }
  const double se = 1 / std::sqrt(static_cast<double>(kSamples));
  EXPECT_NEAR(m1 / kSamples, 0, 5 * se);
  EXPECT_NEAR(m2 / kSamples, 1, 5 * std::sqrt(2.0) * se);
  EXPECT_NEAR(m3 / kSamples, 0, 5 * std::sqrt(15.0) * se);
  EXPECT_NEAR(m4 / kSamples, 3, 5 * std::sqrt(96.0) * se);
  EXPECT_NEAR(product / kSamples, 0, 5 * se);
}

}  // namespace
}  // namespace phasic

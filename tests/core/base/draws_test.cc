// SPDX-License-Identifier: Apache-2.0
#include "core/base/draws.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <vector>

namespace phasic {
namespace {

// Every number, wherever a group of blocks begins and ends.
TEST(DrawsTest, HaveTheBitsOfOneAfterTheOther) {
  for (const Isa isa : Isas()) {
    for (const uint32_t first : {0u, 1u, 2u, 3u, 70u, 4'294'967'000u}) {
      for (const int64_t n : {1, 3, 11, 12, 13, 63, 64, 65, 200}) {
        for (const uint32_t draw : {0u, 5u}) {
          const Random random(7, first, (uint64_t{1} << 40) + static_cast<uint64_t>(n));
          std::vector<double> uniforms, normals;
          for (uint32_t i = 0; i < n; ++i) {
            uniforms.push_back(random.Uniform(first + i, draw));
            normals.push_back(random.Normal(first + i, draw));
          }
          std::vector<double> out(static_cast<size_t>(n) + 1, -7);
          DrawsFor(isa).uniforms(random, first, n, draw, out.data());
          EXPECT_EQ(std::memcmp(out.data(), uniforms.data(), uniforms.size() * sizeof(double)), 0)
              << NameOf(isa) << " " << n << " from " << first;
          DrawsFor(isa).normals(random, first, n, draw, out.data());
          EXPECT_EQ(std::memcmp(out.data(), normals.data(), normals.size() * sizeof(double)), 0)
              << NameOf(isa) << " " << n << " from " << first;
          EXPECT_EQ(out.back(), -7) << "nothing is written beyond the last";
        }
      }
    }
  }
}

TEST(DrawsTest, NormalsHaveTheBitsOfOneAfterTheOtherInEveryQuadrant) {
  constexpr int64_t kUnits = 200'000;
  const Random random(3, 1, 4);
  std::vector<double> out(kUnits);
  DrawsFor(ActiveIsa()).normals(random, 0, kUnits, 0, out.data());
  int wrong = 0;
  for (uint32_t i = 0; i < kUnits; ++i) {
    const double normal = random.Normal(i);
    wrong += std::bit_cast<uint64_t>(normal) != std::bit_cast<uint64_t>(out[i]);
  }
  EXPECT_EQ(wrong, 0);
}

TEST(DrawsTest, ForVisitsEachUnitOnceInOrder) {
  const Random random(3, 1, 4);
  int64_t next = 0;
  ForUniforms(random, 5, 150, [&](int64_t i, double u) {
    EXPECT_EQ(i, next++);
    EXPECT_EQ(u, random.Uniform(5 + static_cast<uint32_t>(i)));
  });
  EXPECT_EQ(next, 150);
  next = 0;
  ForNormals(random, 5, 150, [&](int64_t i, double normal) {
    EXPECT_EQ(i, next++);
    EXPECT_EQ(normal, random.Normal(5 + static_cast<uint32_t>(i)));
  });
  EXPECT_EQ(next, 150);
}

}  // namespace
}  // namespace phasic

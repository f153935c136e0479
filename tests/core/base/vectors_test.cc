// SPDX-License-Identifier: Apache-2.0
#include "core/base/vectors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "core/base/math.h"
#include "core/base/philox.h"

namespace phasic {
namespace {

// Numbers of every size, and those at which functions change their ways.
std::vector<Real> Arguments() {
  std::vector<Real> x = {0,
                         -Real{0},
                         std::numeric_limits<Real>::infinity(),
                         -std::numeric_limits<Real>::infinity(),
                         std::numeric_limits<Real>::quiet_NaN(),
                         std::numeric_limits<Real>::max(),
                         std::numeric_limits<Real>::lowest(),
                         std::numeric_limits<Real>::min(),
                         std::numeric_limits<Real>::denorm_min(),
                         700,
                         -700,
                         745,
                         -745};
  const Random random(3, 1, 0);
  for (uint32_t i = 0; i < 20'000; ++i) {
    const double size = std::pow(10, 6 * random.Uniform(i, 1) - 3);
    x.push_back(static_cast<Real>(size * random.Normal(i)));
  }
  return x;
}

TEST(VectorsTest, LogisticHasTheBitsOfOneAfterTheOther) {
  const std::vector<Real> x = Arguments();
  std::vector<Real> expected;
  for (const Real one : x) expected.push_back(Logistic(one));
  for (const Isa isa : Isas()) {
    // From everywhere, so that each number comes in every lane and in the rest.
    for (size_t first = 0; first < 40; ++first) {
      std::vector<Real> out(x.begin() + static_cast<ptrdiff_t>(first), x.end());
      const auto n = static_cast<int64_t>(out.size());
      VectorsFor(isa).logistic(out.data(), out.data(), n);
      EXPECT_EQ(std::memcmp(out.data(), expected.data() + first, out.size() * sizeof(Real)), 0)
          << NameOf(isa) << " from " << first;
    }
  }
}

TEST(VectorsTest, ExpHasTheBitsOfOneAfterTheOther) {
  std::vector<double> x, expected;
  for (const Real one : Arguments()) {
    x.push_back(one);
    x.push_back(one < 0 ? one : -one);
  }
  for (const double one : x) expected.push_back(Exp(one));
  for (const Isa isa : Isas()) {
    for (size_t first = 0; first < 8; ++first) {
      std::vector<double> out(x.begin() + static_cast<ptrdiff_t>(first), x.end());
      VectorsFor(isa).exp(out.data(), out.data(), static_cast<int64_t>(out.size()));
      EXPECT_EQ(std::memcmp(out.data(), expected.data() + first, out.size() * sizeof(double)), 0)
          << NameOf(isa) << " from " << first;
    }
  }
}

}  // namespace
}  // namespace phasic

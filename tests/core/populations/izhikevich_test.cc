// SPDX-License-Identifier: Apache-2.0
//
// The model against its program, written down again (Izhikevich 2003).
#include <gtest/gtest.h>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

// The ticks in which a cell with a constant drive fires.
std::vector<int> Fires(Real a, Real b, Real c, Real d, Real drive, int ticks) {
  std::vector<int> fires;
  Real v = -65, u = -13;
  for (int t = 0; t < ticks; ++t) {
    // In the core's width and order: a rounding more, and later spikes come at other times.
    const Real rest = Real{140} - u + drive;
    for (int half = 0; half < 2; ++half) {
      v += Real{0.5} * ((Real{0.04} * v + Real{5}) * v + rest);
    }
    u += a * (b * v - u);
    if (v < 30) continue;
    fires.push_back(t);
    v = c;
    u += d;
  }
  return fires;
}

std::vector<int> FiresIn(ParamMap parameters, float drive, int ticks) {
  Probe probe(DrivenPopulation("izhikevich", 1, std::move(parameters), "bits"));
  std::vector<int> fires;
  for (int t = 0; t < ticks; ++t) {
    if (probe.Step({drive})[0] != 0) fires.push_back(t);
  }
  return fires;
}

TEST(IzhikevichTest, FiresAsThePaperSays) {
  EXPECT_EQ(FiresIn({}, 10, 500), Fires(Real{0.02}, Real{0.2}, -65, 8, 10, 500));
  EXPECT_EQ(FiresIn({{"cell", "fast-spiking"}}, 10, 500),
            Fires(Real{0.1}, Real{0.2}, -65, 2, 10, 500));
  EXPECT_EQ(FiresIn({{"cell", "chattering"}, {"d", 3.0}}, 10, 300),
            Fires(Real{0.02}, Real{0.2}, -50, 3, 10, 300));
  EXPECT_GT(FiresIn({}, 10, 500).size(), 5u);
  EXPECT_TRUE(FiresIn({}, 0, 500).empty());
}

TEST(IzhikevichTest, NoiseIsUniformAndEachCellHasItsOwn) {
  // From rest, the first tick's draw can be read from v.
  constexpr int kCells = 4000;
  Probe quiet(DrivenPopulation("izhikevich", kCells, {}, "bits"));
  Probe noisy(DrivenPopulation("izhikevich", kCells, {{"noise", 1.0}}, "bits"));
  const std::vector<float> nothing(kCells);
  quiet.Step(nothing);
  noisy.Step(nothing);
  double sum = 0, squares = 0, most = 0;
  for (int i = 0; i < kCells; ++i) {
    // Two half steps at slope dv'/dv of about 0.08 v + 5.
    const double x = noisy.Read("p", "v")[i] - quiet.Read("p", "v")[i];
    sum += x;
    squares += x * x;
    most = std::max(most, std::abs(x));
  }
  EXPECT_NEAR(sum / kCells, 0, 5 * most / std::sqrt(3.0 * kCells));
  EXPECT_NEAR(squares / kCells / (most * most), 1.0 / 3, 0.02);
}

}  // namespace
}  // namespace phasic::testing

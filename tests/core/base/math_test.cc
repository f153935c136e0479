// SPDX-License-Identifier: Apache-2.0
#include "core/base/math.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/philox.h"

namespace phasic {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// How many representable numbers lie between the two, at the size of the exact one.
double Ulps(double got, long double exact) {
  const double rounded = static_cast<double>(exact);
  const double ulp = std::nextafter(std::abs(rounded), kInf) - std::abs(rounded);
  return static_cast<double>(std::abs(static_cast<long double>(got) - exact) / ulp);
}

// The largest error over a million points between the ends, evenly spread.
template <class Ours, class Theirs>
double WorstUlps(double low, double high, Ours ours, Theirs theirs) {
  constexpr int kPoints = 1'000'000;
  double worst = 0;
  for (int i = 0; i < kPoints; ++i) {
    const double x = low + (high - low) * Random(1, 2, 0).Uniform(static_cast<uint32_t>(i));
    worst = std::max(worst, Ulps(ours(x), theirs(static_cast<long double>(x))));
  }
  return worst;
}

TEST(MathTest, ExpIsWithinTwoUlps) {
  const auto ours = [](double x) { return Exp(x); };
  const auto theirs = [](long double x) { return std::exp(x); };
  EXPECT_LT(WorstUlps(-700, 700, ours, theirs), 2);
  EXPECT_LT(WorstUlps(-1, 1, ours, theirs), 2);
}

TEST(MathTest, LogIsWithinTwoUlps) {
  const auto ours = [](double x) { return Log(x); };
  const auto theirs = [](long double x) { return std::log(x); };
  EXPECT_LT(WorstUlps(1e-6, 10, ours, theirs), 2);
  EXPECT_LT(WorstUlps(0.9, 1.1, ours, theirs), 2);
  EXPECT_LT(WorstUlps(1, 1e300, ours, theirs), 2);
}

TEST(MathTest, TanhAndExpm1AreWithinFourUlps) {
  const auto tanh = [](double x) { return Tanh(x); };
  const auto exact_tanh = [](long double x) { return std::tanh(x); };
  EXPECT_LT(WorstUlps(-5, 5, tanh, exact_tanh), 4);
  EXPECT_LT(WorstUlps(-0.01, 0.01, tanh, exact_tanh), 4);
  const auto expm1 = [](double x) { return Expm1(x); };
  const auto exact_expm1 = [](long double x) { return std::expm1(x); };
  EXPECT_LT(WorstUlps(-3, 3, expm1, exact_expm1), 4);
}

TEST(MathTest, LogisticAndSoftplusAreRightAtBothEnds) {
  const auto logistic = [](double x) { return Logistic(x); };
  EXPECT_LT(WorstUlps(-40, 40, logistic, [](long double x) { return 1 / (1 + std::exp(-x)); }), 4);
  const auto softplus = [](double x) { return Softplus(x); };
  EXPECT_LT(WorstUlps(-40, 40, softplus, [](long double x) { return std::log1p(std::exp(x)); }), 4);
  EXPECT_EQ(Logistic(1000.0), 1);
  EXPECT_EQ(Logistic(-1000.0), 0);
  EXPECT_EQ(Softplus(1000.0), 1000);
  EXPECT_EQ(Softplus(-1000.0), 0);
}

TEST(MathTest, SineAndCosineOfTurnsAreExactToTheirLastBits) {
  for (int i = 0; i < 1'000'000; ++i) {
    const double turns = Random(1, 3, 0).Uniform(static_cast<uint32_t>(i));
    double sine, cosine;
    SinCosTurns(turns, &sine, &cosine);
    const long double angle = 2 * 3.141592653589793238462643383279502884L * turns;
    ASSERT_NEAR(sine, static_cast<double>(std::sin(angle)), 4e-16) << turns;
    ASSERT_NEAR(cosine, static_cast<double>(std::cos(angle)), 4e-16) << turns;
  }
}

TEST(MathTest, SpecialValuesAreThoseOfTheStandard) {
  EXPECT_EQ(Exp(0.0), 1);
  EXPECT_EQ(Exp(-kInf), 0);
  EXPECT_EQ(Exp(kInf), kInf);
  EXPECT_EQ(Exp(710.0), kInf);
  EXPECT_EQ(Exp(-746.0), 0);
  EXPECT_TRUE(std::isnan(Exp(kNan)));
  EXPECT_EQ(Log(1.0), 0);
  EXPECT_EQ(Log(0.0), -kInf);
  EXPECT_EQ(Log(kInf), kInf);
  EXPECT_TRUE(std::isnan(Log(-1.0)));
  EXPECT_TRUE(std::isnan(Log(kNan)));
  EXPECT_LT(Ulps(Log(5e-324), std::log(static_cast<long double>(5e-324))), 2);
  EXPECT_EQ(Tanh(0.0), 0);
  EXPECT_EQ(Tanh(kInf), 1);
  EXPECT_EQ(Tanh(-100.0), -1);
  EXPECT_TRUE(IsFinite(1e308));
  EXPECT_FALSE(IsFinite(kInf));
  EXPECT_FALSE(IsFinite(-kInf));
  EXPECT_FALSE(IsFinite(kNan));
}

}  // namespace
}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/estimate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace phasic::testing {
namespace {

// n, n - 1 ... 1.
std::vector<double> Numbers(int n) {
  std::vector<double> numbers(static_cast<size_t>(n));
  std::iota(numbers.rbegin(), numbers.rend(), 1);
  return numbers;
}

TEST(QuantileTest, LiesBetweenNeighbours) {
  EXPECT_EQ(Quantile({7}, 0.99), 7);
  EXPECT_EQ(Quantile({4, 1}, 0.5), 2.5);
  EXPECT_EQ(Quantile(Numbers(101), 0.99), 100);
  EXPECT_TRUE(std::isnan(Quantile({}, 0.5)));
}

// Ranks as tables of the sign test have them.
TEST(EstimateTest, IntervalOfTheMedian) {
  const Estimate of21 = MedianOf(Numbers(21));
  EXPECT_EQ(of21.value, 11);
  EXPECT_EQ(of21.low, 6);
  EXPECT_EQ(of21.high, 16);
  const Estimate of6 = MedianOf(Numbers(6));
  EXPECT_EQ(of6.low, 1);
  EXPECT_EQ(of6.high, 6);
}

TEST(EstimateTest, IntervalOfALateQuantile) {
  const Estimate p95 = EstimateOf(Numbers(90), 0.95);
  EXPECT_NEAR(p95.value, 85.55, 1e-9);
  EXPECT_EQ(p95.low,
            81);  // at most 81 of 90 are below with probability 0.036, at most 80 with 0.015
  EXPECT_EQ(p95.high, 90);
}

TEST(EstimateTest, ThousandsOfValuesAreNoTrouble) {
  const Estimate median = MedianOf(Numbers(10'001));
  EXPECT_NEAR(median.low, 5'001 - 0.98 * 100, 2);
  EXPECT_NEAR(median.high, 5'001 + 0.98 * 100, 2);
}

TEST(EstimateTest, ABoundHoldsWhenTheIntervalReachesIt) {
  Report report(0, nullptr, 1);
  AtMost(report, "at most", {1.2, 0.9, 1.5}, 1);
  AtLeast(report, "at least", {0.8, 0.7, 1.1}, 1);
  EXPECT_EQ(report.exit_code(), 0);
  AtMost(report, "at most", {1.2, 1.1, 1.5}, 1);
  EXPECT_EQ(report.exit_code(), 1);
}

}  // namespace
}  // namespace phasic::testing

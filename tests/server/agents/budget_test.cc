// SPDX-License-Identifier: Apache-2.0
#include "server/agents/budget.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace phasic {
namespace {

TEST(Budget, TakesAndGivesBack) {
  Budget budget(2, 100);
  auto first = budget.Take(60);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(budget.use().places, 1);
  EXPECT_EQ(budget.use().bytes, 60);
  EXPECT_FALSE(budget.Take(41).has_value());
  EXPECT_TRUE(budget.Take(40).has_value());  // and back at once
  first.reset();
  EXPECT_EQ(budget.use().places, 0);
  EXPECT_EQ(budget.use().bytes, 0);
}

TEST(Budget, BoundsPlaces) {
  Budget budget(1, 100);
  const auto only = budget.Take(1);
  ASSERT_TRUE(only.has_value());
  EXPECT_FALSE(budget.Take(1).has_value());
}

TEST(Budget, NoSumOverflows) {
  Budget budget(10, INT64_MAX);
  const auto all = budget.Take(INT64_MAX);
  ASSERT_TRUE(all.has_value());
  EXPECT_FALSE(budget.Take(INT64_MAX).has_value());
  EXPECT_TRUE(budget.Take(0).has_value());
}

TEST(Budget, ARoomMovesWithItsHolder) {
  Budget budget(2, 100);
  Budget::Room kept;
  {
    auto room = budget.Take(30);
    ASSERT_TRUE(room.has_value());
    kept = *std::move(room);
  }
  EXPECT_EQ(budget.use().bytes, 30);
  kept = Budget::Room();
  EXPECT_EQ(budget.use().bytes, 0);
}

TEST(Budget, IsNeverExceededByThreads) {
  Budget budget(3, 100);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&budget] {
      for (int i = 0; i < 1'000; ++i) {
        const auto room = budget.Take(40);
        EXPECT_LE(budget.use().bytes, 100);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(budget.use().places, 0);
  EXPECT_EQ(budget.use().bytes, 0);
}

}  // namespace
}  // namespace phasic

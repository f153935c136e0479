// SPDX-License-Identifier: Apache-2.0
#include "server/agents/watcher.h"

#include <gtest/gtest.h>

#include <thread>

#include "server/agents/limits.h"

namespace phasic {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

steady_clock::time_point In(int ms) { return steady_clock::now() + milliseconds(ms); }

Moment MomentOf(uint64_t step, size_t action = 0) {
  Moment moment;
  moment.stepped = true;
  moment.step = step;
  moment.action.resize(action);
  return moment;
}

TEST(WatcherTest, GivesMomentsInTheirOrderAndOnce) {
  Watcher watcher({});
  watcher.Tell(MomentOf(3));
  watcher.Tell(MomentOf(4));
  Watcher::News news = watcher.Await(In(0), In(60'000));
  ASSERT_EQ(news.moments.size(), 2u);
  EXPECT_EQ(news.moments[0].step, 3u);
  EXPECT_EQ(news.moments[1].step, 4u);
  EXPECT_EQ(news.dropped, 0u);
  EXPECT_TRUE(news.stirred);
  news = watcher.Await(In(0), In(1));
  EXPECT_TRUE(news.moments.empty());
  EXPECT_FALSE(news.stirred);
}

TEST(WatcherTest, TheOldestGoAndAreCounted) {
  Watcher watcher({});
  for (uint64_t step = 0; step < limits::kMaxMoments + 7; ++step) watcher.Tell(MomentOf(step));
  const Watcher::News news = watcher.Await(In(0), In(60'000));
  EXPECT_EQ(news.moments.size(), limits::kMaxMoments);
  EXPECT_EQ(news.moments.front().step, 7u);
  EXPECT_EQ(news.dropped, 7u);
  // The count is of the time since.
  watcher.Tell(MomentOf(1'000));
  EXPECT_EQ(watcher.Await(In(0), In(60'000)).dropped, 0u);
}

TEST(WatcherTest, LargeMomentsGoByTheirBytes) {
  Watcher watcher({});
  constexpr size_t kThird = limits::kMaxMomentBytes / 3 / sizeof(float);
  for (uint64_t step = 0; step < 5; ++step) watcher.Tell(MomentOf(step, kThird));
  Watcher::News news = watcher.Await(In(0), In(60'000));
  EXPECT_EQ(news.moments.size(), 2u);
  EXPECT_EQ(news.moments.back().step, 4u);
  EXPECT_EQ(news.dropped, 3u);
  // One that is larger than the bound is told all the same.
  watcher.Tell(MomentOf(5));
  watcher.Tell(MomentOf(6, 4 * kThird));
  news = watcher.Await(In(0), In(60'000));
  ASSERT_EQ(news.moments.size(), 1u);
  EXPECT_EQ(news.moments[0].step, 6u);
  EXPECT_EQ(news.dropped, 1u);
}

TEST(WatcherTest, WaitsForNewsAndForItsTime) {
  Watcher watcher({});
  const auto start = steady_clock::now();
  std::thread turn([&] { watcher.Stir(/*missed=*/true); });
  const Watcher::News news = watcher.Await(start + milliseconds(20), In(60'000));
  turn.join();
  EXPECT_TRUE(news.stirred);
  EXPECT_EQ(news.dropped, 1u);
  EXPECT_GE(steady_clock::now() - start, milliseconds(20));
  // What is too early is kept.
  watcher.Tell(MomentOf(1));
  EXPECT_FALSE(watcher.Await(In(60'000), In(1)).stirred);
  EXPECT_EQ(watcher.Await(In(0), In(60'000)).moments.size(), 1u);
}

TEST(WatcherTest, TheEndIsToldAtOnceAndForGood) {
  Watcher watcher({});
  watcher.Tell(MomentOf(1));
  std::thread turn([&] { watcher.End(); });
  const Watcher::News news = watcher.Await(In(60'000), In(60'000));
  turn.join();
  EXPECT_TRUE(news.ended);
  EXPECT_EQ(news.moments.size(), 1u);
  EXPECT_TRUE(watcher.Await(In(60'000), In(60'000)).ended);
}

}  // namespace
}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "server/wire/silence_guard.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

namespace phasic::wire {
namespace {

using std::chrono::milliseconds;

TEST(SilenceGuardTest, GivesUpOnWhoWaitsTooLongOnce) {
  SilenceGuard guard(milliseconds(20));
  std::atomic<int> given_up = 0;
  {
    const SilenceGuard::Wait wait(guard, [&] { ++given_up; });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (given_up == 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(milliseconds(5));
    }
    EXPECT_EQ(given_up, 1);
    std::this_thread::sleep_for(milliseconds(60));
  }
  EXPECT_EQ(given_up, 1);
}

TEST(SilenceGuardTest, LeavesAloneWhoIsAnsweredInTime) {
  std::atomic<int> given_up = 0;
  {
    SilenceGuard guard(std::chrono::hours(1));
    for (int i = 0; i < 100; ++i) const SilenceGuard::Wait wait(guard, [&] { ++given_up; });
    const SilenceGuard::Wait other(guard, [&] { ++given_up; });
  }
  EXPECT_EQ(given_up, 0);
}

// A sanitizer sees to it that no call is given up after it has ended.
TEST(SilenceGuardTest, ManyThreadsWaitAndGoAtTheVeryMoment) {
  SilenceGuard guard(milliseconds(1));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&guard] {
      for (int i = 0; i < 200; ++i) {
        auto alive = std::make_unique<int>(1);
        const SilenceGuard::Wait wait(guard, [&] { EXPECT_EQ(++*alive, 2); });
        std::this_thread::sleep_for(std::chrono::microseconds(900 + i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace phasic::wire

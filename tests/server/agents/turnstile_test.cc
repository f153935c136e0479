// SPDX-License-Identifier: Apache-2.0
#include "server/agents/turnstile.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace phasic {
namespace {

using Entry = Turnstile::Entry;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

Patience For(milliseconds time) { return {steady_clock::now() + time, {}}; }

// A caller in a thread of its own, and what became of it. Returns once it waits in line or is
// through.
class Caller {
 public:
  Caller(Turnstile& turnstile, Patience patience)
      : thread_([this, &turnstile, patience = std::move(patience)] {
          entry_ = turnstile.Enter(patience);
          done_ = true;
        }) {}
  ~Caller() {
    if (thread_.joinable()) thread_.join();
  }
  Entry Join() {
    thread_.join();
    return entry_;
  }
  bool done() const { return done_; }

 private:
  Entry entry_{};
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

void AwaitWaiting(const Turnstile& turnstile, size_t count) {
  while (turnstile.waiting() != count) std::this_thread::sleep_for(milliseconds(1));
}

TEST(Turnstile, LetsOneInAtATime) {
  Turnstile turnstile(8);
  ASSERT_EQ(turnstile.Enter({}), Entry::kEntered);
  Caller second(turnstile, {});
  AwaitWaiting(turnstile, 1);
  EXPECT_FALSE(second.done());
  turnstile.Leave();
  EXPECT_EQ(second.Join(), Entry::kEntered);
  turnstile.Leave();
  EXPECT_EQ(turnstile.Enter({}), Entry::kEntered);
}

TEST(Turnstile, ServesInTheOrderOfArrival) {
  Turnstile turnstile(64);
  ASSERT_EQ(turnstile.Enter({}), Entry::kEntered);
  std::vector<int> order;  // guarded by the turn
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&turnstile, &order, i] {
      ASSERT_EQ(turnstile.Enter({}), Entry::kEntered);
      order.push_back(i);
      turnstile.Leave();
    });
    AwaitWaiting(turnstile, i + 1);
  }
  turnstile.Leave();
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(order.size(), 16u);
  for (int i = 0; i < 16; ++i) EXPECT_EQ(order[i], i);
}

TEST(Turnstile, RefusesWhenTooManyWait) {
  Turnstile turnstile(2);
  ASSERT_EQ(turnstile.Enter({}), Entry::kEntered);
  Caller first(turnstile, {});
  AwaitWaiting(turnstile, 1);
  Caller second(turnstile, {});
  AwaitWaiting(turnstile, 2);
  EXPECT_EQ(turnstile.Enter({}), Entry::kFull);
  turnstile.Leave();
  EXPECT_EQ(first.Join(), Entry::kEntered);
  turnstile.Leave();
  EXPECT_EQ(second.Join(), Entry::kEntered);
}

TEST(Turnstile, NobodyMayWaitWithABoundOfZero) {
  Turnstile turnstile(0);
  ASSERT_EQ(turnstile.Enter({}), Entry::kEntered);
  EXPECT_EQ(turnstile.Enter({}), Entry::kFull);
  turnstile.Leave();
  EXPECT_EQ(turnstile.Enter({}), Entry::kEntered);
}

TEST(Turnstile, GivesUpAtTheDeadline) {
  Turnstile turnstile(8);
  ASSERT_EQ(turnstile.Enter({}), Entry::kEntered);
  const auto start = steady_clock::now();
  EXPECT_EQ(turnstile.Enter(For(milliseconds(60))), Entry::kDeadline);
  EXPECT_GE(steady_clock::now() - start, milliseconds(60));
  // Who gave up is not in line any more.
  turnstile.Leave();
  EXPECT_EQ(turnstile.Enter({}), Entry::kEntered);
}

TEST(Turnstile, ADeadlineThatHasPassedNeverEnters) {
  Turnstile turnstile(8);
  EXPECT_EQ(turnstile.Enter(For(milliseconds(-1))), Entry::kDeadline);
  EXPECT_EQ(turnstile.Enter({}), Entry::kEntered);
}

TEST(Turnstile, GivesUpWhenTheCallerHasGone) {
  Turnstile turnstile(8);
  ASSERT_EQ(turnstile.Enter({}), Entry::kEntered);
  std::atomic<bool> gone = false;
  Caller caller(turnstile, {steady_clock::time_point::max(), [&gone] { return gone.load(); }});
  AwaitWaiting(turnstile, 1);
  EXPECT_FALSE(caller.done());
  gone = true;
  EXPECT_EQ(caller.Join(), Entry::kGone);
  turnstile.Leave();
  EXPECT_EQ(turnstile.Enter({}), Entry::kEntered);
}

TEST(Turnstile, AskingWhetherTheCallerHasGoneHoldsNoLock) {
  Turnstile turnstile(8);
  ASSERT_EQ(turnstile.Enter({}), Entry::kEntered);
  // The question itself gives the turn back: with a lock held it would wait for itself.
  bool asked = false;
  const Patience patience{steady_clock::time_point::max(), [&] {
                            if (!std::exchange(asked, true)) turnstile.Leave();
                            return false;
                          }};
  EXPECT_EQ(turnstile.Enter(patience), Entry::kEntered);
}

TEST(Turnstile, ATurnThatNobodyTakesGoesToTheNext) {
  Turnstile turnstile(8);
  ASSERT_EQ(turnstile.Enter({}), Entry::kEntered);
  // The first in line goes just when the turn comes to it.
  std::atomic<bool> gone = false;
  Caller first(turnstile, {steady_clock::time_point::max(), [&gone] { return gone.load(); }});
  AwaitWaiting(turnstile, 1);
  Caller second(turnstile, {});
  AwaitWaiting(turnstile, 2);
  gone = true;
  turnstile.Leave();
  EXPECT_EQ(first.Join(), Entry::kGone);
  EXPECT_EQ(second.Join(), Entry::kEntered);
}

TEST(Turnstile, CloseTurnsAwayAllButTheOneInside) {
  Turnstile turnstile(8);
  ASSERT_EQ(turnstile.Enter({}), Entry::kEntered);
  Caller first(turnstile, {}), second(turnstile, {});
  AwaitWaiting(turnstile, 2);
  turnstile.Close();
  EXPECT_EQ(first.Join(), Entry::kClosed);
  EXPECT_EQ(second.Join(), Entry::kClosed);
  turnstile.Leave();
  EXPECT_EQ(turnstile.Enter({}), Entry::kClosed);
}

TEST(Turnstile, KeepsOneInsideUnderLoad) {
  Turnstile turnstile(1'000);
  int inside = 0, entered = 0;  // guarded by the turn; a second one inside would be a data race
  std::atomic<int> gave_up = 0, most = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        // Some are in a hurry, some go at once: hand-overs and departures meet.
        const Patience patience{
            t % 2 ? steady_clock::now() + std::chrono::microseconds(20 * (i % 5))
                  : steady_clock::time_point::max(),
            t % 4 == 2 ? std::function<bool()>([i] { return i % 3 == 0; }) : nullptr};
        if (turnstile.Enter(patience) != Entry::kEntered) {
          ++gave_up;
          continue;
        }
        ++entered;
        most = std::max(most.load(), ++inside);
        --inside;
        turnstile.Leave();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
  EXPECT_EQ(entered + gave_up, 8 * 500);
  EXPECT_GE(entered, 4 * 500 / 2);
  EXPECT_EQ(turnstile.Enter({}), Entry::kEntered);
}

}  // namespace
}  // namespace phasic

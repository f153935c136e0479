// SPDX-License-Identifier: Apache-2.0
#include "server/wire/gate.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

namespace phasic::wire {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(Gate, LetsCallsInUntilItCloses) {
  Gate gate;
  std::optional<Gate::Pass> inside(std::in_place, gate);
  EXPECT_TRUE(inside->entered());
  EXPECT_TRUE(Gate::Pass(gate).entered());
  gate.Close();
  EXPECT_FALSE(Gate::Pass(gate).entered());
  EXPECT_FALSE(gate.WaitEmpty(steady_clock::now() + milliseconds(20)));
  inside.reset();
  EXPECT_TRUE(gate.WaitEmpty(steady_clock::now()));
}

TEST(Gate, WakesWhenTheLastCallLeaves) {
  Gate gate;
  std::optional<Gate::Pass> first(std::in_place, gate), second(std::in_place, gate);
  gate.Close();
  std::thread leaving([&] {
    first.reset();
    std::this_thread::sleep_for(milliseconds(20));
    second.reset();
  });
  EXPECT_TRUE(gate.WaitEmpty(steady_clock::now() + std::chrono::minutes(1)));
  leaving.join();
}

}  // namespace
}  // namespace phasic::wire

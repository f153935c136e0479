// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "tests/bench/support/load.h"

namespace phasic::testing {

// Calls a function of this process again and again, and looks at the clock so seldom that it costs
// nothing. A call does so many operations.
class FunctionLoad final : public Load {
 public:
  explicit FunctionLoad(std::function<void()> function, double operations = 1)
      : function_(std::move(function)), operations_(operations) {}

  std::optional<Traffic> Run(double seconds) override {
    constexpr std::chrono::microseconds kUnseen(100);
    Traffic traffic;
    auto now = Clock::now();
    const auto end = now + Nanoseconds(seconds);
    while (now < end) {
      for (int call = 0; call < calls_; ++call) function_();
      traffic.operations += calls_ * operations_;
      const auto begin = std::exchange(now, Clock::now());
      if (now - begin < kUnseen) calls_ *= 2;
    }
    return traffic;
  }

 private:
  const std::function<void()> function_;
  const double operations_;
  int calls_ = 1;  // from one look at the clock to the next
};

}  // namespace phasic::testing

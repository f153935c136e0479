// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>

#include <vector>

#include "tests/bench/support/agents.h"
#include "tests/bench/support/load.h"

namespace phasic::testing {

// The steps that the other loads ask for, in this process: what a server can do no cheaper.
class KernelLoad final : public Load {
 public:
  KernelLoad(const AgentKind& kind, int agents);
  std::optional<Traffic> Run(double seconds) override;

  static constexpr clockid_t kClock = CLOCK_THREAD_CPUTIME_ID;
  static constexpr double kSeconds = 0.02;  // of a round

 private:
  std::vector<Agent> agents_;
  std::vector<std::vector<float>> observations_;
  uint64_t step_ = 0;
};

}  // namespace phasic::testing

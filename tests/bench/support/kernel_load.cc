// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/kernel_load.h"

namespace phasic::testing {

KernelLoad::KernelLoad(const AgentKind& kind, int agents) : agents_(MakeAgents(kind, agents)) {
  for (int agent = 0; agent < agents; ++agent) {
    std::vector<float>& observation = observations_.emplace_back();
    for (int i = 0; i < kInputs; ++i) observation.push_back(ObservationOf(agent, i));
  }
}

std::optional<Traffic> KernelLoad::Run(double seconds) {
  const auto end = Clock::now() + Nanoseconds(seconds);
  const RewardInput reward{.values = {Real{kReward}}};
  Traffic traffic;
  do {
    for (size_t agent = 0; agent < agents_.size(); ++agent) {
      float action = 0;
      const End how = Ends(static_cast<int>(agent), step_) ? End::kTruncated : End::kNone;
      agents_[agent].Step(
          {.observation = observations_[agent], .rewards = {&reward, 1}, .end = how}, {&action, 1});
    }
    ++step_;
    traffic.operations += static_cast<double>(agents_.size());
  } while (Clock::now() < end);
  return traffic;
}

}  // namespace phasic::testing

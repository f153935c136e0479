// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "server/agents/hosted_agent.h"

namespace phasic::testing {

// An agent that is awake and never sleeps.
inline AgentPtr Host(Identity identity, Agent agent, Settings settings, Budget::Room room,
                     int max_waiting, uint64_t incarnation = 0) {
  return std::make_shared<HostedAgent>(
      std::move(identity), Inside(std::move(agent), std::move(room)),
      Card{.incarnation = incarnation, .settings = std::move(settings)}, nullptr, max_waiting);
}

}  // namespace phasic::testing

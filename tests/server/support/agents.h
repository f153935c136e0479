// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "core/base/status_macros.h"
#include "server/agents/hosted_agent.h"
#include "server/agents/turn.h"

namespace phasic::testing {

// An agent that is awake and never sleeps.
inline AgentPtr Host(Identity identity, Agent agent, Settings settings, Budget::Room room,
                     int max_waiting, uint64_t incarnation = 0) {
  return std::make_shared<HostedAgent>(
      std::move(identity), Inside(std::move(agent), std::move(room)),
      Card{.incarnation = incarnation, .settings = std::move(settings)}, nullptr, max_waiting);
}

// A step in a room of its own, which the answer keeps.
inline absl::StatusOr<StepAnswer> StepOf(Turn& turn, const StepArguments& step,
                                         const absl::Status& valid = absl::OkStatus()) {
  const auto room = std::make_shared<StepRoom>();
  ASSIGN_OR_RETURN(StepAnswer answer, turn.Step(step, valid, room.get()));
  if (answer.outcome.use_count() == 0) answer.outcome = {room, answer.outcome.get()};
  return answer;
}

}  // namespace phasic::testing

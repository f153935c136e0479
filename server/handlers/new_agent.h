// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "phasic/v1/agent.pb.h"
#include "server/agents/hosted_agent.h"
#include "server/handlers/call.h"

// What every way to make an agent has in common.
namespace phasic::handlers {

// Faults of what a caller may say of a new agent: `agent_id` (may be empty) and `request_id`.
void CheckNewId(const std::string& id, const std::string& request_id,
                std::vector<Violation>* violations);

// Tells the call from others, so that a retry of it is known; empty without a request_id.
std::string CallKey(const std::string& method, const std::string& agent_id,
                    const std::string& request_id);

// What was there before a call that makes an agent.
struct Before {
  AgentPtr made;      // by an earlier attempt of the same call; or null
  absl::Status free;  // ALREADY_EXISTS when an agent had the id
};
// `made_by` is the call's key, and may be empty, as the id may.
absl::StatusOr<Before> LookBefore(const Call& call, const std::string& id,
                                  const std::string& made_by);

// Why there is no room for an agent of this circuit; OK when there is.
absl::Status CheckRoom(const Call& call, const Circuit& circuit);

// What is asked for, or this server's default; a fault becomes a violation of `field`.
Durability ReadDurability(const Call& call, v1::Durability asked, const std::string& field,
                          std::vector<Violation>* violations);

// A new agent, not yet entered; `identity` says what the server does not: its id may be empty.
AgentPtr MakeAgent(const Call& call, Identity identity, Inside inside, Card card);

// The error of an agent that could not be entered because `first` was there before it; OK when
// `first` was made by the same call, and so is the answer.
absl::Status CheckClash(const HostedAgent& agent, const HostedAgent& first);
// Enters the agent and answers with it, or with the one that the same call has made. `has_state`:
// its state is another than its seed gives.
absl::Status Enter(const Call& call, const AgentPtr& agent, bool has_state, v1::Agent* response);
// Answers with an agent once what was put down for it is kept.
absl::Status Answer(const Call& call, const AgentPtr& agent, v1::Agent* response);

// A snapshot of an agent; `id` as the request's field `snapshot` has it.
absl::StatusOr<Inside> LoadSnapshot(const Call& call, const HostedAgent& agent,
                                    const std::string& id, Budget::Room room);

void Respond(const HostedAgent& agent, v1::Agent* response);

}  // namespace phasic::handlers

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/agents/turn.h"
#include "server/handlers/call.h"

namespace phasic::handlers {

// A lower-case letter, then lower-case letters, digits and hyphens, up to 63 characters, not ending
// in a hyphen.
bool IsId(std::string_view text);
// The same with '_' too.
bool IsLabelKey(std::string_view text);

// "agents/x" or "tenants/{the caller's own}/agents/x" -> "x". INVALID_ARGUMENT names `field`;
// another tenant's agents are NOT_FOUND, so that nothing tells whether they exist.
absl::StatusOr<std::string_view> AgentIdOf(const Call& call, std::string_view name,
                                           const std::string& field);
// "agents/x/snapshots/y", or the same with the caller's own tenant -> "agents/x" and "y".
struct SnapshotPath {
  std::string agent, snapshot;
};
absl::StatusOr<SnapshotPath> SnapshotPathOf(const std::string& name);
// Empty or the caller's own tenant.
absl::Status CheckParent(const Call& call, const std::string& parent);

// The agent of that name, or NOT_FOUND. It may sleep, and so not be known yet, nor that there is
// none; its turn will tell. Needs no disk.
absl::StatusOr<AgentPtr> FindAgent(const Call& call, const std::string& name,
                                   const std::string& field = "name");
// The same, known. May wait for the disk.
absl::StatusOr<AgentPtr> KnownAgent(const Call& call, const std::string& name,
                                    const std::string& field = "name");
// The turn of an agent.
absl::StatusOr<Turn> TakeTurn(const Call& call, const AgentPtr& agent);
// What must be kept before `status`, why there is no turn, may be told: who hears NOT_FOUND relies
// on it, and before its end is kept the agent may be here again.
Journal::Ticket EndOf(const HostedAgent& agent, const absl::Status& status);

// 64 bits that nobody can foresee.
uint64_t DrawSeed();
// An id that no agent has now.
std::string DrawAgentId(const Call& call);

}  // namespace phasic::handlers

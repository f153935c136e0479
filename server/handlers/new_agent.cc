// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/new_agent.h"

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/convert/agent.h"
#include "server/convert/text.h"
#include "server/handlers/names.h"

namespace phasic::handlers {
namespace {

// The state, and what the way back to before the last turn takes (core/circuit/rewind.h).
int64_t BytesOf(const Circuit& circuit) {
  return circuit.max_state_bytes() * 9 / 4 + limits::kAgentOverheadBytes;
}

}  // namespace

void Respond(const HostedAgent& agent, v1::Agent* response) {
  convert::ToProto(agent.identity(), agent.circuit(), agent.card(), response);
}

void CheckNewId(const std::string& id, const std::string& request_id,
                std::vector<Violation>* violations) {
  if (!id.empty() && !IsId(id)) {
    violations->push_back({"agent_id",
                           "is no id: a lower-case letter, then lower-case letters, "
                           "digits and hyphens, up to 63 characters"});
  }
  convert::CheckLength(request_id, "request_id", violations);
}

std::string CallKey(const std::string& method, const std::string& agent_id,
                    const std::string& request_id) {
  return request_id.empty() ? "" : absl::StrCat(method, "/", agent_id, "/", request_id);
}

absl::Status CheckFree(const Call& call, const std::string& id) {
  if (id.empty() || call.env.registry.Find(id) == nullptr) return absl::OkStatus();
  return errors::AgentExists(Identity{.id = id}.name());
}

absl::Status CheckRoom(const Call& call, const Circuit& circuit) {
  const int64_t bytes = BytesOf(circuit);
  const ServerLimits& limits = call.env.limits;
  const Budget::Use use = call.env.registry.budget().use();
  if (circuit.max_state_bytes() > limits.max_agent_bytes) {
    return errors::ServerFull(
        "max_agent_bytes", absl::StrCat("the agent may need ", circuit.max_state_bytes(),
                                        " bytes, but may have at most ", limits.max_agent_bytes));
  }
  if (use.places >= limits.max_agents) {
    return errors::ServerFull("max_agents", absl::StrCat("it has ", use.places, " agents"));
  }
  if (bytes > limits.max_total_bytes - use.bytes) {
    return errors::ServerFull(
        "max_total_bytes",
        absl::StrCat("the agent may need ", bytes, " bytes, but of ", limits.max_total_bytes,
                     " only ", limits.max_total_bytes - use.bytes, " are left"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Budget::Room> TakeRoom(const Call& call, const Circuit& circuit) {
  RETURN_IF_ERROR(CheckRoom(call, circuit));
  auto room = call.env.registry.budget().Take(BytesOf(circuit));
  // Somebody else has just taken it.
  if (!room) return errors::ServerFull("max_total_bytes", "the last room went to another agent");
  return *std::move(room);
}

void NewIdentity(const Call& call, Identity* identity) {
  if (identity->id.empty()) identity->id = DrawAgentId(call);
  identity->uid = call.env.registry.NewUid();
  identity->incarnation = call.env.registry.NewUid();
  identity->create_time = std::chrono::system_clock::now();
}

absl::Status CheckClash(const HostedAgent& agent, const HostedAgent& first) {
  const std::string& made_by = agent.identity().made_by;
  if (!made_by.empty() && first.identity().made_by == made_by) return absl::OkStatus();
  return errors::AgentExists(agent.identity().name());
}

absl::Status Enter(const Call& call, const AgentPtr& agent, v1::Agent* response) {
  const AgentPtr entered = call.env.registry.Add(agent);
  if (entered != agent) RETURN_IF_ERROR(CheckClash(*agent, *entered));
  Respond(*entered, response);
  return absl::OkStatus();
}

}  // namespace phasic::handlers

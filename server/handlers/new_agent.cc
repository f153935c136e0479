// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/new_agent.h"

#include "absl/strings/str_cat.h"
#include "core/base/numerics.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/agents/image.h"
#include "server/convert/agent.h"
#include "server/convert/text.h"
#include "server/handlers/names.h"
#include "server/handlers/sources.h"

namespace phasic::handlers {
void Respond(const HostedAgent& agent, v1::Agent* response) {
  convert::ToProto(agent.identity(), agent.circuit(), agent.card(), agent.awake(), response);
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

// The id comes first: if it was not free, then FindMadeBy sees who had it, though it was entered
// just now by another attempt of this call.
absl::StatusOr<Before> LookBefore(const Call& call, const std::string& id,
                                  const std::string& made_by) {
  Before before;
  if (!id.empty()) {
    ASSIGN_OR_RETURN(const bool free, call.env.hosting.IsFree(id, call.patience));
    if (!free) before.free = errors::AgentExists(Identity{.id = id}.name());
  }
  ASSIGN_OR_RETURN(before.made, call.env.hosting.FindMadeBy(made_by, call.patience));
  return before;
}

absl::Status CheckRoom(const Call& call, const Circuit& circuit) {
  if (call.env.hosting.agents() >= call.env.limits.max_agents) {
    return errors::ServerFull("max_agents",
                              absl::StrCat("it has ", call.env.hosting.agents(), " agents"));
  }
  // Taken and given back: nothing is made.
  return call.env.hosting.TakeRoom(circuit).status();
}

Durability ReadDurability(const Call& call, v1::Durability asked, const std::string& field,
                          std::vector<Violation>* violations) {
  const bool keeps = call.env.store != nullptr;
  if (asked == v1::DURABILITY_UNSPECIFIED) {
    return keeps ? Durability::kJournaled : Durability::kEphemeral;
  }
  const auto durability = convert::FromProto(asked);
  if (!durability) {
    violations->push_back({field, "is unknown"});
  } else if (!keeps && *durability != Durability::kEphemeral) {
    violations->push_back({field, "must be EPHEMERAL: this server keeps nothing"});
  }
  return durability.value_or(Durability::kEphemeral);
}

AgentPtr MakeAgent(const Call& call, Identity identity, Inside inside, Card card) {
  if (identity.id.empty()) identity.id = DrawAgentId(call);
  identity.uid = call.env.registry.NewUid();
  identity.create_time = std::chrono::system_clock::now();
  card.incarnation = call.env.registry.NewUid();
  card.settings.version = 1;
  card.stats.last_active = identity.create_time;
  AddNumerics(kNumerics, &card.numerics);
  return std::make_shared<HostedAgent>(std::move(identity), std::move(inside), std::move(card),
                                       &call.env.hosting, call.env.limits.max_waiting_turns);
}

absl::Status CheckClash(const HostedAgent& agent, const HostedAgent& first) {
  const std::string& made_by = agent.identity().made_by;
  if (!made_by.empty() && first.identity().made_by == made_by) return absl::OkStatus();
  return errors::AgentExists(agent.identity().name());
}

absl::Status Enter(const Call& call, const AgentPtr& agent, bool has_state, v1::Agent* response) {
  const Hosting::Newcomer newcomer{agent, WriteSpec(agent->circuit()), has_state};
  ASSIGN_OR_RETURN(const auto clash, call.env.hosting.Add({&newcomer, 1}, call.patience));
  if (clash) RETURN_IF_ERROR(CheckClash(*agent, *clash->first));
  return Answer(call, clash ? clash->first : agent, response);
}

absl::Status Answer(const Call& call, const AgentPtr& agent, v1::Agent* response) {
  RETURN_IF_ERROR(call.env.journal.Wait(agent->last_ticket()));
  Respond(*agent, response);
  return absl::OkStatus();
}

absl::StatusOr<Inside> LoadSnapshot(const Call& call, const HostedAgent& agent,
                                    const std::string& id, Budget::Room room) {
  if (!IsId(id)) return InvalidField(errors::kBadField, "snapshot", "is no id");
  const std::string name = agent.identity().name();
  if (agent.identity().durability == Durability::kEphemeral) return errors::NoStore(name);
  ASSIGN_OR_RETURN(const std::string image,
                   call.env.hosting.LoadSnapshot(agent, id, absl::StrCat(name, "/snapshots/", id)));
  return DecodeImage(image, agent.shared_circuit(), std::move(room));
}

}  // namespace phasic::handlers

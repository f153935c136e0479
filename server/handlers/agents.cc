// SPDX-License-Identifier: Apache-2.0
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/convert/agent.h"
#include "server/convert/spec.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"
#include "server/handlers/new_agent.h"
#include "server/handlers/settings.h"

namespace phasic::handlers {

absl::Status GetAgent(const Call& call, const v1::GetAgentRequest& request, v1::Agent* response) {
  if (request.view() < v1::AGENT_VIEW_UNSPECIFIED || request.view() > v1::FULL) {
    return InvalidField(errors::kBadField, "view", "is unknown");
  }
  ASSIGN_OR_RETURN(const AgentPtr agent, FindAgent(call, request.name()));
  if (request.view() != v1::FULL) {
    Respond(*agent, response);
    return absl::OkStatus();
  }
  Card card;
  {
    ASSIGN_OR_RETURN(const Turn turn, TakeTurn(call, agent));
    card = turn.card();
    response->set_digest(turn.Digest());
  }
  convert::ToProto(agent->identity(), agent->circuit(), card, response);
  convert::ToProto(agent->circuit().spec(), response->mutable_circuit());
  return absl::OkStatus();
}

absl::Status DeleteAgent(const Call& call, const v1::DeleteAgentRequest& request,
                         google::protobuf::Empty*) {
  ASSIGN_OR_RETURN(const AgentPtr agent, FindAgent(call, request.name()));
  {
    ASSIGN_OR_RETURN(Turn turn, TakeTurn(call, agent));
    RETURN_IF_ERROR(turn.Delete(request.etag()));
  }
  call.env.registry.Remove(agent);
  return absl::OkStatus();
}

absl::Status CloneAgent(const Call& call, const v1::CloneAgentRequest& request,
                        v1::Agent* response) {
  ASSIGN_OR_RETURN(const AgentPtr original, FindAgent(call, request.name()));
  Identity identity{.id = request.agent_id()};
  identity.made_by = CallKey(absl::StrCat("clone/", original->identity().id), request.agent_id(),
                             request.request_id());
  if (const AgentPtr agent = call.env.registry.FindMadeBy(identity.made_by)) {
    Respond(*agent, response);
    return absl::OkStatus();
  }
  std::vector<Violation> violations;
  CheckNewId(request.agent_id(), request.request_id(), &violations);
  CheckLabels(request.labels(), "labels", &violations);
  if (!violations.empty()) return InvalidFields(errors::kBadField, std::move(violations));
  RETURN_IF_ERROR(CheckFree(call, request.agent_id()));
  ASSIGN_OR_RETURN(Budget::Room room, TakeRoom(call, original->circuit()));

  std::optional<uint64_t> seed;
  if (request.has_seed()) seed = request.seed();
  std::optional<std::map<std::string, std::string>> labels;
  if (!request.labels().empty()) labels.emplace(request.labels().begin(), request.labels().end());
  NewIdentity(call, &identity);
  AgentPtr clone;
  {
    ASSIGN_OR_RETURN(const Turn turn, TakeTurn(call, original));
    clone = turn.Clone(std::move(identity), seed, std::move(labels), std::move(room),
                       call.env.limits.max_waiting_turns);
  }
  return Enter(call, clone, response);
}

}  // namespace phasic::handlers

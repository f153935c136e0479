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
  ASSIGN_OR_RETURN(const AgentPtr agent, KnownAgent(call, request.name()));
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
  convert::ToProto(agent->identity(), agent->circuit(), card, /*awake=*/true, response);
  convert::ToProto(agent->circuit().spec(), response->mutable_circuit());
  return absl::OkStatus();
}

absl::Status DeleteAgent(const Call& call, const v1::DeleteAgentRequest& request,
                         google::protobuf::Empty*) {
  ASSIGN_OR_RETURN(const AgentPtr agent, KnownAgent(call, request.name()));
  ASSIGN_OR_RETURN(Turn turn, TakeTurn(call, agent));
  return call.env.hosting.Delete(std::move(turn), request.etag());
}

namespace {

// What a clone begins with: the agent as it is, or one of its snapshots.
absl::StatusOr<Inside> CopyOf(const Call& call, const AgentPtr& agent, const std::string& snapshot,
                              std::optional<uint64_t> seed, Budget::Room room) {
  if (snapshot.empty()) {
    ASSIGN_OR_RETURN(const Turn turn, TakeTurn(call, agent));
    return turn.Copy(seed, std::move(room));
  }
  ASSIGN_OR_RETURN(Inside copy, LoadSnapshot(call, *agent, snapshot, std::move(room)));
  if (seed) copy.agent.set_seed(*seed);
  // Inputs are counted anew, and answers are to calls that named the original.
  copy.sequence = 0;
  copy.answers = {};
  return copy;
}

}  // namespace

absl::Status CloneAgent(const Call& call, const v1::CloneAgentRequest& request,
                        v1::Agent* response) {
  ASSIGN_OR_RETURN(const AgentPtr original, KnownAgent(call, request.name()));
  Identity identity{.id = request.agent_id()};
  identity.made_by = CallKey(absl::StrCat("clone/", original->identity().id), request.agent_id(),
                             request.request_id());
  ASSIGN_OR_RETURN(const Before before, LookBefore(call, request.agent_id(), identity.made_by));
  if (before.made != nullptr) return Answer(call, before.made, response);
  std::vector<Violation> violations;
  CheckNewId(request.agent_id(), request.request_id(), &violations);
  CheckLabels(request.labels(), "labels", &violations);
  if (!violations.empty()) return InvalidFields(errors::kBadField, std::move(violations));
  RETURN_IF_ERROR(before.free);
  ASSIGN_OR_RETURN(Budget::Room room, call.env.hosting.TakeRoom(original->circuit()));

  std::optional<uint64_t> seed;
  if (request.has_seed()) seed = request.seed();
  identity.preset = original->identity().preset;
  identity.durability = original->identity().durability;
  ASSIGN_OR_RETURN(std::optional<Inside> copy,
                   CopyOf(call, original, request.snapshot(), seed, std::move(room)));
  identity.seed = copy->agent.seed();
  Card card = std::move(copy->card);
  if (!request.labels().empty()) {
    card.settings.labels = {request.labels().begin(), request.labels().end()};
  }
  const AgentPtr clone = MakeAgent(call, std::move(identity), *std::move(copy), std::move(card));
  return Enter(call, clone, /*has_state=*/true, response);
}

}  // namespace phasic::handlers

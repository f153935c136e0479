// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/convert/agent.h"
#include "server/convert/spec.h"
#include "server/convert/text.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"
#include "server/handlers/settings.h"
#include "server/handlers/sources.h"

namespace phasic::handlers {
namespace {

using Violations = std::vector<Violation>;

// What a request asks to be made.
struct Plan {
  Identity identity;
  std::shared_ptr<const Circuit> circuit;
  Settings settings;
  std::vector<std::pair<int, double>> live_parameters;
};

void Respond(const HostedAgent& agent, v1::Agent* response) {
  convert::ToProto(agent.identity(), agent.circuit(), agent.card(), response);
}

void CheckNewId(const std::string& id, const std::string& request_id, Violations* violations) {
  if (!id.empty() && !IsId(id)) {
    violations->push_back({"agent_id",
                           "is no id: a lower-case letter, then lower-case letters, "
                           "digits and hyphens, up to 63 characters"});
  }
  convert::CheckLength(request_id, "request_id", violations);
}

// Tells the call from others, so that a retry of it is known; empty without a request_id.
std::string CallKey(const std::string& method, const std::string& agent_id,
                    const std::string& request_id) {
  return request_id.empty() ? "" : absl::StrCat(method, "/", agent_id, "/", request_id);
}

absl::Status CheckFree(const Call& call, const std::string& id) {
  if (id.empty() || call.env.registry.Find(id) == nullptr) return absl::OkStatus();
  return errors::AgentExists(Identity{.id = id}.name());
}

int64_t BytesOf(const Circuit& circuit) {
  return circuit.max_state_bytes() + limits::kAgentOverheadBytes;
}

// Why there is no room for an agent of this circuit; OK when there is.
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

// Enters the agent, unless one was made by the same call or under the same id meanwhile.
absl::Status Enter(const Call& call, const AgentPtr& agent, v1::Agent* response) {
  const AgentPtr entered = call.env.registry.Add(agent);
  const std::string& made_by = agent->identity().made_by;
  if (entered != agent && (made_by.empty() || entered->identity().made_by != made_by)) {
    return errors::AgentExists(agent->identity().name());
  }
  Respond(*entered, response);
  return absl::OkStatus();
}

absl::StatusOr<Plan> MakePlan(const v1::CreateAgentRequest& request) {
  const v1::Agent& wanted = request.agent();
  Violations violations;
  Plan plan;
  switch (wanted.source_case()) {
    case v1::Agent::kPreset:
      plan.identity.preset.emplace();
      plan.circuit = Compile(wanted.preset(), "agent.preset", &*plan.identity.preset, &violations);
      break;
    case v1::Agent::kCircuit:
      plan.circuit = Compile(wanted.circuit(), "agent.circuit", &violations);
      break;
    case v1::Agent::SOURCE_NOT_SET:
      violations.push_back({"agent.preset", "or else agent.circuit must be given"});
  }
  const char* const reason = violations.empty() ? errors::kBadField : "BAD_CIRCUIT";
  CheckNewId(request.agent_id(), request.request_id(), &violations);
  CheckLabels(wanted.labels(), "agent.labels", &violations);
  if (wanted.mode() != v1::MODE_UNSPECIFIED) {
    const auto mode = convert::FromProto(wanted.mode());
    if (!mode) violations.push_back({"agent.mode", "is unknown"});
    plan.settings.mode = mode.value_or(Mode::kLearning);
  }
  if (plan.circuit != nullptr) {
    for (const LiveParameter& parameter : plan.circuit->live_parameters()) {
      plan.settings.live_parameters.push_back(parameter.initial);
    }
    for (const auto& [name, value] : wanted.live_parameters()) {
      const int index =
          CheckLiveParameter(name, value, *plan.circuit, "agent.live_parameters", &violations);
      if (index < 0) continue;
      plan.settings.live_parameters[index] = value;
      plan.live_parameters.emplace_back(index, value);
    }
  }
  if (!violations.empty()) return InvalidFields(reason, std::move(violations));
  plan.settings.labels.insert(wanted.labels().begin(), wanted.labels().end());
  plan.identity.id = request.agent_id();
  plan.identity.seed = wanted.has_seed() ? wanted.seed() : DrawSeed();
  return plan;
}

}  // namespace

absl::Status CreateAgent(const Call& call, const v1::CreateAgentRequest& request,
                         v1::Agent* response) {
  RETURN_IF_ERROR(CheckParent(call, request.parent()));
  const std::string made_by = CallKey("create", request.agent_id(), request.request_id());
  if (const AgentPtr agent = call.env.registry.FindMadeBy(made_by)) {
    Respond(*agent, response);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(Plan plan, MakePlan(request));
  RETURN_IF_ERROR(CheckFree(call, request.agent_id()));
  if (request.validate_only()) {
    RETURN_IF_ERROR(CheckRoom(call, *plan.circuit));
    if (plan.identity.id.empty()) plan.identity.id = DrawAgentId(call);
    convert::ToProto(plan.identity, *plan.circuit, {plan.settings, {}}, response);
    return absl::OkStatus();
  }
  plan.circuit = call.env.circuits.Share(plan.circuit);
  if (plan.circuit == nullptr)
    return errors::ServerFull("max_total_bytes", "no room for a circuit");
  ASSIGN_OR_RETURN(Budget::Room room, TakeRoom(call, *plan.circuit));
  Agent agent(plan.circuit, plan.identity.seed);
  for (const auto& [index, value] : plan.live_parameters) {
    agent.set_live_parameter(plan.circuit->live_parameters()[index], value);
  }
  plan.identity.made_by = made_by;
  NewIdentity(call, &plan.identity);
  return Enter(call,
               std::make_shared<HostedAgent>(std::move(plan.identity), std::move(agent),
                                             std::move(plan.settings), std::move(room),
                                             call.env.limits.max_waiting_turns),
               response);
}

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
  Violations violations;
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

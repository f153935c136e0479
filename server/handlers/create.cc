// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/convert/agent.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"
#include "server/handlers/new_agent.h"
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

bool SameSource(const v1::Agent& a, const v1::Agent& b) {
  if (a.source_case() != b.source_case()) return false;
  return a.has_preset() ? a.preset().SerializeAsString() == b.preset().SerializeAsString()
                        : a.circuit().SerializeAsString() == b.circuit().SerializeAsString();
}

void CompileSource(const v1::Agent& wanted, Plan* plan, Violations* violations) {
  switch (wanted.source_case()) {
    case v1::Agent::kPreset:
      plan->identity.preset.emplace();
      plan->circuit = Compile(wanted.preset(), "agent.preset", &*plan->identity.preset, violations);
      break;
    case v1::Agent::kCircuit:
      plan->circuit = Compile(wanted.circuit(), "agent.circuit", violations);
      break;
    case v1::Agent::SOURCE_NOT_SET:
      violations->push_back({"agent.preset", "or else agent.circuit must be given"});
  }
}

// `like` is another plan and what it was made from, or null: the same source is compiled once.
absl::StatusOr<Plan> MakePlan(const Call& call, const v1::CreateAgentRequest& request,
                              const Plan* like = nullptr,
                              const v1::CreateAgentRequest* like_request = nullptr) {
  const v1::Agent& wanted = request.agent();
  Violations violations;
  Plan plan;
  if (like != nullptr && SameSource(wanted, like_request->agent())) {
    plan.circuit = like->circuit;
    plan.identity.preset = like->identity.preset;
  } else {
    CompileSource(wanted, &plan, &violations);
  }
  const char* const reason = violations.empty() ? errors::kBadField : "BAD_CIRCUIT";
  CheckNewId(request.agent_id(), request.request_id(), &violations);
  CheckLabels(wanted.labels(), "agent.labels", &violations);
  if (wanted.mode() != v1::MODE_UNSPECIFIED) {
    const auto mode = convert::FromProto(wanted.mode());
    if (!mode) violations.push_back({"agent.mode", "is unknown"});
    plan.settings.mode = mode.value_or(Mode::kLearning);
  }
  plan.identity.durability =
      ReadDurability(call, wanted.durability(), "agent.durability", &violations);
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
  if (plan.settings.mode == Mode::kShadow) RETURN_IF_ERROR(plan.circuit->CheckShadow());
  plan.settings.labels.insert(wanted.labels().begin(), wanted.labels().end());
  plan.identity.id = request.agent_id();
  plan.identity.seed = wanted.has_seed() ? wanted.seed() : DrawSeed();
  return plan;
}

// The agent of a plan, not yet entered.
absl::StatusOr<AgentPtr> Build(const Call& call, Plan plan, std::string made_by) {
  plan.circuit = call.env.circuits.Share(plan.circuit);
  if (plan.circuit == nullptr)
    return errors::ServerFull("max_total_bytes", "no room for a circuit");
  ASSIGN_OR_RETURN(Budget::Room room, call.env.hosting.TakeRoom(*plan.circuit));
  Inside inside(Agent(plan.circuit, plan.identity.seed), std::move(room));
  for (const auto& [index, value] : plan.live_parameters) {
    inside.agent.set_live_parameter(plan.circuit->live_parameters()[index], value);
  }
  plan.identity.made_by = std::move(made_by);
  return MakeAgent(call, std::move(plan.identity), std::move(inside),
                   {.settings = std::move(plan.settings)});
}

std::string CallKeyOf(const v1::CreateAgentRequest& request) {
  return CallKey("create", request.agent_id(), request.request_id());
}

// Adds the faults that `error` tells of the request with this index; false when it tells none.
bool AddFaults(const absl::Status& error, int index, Violations* violations) {
  const ErrorDetails details = DetailsOf(error);
  for (const Violation& violation : details.violations) {
    violations->push_back(
        {absl::StrCat("requests[", index, "].", violation.field), violation.description});
  }
  return absl::IsInvalidArgument(error) && !details.violations.empty();
}

absl::Status CheckBatch(const v1::BatchCreateAgentsRequest& request) {
  Violations violations;
  const int size = request.requests_size();
  if (size < 1 || size > limits::kMaxBatchItems) {
    return InvalidField(errors::kBadField, "requests",
                        absl::StrCat("are ", size, ", but must be 1 to ", limits::kMaxBatchItems));
  }
  std::map<std::string, int> ids;
  for (int i = 0; i < size; ++i) {
    const v1::CreateAgentRequest& one = request.requests(i);
    const std::string field = absl::StrCat("requests[", i, "].");
    if (!one.parent().empty() && one.parent() != request.parent()) {
      violations.push_back({field + "parent", "must be empty or that of the batch"});
    }
    if (one.validate_only()) violations.push_back({field + "validate_only", "is not for batches"});
    if (one.agent_id().empty()) continue;
    const auto [at, fresh] = ids.emplace(one.agent_id(), i);
    if (!fresh) {
      violations.push_back(
          {field + "agent_id", absl::StrCat("is that of requests[", at->second, "]")});
    }
  }
  return violations.empty() ? absl::OkStatus()
                            : InvalidFields(errors::kBadField, std::move(violations));
}

// Plans what is yet to be made: `agents` has what an earlier call of the same ids has made, and
// `plans` the rest.
absl::Status MakePlans(const Call& call, const v1::BatchCreateAgentsRequest& request,
                       std::vector<AgentPtr>* agents, std::vector<Plan>* plans) {
  Violations violations;
  int last = -1;  // the last that was planned
  for (int i = 0; i < request.requests_size(); ++i) {
    const v1::CreateAgentRequest& one = request.requests(i);
    ASSIGN_OR_RETURN(const Before before, LookBefore(call, one.agent_id(), CallKeyOf(one)));
    (*agents)[i] = before.made;
    if (before.made != nullptr) continue;
    absl::StatusOr<Plan> plan = last < 0
                                    ? MakePlan(call, one)
                                    : MakePlan(call, one, &(*plans)[last], &request.requests(last));
    if (plan.ok()) {
      RETURN_IF_ERROR(before.free);
      (*plans)[i] = *std::move(plan);
      last = i;
    } else if (!AddFaults(plan.status(), i, &violations)) {
      return plan.status();
    }
  }
  return violations.empty() ? absl::OkStatus()
                            : InvalidFields("BAD_CIRCUIT", std::move(violations));
}

}  // namespace

absl::Status CreateAgent(const Call& call, const v1::CreateAgentRequest& request,
                         v1::Agent* response) {
  RETURN_IF_ERROR(CheckParent(call, request.parent()));
  const std::string made_by = CallKeyOf(request);
  ASSIGN_OR_RETURN(const Before before, LookBefore(call, request.agent_id(), made_by));
  if (before.made != nullptr) return Answer(call, before.made, response);
  ASSIGN_OR_RETURN(Plan plan, MakePlan(call, request));
  RETURN_IF_ERROR(before.free);
  if (request.validate_only()) {
    RETURN_IF_ERROR(CheckRoom(call, *plan.circuit));
    if (plan.identity.id.empty()) plan.identity.id = DrawAgentId(call);
    convert::ToProto(plan.identity, *plan.circuit, {.settings = plan.settings}, /*awake=*/true,
                     response);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const AgentPtr agent, Build(call, std::move(plan), made_by));
  return Enter(call, agent, /*has_state=*/false, response);
}

absl::Status BatchCreateAgents(const Call& call, const v1::BatchCreateAgentsRequest& request,
                               v1::BatchCreateAgentsResponse* response) {
  RETURN_IF_ERROR(CheckParent(call, request.parent()));
  RETURN_IF_ERROR(CheckBatch(request));
  const int size = request.requests_size();
  std::vector<AgentPtr> agents(size);
  std::vector<Hosting::Newcomer> made;
  std::vector<Plan> plans(size);
  RETURN_IF_ERROR(MakePlans(call, request, &agents, &plans));
  for (int i = 0; i < size; ++i) {
    if (agents[i] != nullptr) continue;
    ASSIGN_OR_RETURN(agents[i], Build(call, std::move(plans[i]), CallKeyOf(request.requests(i))));
    const bool like_last =
        !made.empty() && made.back().agent->shared_circuit() == agents[i]->shared_circuit();
    made.push_back({agents[i], like_last ? made.back().spec : WriteSpec(agents[i]->circuit())});
  }
  ASSIGN_OR_RETURN(const auto clash, call.env.hosting.Add(made, call.patience));
  if (clash) {
    RETURN_IF_ERROR(CheckClash(*made[clash->index].agent, *clash->first));
    return BatchCreateAgents(call, request, response);  // The same call has just made it.
  }
  for (const AgentPtr& agent : agents) {
    RETURN_IF_ERROR(Answer(call, agent, response->add_agents()));
  }
  return absl::OkStatus();
}

}  // namespace phasic::handlers

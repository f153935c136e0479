// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/agent_file.h"
#include "server/agents/errors.h"
#include "server/convert/agent.h"
#include "server/convert/json.h"
#include "server/convert/spec.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"
#include "server/handlers/new_agent.h"

namespace phasic::handlers {
namespace {

AgentSource SourceOf(const HostedAgent& agent) {
  AgentSource source;
  v1::CircuitSpec spec;
  convert::ToProto(agent.circuit().spec(), &spec);
  source.circuit = convert::ToJson(spec);
  if (agent.identity().preset) {
    v1::PresetSource preset;
    convert::ToProto(*agent.identity().preset, &preset);
    source.preset = convert::ToJson(preset);
  }
  return source;
}

// The agent as it is.
absl::StatusOr<ExportedAgent> CopyAgent(const Call& call, const AgentPtr& agent) {
  ASSIGN_OR_RETURN(const Turn turn, TakeTurn(call, agent));
  return turn.Export();
}

// The agent as one of its snapshots has it.
absl::StatusOr<ExportedAgent> ReadSnapshot(const Call& call, const AgentPtr& agent,
                                           const std::string& id) {
  ASSIGN_OR_RETURN(const Inside inside, LoadSnapshot(call, *agent, id, {}));
  return ExportOf(inside);
}

}  // namespace

absl::Status ExportAgent(const Call& call, const v1::ExportAgentRequest& request,
                         Writer<v1::ExportAgentResponse>* writer) {
  ASSIGN_OR_RETURN(const AgentPtr agent, KnownAgent(call, request.name()));
  const auto room = call.env.copies.Take(agent->circuit().max_state_bytes());
  if (!room) return errors::TooMuchInspected();
  ASSIGN_OR_RETURN(ExportedAgent exported, request.snapshot().empty()
                                               ? CopyAgent(call, agent)
                                               : ReadSnapshot(call, agent, request.snapshot()));
  exported.durability = agent->identity().durability;
  v1::ExportAgentResponse message;
  ASSIGN_OR_RETURN(const bool all,
                   WriteAgentFile(exported, SourceOf(*agent), [&](std::string_view chunk) {
                     message.set_data(chunk.data(), chunk.size());
                     return writer->Write(message);
                   }));
  return all ? absl::OkStatus() : errors::Cancelled();
}

}  // namespace phasic::handlers

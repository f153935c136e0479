// SPDX-License-Identifier: Apache-2.0
//
// phasic agents: make them, find them, change them, end them.
#include <google/protobuf/empty.pb.h>

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/agent_text.h"
#include "client/cli/command.h"
#include "client/cli/source.h"
#include "client/cli/values.h"

namespace phasic {
namespace {

constexpr char kModes[] = "learning|frozen|shadow";

v1::Mode ModeOf(const Args& args) {
  const std::string mode = args.Text("mode");
  if (mode.empty()) return v1::MODE_UNSPECIFIED;
  return mode == "frozen" ? v1::FROZEN : mode == "shadow" ? v1::SHADOW : v1::LEARNING;
}

absl::Status ReadLabels(const Args& args, google::protobuf::Map<std::string, std::string>* labels) {
  for (const std::string& text : args.All("label")) {
    const auto pair = ParsePair(text);
    if (!pair.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--label: ", std::string(pair.status().message())));
    }
    (*labels)[pair->first] = pair->second;
  }
  return absl::OkStatus();
}

// The tests of --filter and --label, joined.
absl::StatusOr<std::string> FilterOf(const Args& args) {
  std::vector<std::string> tests;
  if (args.Has("filter")) tests.push_back(args.Text("filter"));
  google::protobuf::Map<std::string, std::string> labels;
  const absl::Status status = ReadLabels(args, &labels);
  if (!status.ok()) return status;
  for (const auto& [key, value] :
       std::map<std::string, std::string>(labels.begin(), labels.end())) {
    const std::string escaped = absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"\"", "\\\""}});
    tests.push_back(absl::StrCat("labels.", key, " = \"", escaped, "\""));
  }
  return absl::StrJoin(tests, " AND ");
}

absl::StatusOr<Exit> List(const Context& context) {
  absl::StatusOr<std::string> filter = FilterOf(context.args);
  if (!filter.ok()) return filter.status();
  v1::ListAgentsRequest request;
  request.set_filter(*std::move(filter));
  const auto all = context.server.AllAgents(std::move(request),
                                            context.args.Count("limit").value_or(UINT64_MAX));
  if (!all.ok()) return all.status();

  if (context.json) {
    JsonWriter writer(context.out);
    writer.BeginObject();
    writer.Key("agents");
    writer.BeginArray();
    for (const v1::Agent& agent : all->agents()) writer.Message(agent);
    writer.EndArray();
    writer.EndObject();
  } else {
    context.out << AgentsText(all->agents());
  }
  return Exit::kOk;
}

absl::StatusOr<Exit> Create(const Context& context) {
  const Args& args = context.args;
  v1::CreateAgentRequest request;
  request.set_agent_id(args.Text("ID"));
  request.set_request_id(args.Text("request-id"));
  request.set_validate_only(args.Has("validate-only"));
  v1::Agent& agent = *request.mutable_agent();
  absl::Status status =
      ReadSource(args, args.Text("circuit"), "--preset NAME or --circuit FILE", &agent);
  if (!status.ok()) return status;
  status = ReadLabels(args, agent.mutable_labels());
  if (!status.ok()) return status;
  agent.set_mode(ModeOf(args));
  agent.set_durability(DurabilityOf(args));
  if (const auto seed = args.Count("seed")) agent.set_seed(*seed);
  return ShowAgent(context, context.server.CreateAgent(std::move(request)));
}

absl::StatusOr<Exit> Get(const Context& context) {
  v1::GetAgentRequest request;
  request.set_name(ResourceName("agents", context.args.Text("ID")));
  request.set_view(context.args.Has("full") ? v1::FULL : v1::BASIC);
  return ShowAgent(context, context.server.GetAgent(request));
}

absl::StatusOr<Exit> Update(const Context& context) {
  const Args& args = context.args;
  v1::UpdateAgentRequest request;
  v1::Agent& agent = *request.mutable_agent();
  agent.set_name(ResourceName("agents", args.Text("ID")));
  agent.set_etag(args.Text("etag"));
  auto& paths = *request.mutable_update_mask()->mutable_paths();
  if (args.Has("mode")) {
    agent.set_mode(ModeOf(args));
    *paths.Add() = "mode";
  }
  if (const absl::Status status = ReadLabels(args, agent.mutable_labels()); !status.ok()) {
    return status;
  }
  for (const auto& [key, value] : agent.labels()) *paths.Add() = absl::StrCat("labels.", key);
  // Named, and not given: the label goes.
  for (const std::string& key : args.All("unlabel")) {
    if (agent.labels().contains(key)) {
      return absl::InvalidArgumentError(absl::StrCat("--unlabel: ", key, " is given a value too"));
    }
    *paths.Add() = absl::StrCat("labels.", key);
  }
  for (const std::string& text : args.All("param")) {
    const auto pair = ParsePair(text);
    const auto numbers = ParseNumbers(pair.ok() ? pair->second : "");
    if (!numbers.ok() || numbers->size() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("--param: \"", text, "\" is not of the form COMPONENT.PARAMETER=NUMBER"));
    }
    (*agent.mutable_live_parameters())[pair->first] = numbers->front();
    *paths.Add() = absl::StrCat("live_parameters.", pair->first);
  }
  if (paths.empty()) {
    return absl::InvalidArgumentError(
        "nothing to change: give --mode, --label, --unlabel or --param");
  }
  return ShowAgent(context, context.server.UpdateAgent(request));
}

absl::StatusOr<Exit> Clone(const Context& context) {
  const Args& args = context.args;
  v1::CloneAgentRequest request;
  request.set_name(ResourceName("agents", args.Text("ID")));
  request.set_agent_id(args.Text("NEW-ID"));
  request.set_request_id(args.Text("request-id"));
  request.set_snapshot(args.Text("snapshot"));
  if (const auto seed = args.Count("seed")) request.set_seed(*seed);
  const absl::Status status = ReadLabels(args, request.mutable_labels());
  if (!status.ok()) return status;
  return ShowAgent(context, context.server.CloneAgent(std::move(request)));
}

absl::StatusOr<Exit> Delete(const Context& context) {
  v1::DeleteAgentRequest request;
  request.set_name(ResourceName("agents", context.args.Text("ID")));
  request.set_etag(context.args.Text("etag"));
  const absl::Status status = context.server.DeleteAgent(request);
  if (!status.ok()) return status;
  if (context.json) {
    JsonWriter(context.out).Message(google::protobuf::Empty());
  } else {
    context.out << "deleted " << IdOf(request.name()) << '\n';
  }
  return Exit::kOk;
}

Command CreateCommand() {
  Command create;
  create.name = "create";
  create.summary = "Make an agent from a preset or a circuit.";
  create.operands = {{"ID", "The new agent; without it, the server draws an id.", false}};
  create.options = PresetOptions();
  create.options.push_back(
      {"circuit", Type::kText, "FILE",
       "A circuit (CircuitSpec as JSON) instead of a preset; - is standard input."});
  create.options.push_back({"seed", Type::kCount, "N",
                            "Decides every random number; without it, the server draws one."});
  create.options.push_back({"label", Type::kText, "KEY=VALUE", "A label.", true});
  create.options.push_back({"mode", Type::kChoice, kModes, "Learning, unless said."});
  create.options.push_back(
      DurabilityOption("Unless said, journaled where the server has a store, else ephemeral."));
  create.options.push_back({"validate-only", Type::kSwitch, "", "Check everything, make nothing."});
  create.options.push_back({"request-id", Type::kText, "ID", "Makes it safe to try again."});
  create.details = absl::StrCat(kPresetForms,
                                R"(

  phasic agents create cart --preset actor-critic --space observation=box:4 --seed 1)");
  create.run = Create;
  return create;
}

}  // namespace

absl::StatusOr<Exit> ShowAgent(const Context& context, const absl::StatusOr<v1::Agent>& agent) {
  if (!agent.ok()) return agent.status();
  if (context.json) {
    JsonWriter(context.out).Message(*agent);
  } else {
    context.out << AgentText(*agent, context.width);
  }
  return Exit::kOk;
}

Operand AgentOperand() { return {"ID", "The agent."}; }

Command AgentsCommand() {
  const Option label = {"label", Type::kText, "KEY=VALUE", "A label.", true};
  const Option etag = {"etag", Type::kText, "ETAG", "Only if the agent's etag is still this."};
  Command agents;
  agents.name = "agents";
  agents.summary = "Agents: make, step, reward, look inside.";
  agents.details = "An agent is named by its id, or in full: tenants/TENANT/agents/ID.";
  agents.commands = {
      {"list",
       "List agents.",
       "",
       {},
       {{"filter", Type::kText, "TESTS", "E.g. 'labels.env = \"cartpole\"'; AND joins tests."},
        {"label", Type::kText, "KEY=VALUE", "Only those with this label.", true},
        {"limit", Type::kSize, "N", "At most so many; all unless said."}},
       List,
       {}},
      CreateCommand(),
      {"get",
       "Show an agent.",
       "",
       {AgentOperand()},
       {{"full", Type::kSwitch, "", "With its circuit and the digest of its state."}},
       Get,
       {}},
  };
  for (Command& command : TurnCommands()) agents.commands.push_back(std::move(command));
  agents.commands.push_back(InspectCommand());
  agents.commands.push_back(CurveCommand());
  agents.commands.push_back(WatchCommand());
  agents.commands.push_back(
      {"update",
       "Change an agent's mode, labels or live parameters.",
       "  phasic agents update cart --mode frozen\n"
       "  phasic agents update cart --param actor.learning_rate=0.01",
       {AgentOperand()},
       {{"mode", Type::kChoice, kModes, "Whether it learns."},
        label,
        {"unlabel", Type::kText, "KEY", "Takes a label away.", true},
        {"param", Type::kText, "COMPONENT.PARAMETER=NUMBER", "A live parameter.", true},
        etag},
       Update,
       {}});
  agents.commands.push_back(
      {"clone",
       "Copy an agent with every bit of its state.",
       "",
       {{"ID", "The original."},
        {"NEW-ID", "The copy; without it, the server draws an id.", false}},
       {{"seed", Type::kCount, "N", "Its own seed; without it, it explores as the original would."},
        {"label", Type::kText, "KEY=VALUE", "Instead of the original's labels.", true},
        {"snapshot", Type::kText, "SNAPSHOT", "With the state of this snapshot of the original's."},
        {"request-id", Type::kText, "ID", "Makes it safe to try again."}},
       Clone,
       {}});
  for (Command& command : StateCommands()) agents.commands.push_back(std::move(command));
  agents.commands.push_back(
      {"delete", "End an agent and its state for good.", "", {AgentOperand()}, {etag}, Delete, {}});
  return agents;
}

}  // namespace phasic

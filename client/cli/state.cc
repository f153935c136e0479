// SPDX-License-Identifier: Apache-2.0
//
// phasic agents write, export and import: an agent's state, changed or as a file.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "client/cli/command.h"
#include "client/cli/files.h"
#include "client/cli/source.h"
#include "client/cli/values.h"

namespace phasic {
namespace {

using Writes = google::protobuf::RepeatedPtrField<v1::VariableWrite>;

absl::Status Fault(const std::string& place, const std::string& fault) {
  return absl::InvalidArgumentError(absl::StrCat(place, ": ", fault));
}

// One of the variables that agents inspect --json tells.
absl::Status ReadVariable(const google::protobuf::Struct& variable, v1::VariableWrite* write) {
  const auto& fields = variable.fields();
  const auto text = [&](const char* key) {
    const auto found = fields.find(key);
    return found == fields.end() ? std::string() : found->second.string_value();
  };
  write->set_variable(absl::StrCat(text("component"), ".", text("variable")));
  const auto offset = fields.find("offset");
  if (offset != fields.end()) {
    write->set_offset(static_cast<int64_t>(offset->second.number_value()));
  }
  const auto values = fields.find("values");
  if (values == fields.end()) return Fault(write->variable(), "has no values");
  for (const google::protobuf::Value& value : values->second.list_value().values()) {
    if (!value.has_number_value()) return Fault(write->variable(), "has other than numbers");
    write->add_values(value.number_value());
  }
  return absl::OkStatus();
}

// --from: what agents inspect --json has printed.
absl::Status ReadInspection(const std::string& path, Writes* writes) {
  const absl::StatusOr<std::string> text = ReadAll(path);
  if (!text.ok()) return text.status();
  google::protobuf::Struct document;
  const bool parsed = google::protobuf::util::JsonStringToMessage(*text, &document).ok();
  const auto variables = document.fields().find("variables");
  if (!parsed || variables == document.fields().end()) {
    return Fault(FileText(path), "is not what phasic agents inspect --json prints");
  }
  for (const google::protobuf::Value& variable : variables->second.list_value().values()) {
    const absl::Status status = ReadVariable(variable.struct_value(), writes->Add());
    if (!status.ok()) return Fault(FileText(path), std::string(status.message()));
  }
  return absl::OkStatus();
}

absl::StatusOr<Exit> Write(const Context& context) {
  const Args& args = context.args;
  v1::WriteStateRequest request;
  request.set_name(ResourceName("agents", args.Text("ID")));
  request.set_etag(args.Text("etag"));
  if (const auto step = args.Count("step")) request.set_step(*step);
  if (args.Has("from")) {
    const absl::Status status = ReadInspection(args.Text("from"), request.mutable_writes());
    if (!status.ok()) return status;
  }
  for (const std::string& text : args.All("set")) {
    absl::StatusOr<v1::VariableWrite> write = ParseWrite(text);
    if (!write.ok()) return Fault("--set", std::string(write.status().message()));
    *request.add_writes() = *std::move(write);
  }
  if (request.writes().empty()) {
    return absl::InvalidArgumentError("nothing to write: give --set or --from");
  }
  const absl::StatusOr<v1::WriteStateResponse> response = context.server.WriteState(request);
  if (!response.ok()) return response.status();
  if (context.json) {
    JsonWriter(context.out).Message(*response);
  } else {
    context.out << "digest  " << response->digest() << '\n';
  }
  return Exit::kOk;
}

absl::StatusOr<Exit> Export(const Context& context) {
  v1::ExportAgentRequest request;
  request.set_name(ResourceName("agents", context.args.Text("ID")));
  request.set_snapshot(context.args.Text("snapshot"));
  return SaveAs(context, context.args.Text("FILE"), [&](const client::Sink& sink) {
    return context.server.ExportAgent(request, sink);
  });
}

absl::StatusOr<Exit> Import(const Context& context) {
  const Args& args = context.args;
  v1::ImportAgentRequest first;
  first.set_agent_id(args.Text("ID"));
  first.set_request_id(args.Text("request-id"));
  first.set_durability(DurabilityOf(args));
  const absl::StatusOr<client::Source> file = ReadParts(args.Text("FILE"));
  if (!file.ok()) return file.status();
  return ShowAgent(context, context.server.ImportAgent(std::move(first), *file));
}

constexpr char kWriteDetails[] =
    R"(One number is written to all the elements, several are written one after the other. RANGE is one element or some of them,
in row-major order: [5], [100:200], [100:], [:200]. All is written, or none.

  phasic agents write cart --set actor.weights=0
  phasic agents write cart --set actor.weights[100:200]=0 --set actor.weights[7]=0.25
  phasic agents inspect cart actor.weights --json | phasic agents write twin --from -)";

}  // namespace

std::vector<Command> StateCommands() {
  return {
      {"write",
       "Set weights and other state: lesions, transplants.",
       kWriteDetails,
       {AgentOperand()},
       {{"set", Type::kText, "COMPONENT.VARIABLE[RANGE]=NUMBERS", "What to write.", true},
        {"from", Type::kText, "FILE",
         "What phasic agents inspect --json has printed; - is standard input."},
        {"step", Type::kCount, "N", "Only if the agent's next step has this index."},
        {"etag", Type::kText, "ETAG", "Only if the agent's etag is still this."}},
       Write,
       {}},
      {"export",
       "Write the whole agent to a file: safetensors.",
       "  phasic agents export cart cart.safetensors",
       {AgentOperand(), {"FILE", "Where to; - is standard output."}},
       {{"snapshot", Type::kText, "SNAPSHOT", "With the state of this snapshot of the agent's."}},
       Export,
       {}},
      {"import",
       "Make an agent from an exported one.",
       "  phasic agents import cart.safetensors cart-2",
       {{"FILE", "What phasic agents export has written; - is standard input."},
        {"ID", "The new agent; without it, the server draws an id.", false}},
       {DurabilityOption("Unless said, that of the exported agent."),
        {"request-id", Type::kText, "ID", "Makes it safe to try again."}},
       Import,
       {}},
  };
}

}  // namespace phasic

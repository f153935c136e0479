// SPDX-License-Identifier: Apache-2.0
//
// phasic circuits: presets and building blocks, and whether a circuit is good.
#include <google/protobuf/util/json_util.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cli/agent_text.h"
#include "client/cli/circuit_text.h"
#include "client/cli/command.h"
#include "client/cli/source.h"
#include "client/cli/table.h"
#include "client/cli/values.h"

namespace phasic {
namespace {

constexpr char kPreset[] = "preset";
constexpr char kBlockKinds[] = "population|rule|transmission|modulator|encoder|decoder";
constexpr char kKinds[] = "preset|population|rule|transmission|modulator|encoder|decoder";

// --kind as the contract has it; unspecified without it.
v1::ComponentInfo::Kind KindOf(const Args& args) {
  v1::ComponentInfo::Kind kind = v1::ComponentInfo::KIND_UNSPECIFIED;
  v1::ComponentInfo::Kind_Parse(absl::AsciiStrToUpper(args.Text("kind")), &kind);
  return kind;
}

absl::StatusOr<v1::ListComponentsResponse> ListBlocks(const Context& context) {
  v1::ListComponentsRequest request;
  request.set_kind(KindOf(context.args));
  return context.server.ListComponents(request);
}

absl::StatusOr<Exit> ListComponents(const Context& context) {
  const auto response = ListBlocks(context);
  if (!response.ok()) return response.status();
  if (context.json) {
    JsonWriter(context.out).Message(*response);
    return Exit::kOk;
  }
  Table table({{"KIND"}, {"NAME"}, {"SUMMARY"}});
  for (const v1::ComponentInfo& component : response->components()) {
    table.Row({KindText(component.kind()), component.name(), component.summary()});
  }
  context.out << table.Text(context.width);
  return Exit::kOk;
}

absl::StatusOr<Exit> List(const Context& context) {
  if (context.args.Has("components")) return ListComponents(context);
  if (context.args.Has("kind")) {
    return absl::InvalidArgumentError("--kind is for --components");
  }
  const absl::StatusOr<v1::ListCircuitsResponse> all = context.server.AllCircuits();
  if (!all.ok()) return all.status();

  if (context.json) {
    JsonWriter(context.out).Message(*all);
    return Exit::kOk;
  }
  Table table({{"PRESET"}, {"SUMMARY"}});
  for (const v1::Circuit& circuit : all->circuits()) {
    table.Row({IdOf(circuit.name()), circuit.summary()});
  }
  context.out << table.Text(context.width);
  return Exit::kOk;
}

// Everything of one name: a preset and a rule may share it.
struct Found {
  std::vector<v1::Circuit> circuits;
  std::vector<v1::ComponentInfo> components;
};

absl::StatusOr<Found> FindAll(const Context& context, const std::string& name) {
  const std::string kind = context.args.Text("kind");
  Found found;
  absl::Status missing;
  if (kind.empty() || kind == kPreset) {
    v1::GetCircuitRequest request;
    request.set_name(ResourceName("circuits", name));
    absl::StatusOr<v1::Circuit> circuit = context.server.GetCircuit(request);
    missing = circuit.status();
    if (missing.ok()) {
      found.circuits.push_back(*std::move(circuit));
    } else if (!absl::IsNotFound(missing) && !absl::IsInvalidArgument(missing)) {
      return missing;
    }
  }
  if (kind != kPreset && !context.args.Has("spec")) {
    const auto blocks = ListBlocks(context);
    if (!blocks.ok()) return blocks.status();
    for (const v1::ComponentInfo& component : blocks->components()) {
      if (component.name() == name) found.components.push_back(component);
    }
  }
  if (found.circuits.empty() && found.components.empty()) {
    if (!missing.ok() && (kind == kPreset || context.args.Has("spec"))) return missing;
    return absl::NotFoundError(absl::StrCat(
        "no ", kind.empty() ? "preset or building block" : kind, " has the name ", name,
        "; phasic circuits list, with or without --components, tells what there is"));
  }
  return found;
}

// The preset's circuit as a file that create --circuit takes: only what is not a default.
absl::StatusOr<Exit> PrintSpec(const Context& context, const Found& found) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string json;
  const auto status =
      google::protobuf::util::MessageToJsonString(found.circuits[0].spec(), &json, options);
  if (!status.ok()) return absl::DataLossError(status.message().ToString());
  context.out << json;
  return Exit::kOk;
}

absl::StatusOr<Exit> Describe(const Context& context) {
  const auto found = FindAll(context, context.args.Text("NAME"));
  if (!found.ok()) return found.status();
  if (context.args.Has("spec")) return PrintSpec(context, *found);
  if (context.json) {
    JsonWriter writer(context.out);
    writer.BeginObject();
    writer.Key("circuits");
    writer.BeginArray();
    for (const v1::Circuit& circuit : found->circuits) writer.Message(circuit);
    writer.EndArray();
    writer.Key("components");
    writer.BeginArray();
    for (const v1::ComponentInfo& component : found->components) writer.Message(component);
    writer.EndArray();
    writer.EndObject();
    return Exit::kOk;
  }
  std::vector<std::string> texts;
  for (const v1::Circuit& circuit : found->circuits) {
    texts.push_back(PresetText(circuit, context.width));
  }
  for (const v1::ComponentInfo& component : found->components) {
    texts.push_back(ComponentText(component, context.width));
  }
  for (size_t i = 0; i < texts.size(); ++i) context.out << (i == 0 ? "" : "\n\n") << texts[i];
  return Exit::kOk;
}

absl::StatusOr<Exit> Validate(const Context& context) {
  v1::ValidateCircuitRequest request;
  const absl::Status status =
      ReadSource(context.args, context.args.Text("FILE"), "FILE or --preset NAME", &request);
  if (!status.ok()) return status;
  const absl::StatusOr<v1::ValidateCircuitResponse> response =
      context.server.ValidateCircuit(request);
  if (!response.ok()) return response.status();
  const Exit exit = response->violations().empty() ? Exit::kOk : Exit::kRefused;
  if (context.json) {
    JsonWriter(context.out).Message(*response);
    return exit;
  }
  for (const auto& violation : response->violations()) {
    context.out << violation.field() << ": " << violation.description() << '\n';
  }
  if (exit == Exit::kOk) {
    Table table({{""}, {""}});
    AddSize(response->size(), table);
    context.out << "good\n"
                << table.Text(0, 2) << Section("ports", PortsText(response->ports(), 2));
  }
  return exit;
}

}  // namespace

Command CircuitsCommand() {
  Command circuits;
  circuits.name = "circuits";
  circuits.summary = "Circuits: what agents are made of.";
  circuits.commands = {
      {"list",
       "List the presets, or the building blocks.",
       "",
       {},
       {{"components", Type::kSwitch, "", "The building blocks."},
        {"kind", Type::kChoice, kBlockKinds, "With --components: only this kind."}},
       List,
       {}},
      {"describe",
       "Print what a preset or a building block declares of itself.",
       "  phasic circuits describe actor-critic\n"
       "  phasic circuits describe actor-critic --spec > mine.json",
       {{"NAME", "A preset, neuron model (population), rule, modulator, encoder or decoder."}},
       {{"kind", Type::kChoice, kKinds, "Only this kind, when a name has several."},
        {"spec", Type::kSwitch, "",
         "A preset's circuit as JSON, to edit and give to agents create --circuit."}},
       Describe,
       {}},
      {"validate",
       "Check a circuit, or a preset with overrides, without making an agent.",
       absl::StrCat("Prints every violation as FIELD: DESCRIPTION and exits with 1; or the size of "
                    "an agent of it.\n\n",
                    kPresetForms),
       {{"FILE", "A circuit (CircuitSpec as JSON); - is standard input.", false}},
       PresetOptions(),
       Validate,
       {}},
  };
  return circuits;
}

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/presets/presets.h"
#include "server/agents/errors.h"
#include "server/convert/agent.h"
#include "server/convert/components.h"
#include "server/convert/space.h"
#include "server/convert/spec.h"
#include "server/handlers/handlers.h"
#include "server/handlers/paging.h"
#include "server/handlers/sources.h"

namespace phasic::handlers {
namespace {

constexpr std::string_view kCollection = "circuits/";

void BasicsToProto(const Preset& preset, v1::Circuit* proto) {
  proto->set_name(absl::StrCat("circuits/", preset.name));
  proto->set_summary(preset.summary);
  proto->set_description(preset.description);
  for (const ParamInfo& info : preset.params) convert::ToProto(info, proto->add_parameters());
  for (const auto& [port, space] : preset.spaces()) {
    convert::ToProto(space, &(*proto->mutable_spaces())[port]);
  }
}

// Adds what the wanted ones of a table declare, by name.
template <class Block, class Wanted>
void AddComponents(std::span<const Block* const> table, const Wanted& wanted,
                   google::protobuf::RepeatedPtrField<v1::ComponentInfo>* protos) {
  std::vector<const Block*> sorted(table.begin(), table.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const Block* a, const Block* b) { return std::string_view(a->name) < b->name; });
  for (const Block* block : sorted) {
    if (wanted(block->name)) convert::ToProto(*block, protos->Add());
  }
}

// Whether any part of a spec names a block: `name` says how.
template <class Part, class Name>
auto NamedBy(const std::vector<Part>& parts, const Name& name) {
  return [&parts, name](const char* block) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const Part& part) { return name(part) == block; });
  };
}

void UsedComponents(const CircuitSpec& spec, v1::Circuit* proto) {
  const Catalogue& all = Circuit::Standard();
  auto* protos = proto->mutable_components();
  AddComponents(all.populations,
                NamedBy(spec.populations, [](const PopulationSpec& p) { return p.model; }), protos);
  AddComponents(all.rules,
                NamedBy(spec.projections, [](const ProjectionSpec& p) { return p.rule.name; }),
                protos);
  AddComponents(
      all.transmissions,
      NamedBy(spec.projections, [](const ProjectionSpec& p) { return p.transmission.name; }),
      protos);
  AddComponents(all.modulators,
                NamedBy(spec.modulators, [](const ModulatorSpec& m) { return m.model; }), protos);
  AddComponents(all.encoders, NamedBy(spec.inputs, [](const InputSpec& i) { return i.encoder; }),
                protos);
  AddComponents(all.decoders, NamedBy(spec.outputs, [](const OutputSpec& o) { return o.decoder; }),
                protos);
}

}  // namespace

absl::Status ListCircuits(const Call&, const v1::ListCircuitsRequest& request,
                          v1::ListCircuitsResponse* response) {
  ASSIGN_OR_RETURN(const int page_size, PageSizeOf(request.page_size()));
  ASSIGN_OR_RETURN(const std::string after, ReadPageToken(request.page_token(), "circuits"));
  std::string last = after;
  for (const Preset* preset : Presets()) {
    if (preset->name <= after) continue;
    if (response->circuits_size() == page_size) {
      response->set_next_page_token(MakePageToken(last, "circuits"));
      break;
    }
    BasicsToProto(*preset, response->add_circuits());
    last = preset->name;
  }
  return absl::OkStatus();
}

absl::Status GetCircuit(const Call&, const v1::GetCircuitRequest& request, v1::Circuit* response) {
  const std::string_view name = request.name();
  if (!name.starts_with(kCollection)) {
    return InvalidField(errors::kBadField, "name", "must be circuits/CIRCUIT");
  }
  const Preset* preset = Find(Presets(), name.substr(kCollection.size()));
  if (preset == nullptr) return errors::CircuitNotFound(request.name());
  std::vector<Violation> violations;
  const CircuitSpec spec = BuildPreset(preset->name, {}, {}, &violations);
  if (!violations.empty()) {
    return errors::Internal(absl::StrCat("the preset's defaults are faulty: ", violations[0].field,
                                         " ", violations[0].description));
  }
  BasicsToProto(*preset, response);
  convert::ToProto(spec, response->mutable_spec());
  UsedComponents(spec, response);
  return absl::OkStatus();
}

absl::Status ListComponents(const Call&, const v1::ListComponentsRequest& request,
                            v1::ListComponentsResponse* response) {
  if (request.kind() < v1::ComponentInfo::KIND_UNSPECIFIED ||
      request.kind() > v1::ComponentInfo::TRANSMISSION) {
    return InvalidField(errors::kBadField, "kind", "is unknown");
  }
  const Catalogue& all = Circuit::Standard();
  auto* protos = response->mutable_components();
  const auto of_kind = [&](v1::ComponentInfo::Kind kind) {
    return [&request, kind](const char*) {
      return request.kind() == v1::ComponentInfo::KIND_UNSPECIFIED || request.kind() == kind;
    };
  };
  AddComponents(all.populations, of_kind(v1::ComponentInfo::POPULATION), protos);
  AddComponents(all.rules, of_kind(v1::ComponentInfo::RULE), protos);
  AddComponents(all.modulators, of_kind(v1::ComponentInfo::MODULATOR), protos);
  AddComponents(all.encoders, of_kind(v1::ComponentInfo::ENCODER), protos);
  AddComponents(all.decoders, of_kind(v1::ComponentInfo::DECODER), protos);
  AddComponents(all.transmissions, of_kind(v1::ComponentInfo::TRANSMISSION), protos);
  return absl::OkStatus();
}

absl::Status ValidateCircuit(const Call&, const v1::ValidateCircuitRequest& request,
                             v1::ValidateCircuitResponse* response) {
  std::vector<Violation> violations;
  std::shared_ptr<const Circuit> circuit;
  PresetChoice choice;
  switch (request.source_case()) {
    case v1::ValidateCircuitRequest::kCircuit:
      circuit = Compile(request.circuit(), "circuit", &violations);
      break;
    case v1::ValidateCircuitRequest::kPreset:
      circuit = Compile(request.preset(), "preset", &choice, &violations);
      break;
    case v1::ValidateCircuitRequest::SOURCE_NOT_SET:
      return InvalidField(errors::kBadField, "circuit", "or else preset must be given");
  }
  for (const Violation& violation : violations) {
    v1::ValidateCircuitResponse::Violation* proto = response->add_violations();
    proto->set_field(violation.field);
    proto->set_description(violation.description);
  }
  if (circuit == nullptr) return absl::OkStatus();
  convert::SizeToProto(*circuit, response->mutable_size());
  convert::PortsToProto(*circuit, response->mutable_ports());
  return absl::OkStatus();
}

}  // namespace phasic::handlers

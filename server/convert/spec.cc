// SPDX-License-Identifier: Apache-2.0
#include "server/convert/spec.h"

#include "absl/strings/str_cat.h"
#include "server/convert/parameters.h"
#include "server/convert/space.h"

namespace phasic::convert {
namespace {

// The overloads here would hide those of the other files.
using convert::FromProto;
using convert::ToProto;

using Violations = std::vector<Violation>;

// The enums of clocks and distributions have one more value on the wire, first: unspecified.
template <class Owner>
std::optional<When> WhenOf(const Owner& owner, const std::string& path, Violations* violations) {
  if (!owner.has_when()) return std::nullopt;
  const v1::When& proto = owner.when();
  if (proto.clock() < v1::When::TICK || proto.clock() > v1::When::EPISODE) {
    violations->push_back({path + ".when.clock", "is missing or unknown"});
    return std::nullopt;
  }
  When when;
  when.clock = static_cast<When::Clock>(proto.clock() - v1::When::TICK);
  if (when.clock == When::Clock::kEvery) when.n = proto.n();
  if (when.clock == When::Clock::kAt) when.at.assign(proto.at().begin(), proto.at().end());
  return when;
}

template <class Owner>
void SetWhen(const std::optional<When>& when, Owner* owner) {
  if (!when) return;
  v1::When* proto = owner->mutable_when();
  proto->set_clock(static_cast<v1::When::Clock>(static_cast<int>(when->clock) + v1::When::TICK));
  if (when->clock == When::Clock::kEvery) proto->set_n(when->n);
  if (when->clock == When::Clock::kAt)
    proto->mutable_at()->Assign(when->at.begin(), when->at.end());
}

InitialWeights FromProto(const v1::InitialWeights& proto, const std::string& path,
                         Violations* violations) {
  InitialWeights initial;
  switch (proto.distribution()) {
    case v1::InitialWeights::DISTRIBUTION_UNSPECIFIED:
    case v1::InitialWeights::CONSTANT:
      break;
    case v1::InitialWeights::UNIFORM:
      initial.distribution = InitialWeights::Distribution::kUniform;
      break;
    case v1::InitialWeights::NORMAL:
      initial.distribution = InitialWeights::Distribution::kNormal;
      break;
    default:
      violations->push_back({path + ".distribution", "is unknown"});
  }
  initial.mean = proto.mean();
  initial.spread = proto.spread();
  initial.values.assign(proto.values().begin(), proto.values().end());
  if (!initial.values.empty() &&
      (proto.distribution() != 0 || initial.mean != 0 || initial.spread != 0)) {
    violations->push_back({path + ".values",
                           "replace distribution, mean and spread, which must "
                           "then be absent"});
  }
  return initial;
}

void ToProto(const InitialWeights& initial, v1::InitialWeights* proto) {
  if (!initial.values.empty()) {
    proto->mutable_values()->Assign(initial.values.begin(), initial.values.end());
    return;
  }
  proto->set_distribution(static_cast<v1::InitialWeights::Distribution>(
      static_cast<int>(initial.distribution) + v1::InitialWeights::CONSTANT));
  proto->set_mean(initial.mean);
  proto->set_spread(initial.spread);
}

InputSpec FromProto(const v1::InputSpec& proto, const std::string& path, Violations* violations) {
  return {proto.name(), FromProto(proto.space()), proto.encoder(),
          FromProto(proto.parameters(), path + ".parameters", violations), proto.target()};
}

void ToProto(const InputSpec& input, v1::InputSpec* proto) {
  proto->set_name(input.name);
  if (input.space.kind != Space::Kind::kUnset) ToProto(input.space, proto->mutable_space());
  proto->set_encoder(input.encoder);
  ToProto(input.parameters, proto->mutable_parameters());
  proto->set_target(input.target);
}

PopulationSpec FromProto(const v1::PopulationSpec& proto, const std::string& path,
                         Violations* violations) {
  return {proto.name(), proto.model(), proto.size(),
          FromProto(proto.parameters(), path + ".parameters", violations),
          WhenOf(proto, path, violations)};
}

void ToProto(const PopulationSpec& population, v1::PopulationSpec* proto) {
  proto->set_name(population.name);
  proto->set_model(population.model);
  proto->set_size(population.size);
  ToProto(population.parameters, proto->mutable_parameters());
  SetWhen(population.when, proto);
}

RuleSpec FromProto(const v1::RuleSpec& proto, const std::string& path, Violations* violations) {
  return {proto.name(),
          FromProto(proto.parameters(), path + ".parameters", violations),
          {proto.bindings().begin(), proto.bindings().end()},
          WhenOf(proto, path, violations)};
}

void ToProto(const RuleSpec& rule, v1::RuleSpec* proto) {
  proto->set_name(rule.name);
  ToProto(rule.parameters, proto->mutable_parameters());
  proto->mutable_bindings()->insert(rule.bindings.begin(), rule.bindings.end());
  SetWhen(rule.when, proto);
}

ProjectionSpec FromProto(const v1::ProjectionSpec& proto, const std::string& path,
                         Violations* violations) {
  ProjectionSpec projection{proto.name(),
                            proto.source(),
                            proto.target(),
                            proto.delay(),
                            FromProto(proto.initial(), path + ".initial", violations),
                            proto.transpose_of(),
                            FromProto(proto.rule(), path + ".rule", violations),
                            {},
                            {}};
  if (proto.has_min_weight()) projection.min_weight = proto.min_weight();
  if (proto.has_max_weight()) projection.max_weight = proto.max_weight();
  return projection;
}

void ToProto(const ProjectionSpec& projection, v1::ProjectionSpec* proto) {
  proto->set_name(projection.name);
  proto->set_source(projection.source);
  proto->set_target(projection.target);
  proto->set_delay(projection.delay);
  if (projection.transpose_of.empty()) {
    ToProto(projection.initial, proto->mutable_initial());
  } else {
    proto->set_transpose_of(projection.transpose_of);
  }
  if (!projection.rule.name.empty()) ToProto(projection.rule, proto->mutable_rule());
  if (projection.min_weight) proto->set_min_weight(*projection.min_weight);
  if (projection.max_weight) proto->set_max_weight(*projection.max_weight);
}

ModulatorSpec FromProto(const v1::ModulatorSpec& proto, const std::string& path,
                        Violations* violations) {
  return {proto.name(), proto.model(), proto.size() == 0 ? 1 : proto.size(),
          FromProto(proto.parameters(), path + ".parameters", violations),
          WhenOf(proto, path, violations)};
}

void ToProto(const ModulatorSpec& modulator, v1::ModulatorSpec* proto) {
  proto->set_name(modulator.name);
  proto->set_model(modulator.model);
  proto->set_size(modulator.size);
  ToProto(modulator.parameters, proto->mutable_parameters());
  SetWhen(modulator.when, proto);
}

OutputSpec FromProto(const v1::OutputSpec& proto, const std::string& path, Violations* violations) {
  return {proto.name(),
          proto.source(),
          proto.decoder(),
          FromProto(proto.parameters(), path + ".parameters", violations),
          FromProto(proto.space()),
          WhenOf(proto, path, violations)};
}

void ToProto(const OutputSpec& output, v1::OutputSpec* proto) {
  proto->set_name(output.name);
  proto->set_source(output.source);
  proto->set_decoder(output.decoder);
  ToProto(output.parameters, proto->mutable_parameters());
  if (output.space.kind != Space::Kind::kUnset) ToProto(output.space, proto->mutable_space());
  SetWhen(output.when, proto);
}

template <class Part, class ProtoPart>
void PartsFromProto(const google::protobuf::RepeatedPtrField<ProtoPart>& protos,
                    const std::string& path, std::vector<Part>* parts, Violations* violations) {
  parts->reserve(protos.size());
  for (int i = 0; i < protos.size(); ++i) {
    parts->push_back(FromProto(protos[i], absl::StrCat(path, "[", i, "]"), violations));
  }
}

template <class Part, class ProtoPart>
void PartsToProto(const std::vector<Part>& parts,
                  google::protobuf::RepeatedPtrField<ProtoPart>* protos) {
  for (const Part& part : parts) ToProto(part, protos->Add());
}

}  // namespace

std::string Under(const std::string& path, const std::string& field) {
  if (path.empty() || field.empty()) return path + field;
  return absl::StrCat(path, ".", field);
}

CircuitSpec FromProto(const v1::CircuitSpec& proto, const std::string& path,
                      Violations* violations) {
  CircuitSpec spec;
  if (proto.dt() != 0) spec.dt = proto.dt();
  if (proto.ticks_per_step() != 0) spec.ticks_per_step = proto.ticks_per_step();
  if (proto.sweeps() != 0) spec.sweeps = proto.sweeps();
  PartsFromProto(proto.inputs(), Under(path, "inputs"), &spec.inputs, violations);
  PartsFromProto(proto.populations(), Under(path, "populations"), &spec.populations, violations);
  PartsFromProto(proto.projections(), Under(path, "projections"), &spec.projections, violations);
  PartsFromProto(proto.modulators(), Under(path, "modulators"), &spec.modulators, violations);
  PartsFromProto(proto.outputs(), Under(path, "outputs"), &spec.outputs, violations);
  return spec;
}

void ToProto(const CircuitSpec& spec, v1::CircuitSpec* proto) {
  proto->set_dt(spec.dt);
  proto->set_ticks_per_step(spec.ticks_per_step);
  proto->set_sweeps(spec.sweeps);
  PartsToProto(spec.inputs, proto->mutable_inputs());
  PartsToProto(spec.populations, proto->mutable_populations());
  PartsToProto(spec.projections, proto->mutable_projections());
  PartsToProto(spec.modulators, proto->mutable_modulators());
  PartsToProto(spec.outputs, proto->mutable_outputs());
}

}  // namespace phasic::convert

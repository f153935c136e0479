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

// Enums have one more value on the wire, first: unspecified, which is the first of the others
// unless said otherwise. A violation when the number is beyond `last`.
template <class E, class ProtoEnum>
E EnumOf(ProtoEnum proto, E last, const std::string& path, Violations* violations) {
  const int value = static_cast<int>(proto);
  if (value < 0 || value > static_cast<int>(last) + 1) violations->push_back({path, "is unknown"});
  return value <= 0 || value > static_cast<int>(last) + 1 ? E{} : static_cast<E>(value - 1);
}
template <class ProtoEnum, class E>
ProtoEnum ProtoOf(E value) {
  return static_cast<ProtoEnum>(static_cast<int>(value) + 1);
}

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
  initial.distribution = EnumOf(proto.distribution(), InitialWeights::Distribution::kNormal,
                                path + ".distribution", violations);
  initial.mean = proto.mean();
  initial.spread = proto.spread();
  initial.values.assign(proto.values().begin(), proto.values().end());
  if (!initial.values.empty() &&
      (proto.distribution() != 0 || initial.mean != 0 || initial.spread != 0)) {
    violations->push_back({path + ".values",
                           "replace distribution, mean and spread, which must "
                           "then be absent"});
  }
  initial.synapses.reserve(proto.synapses_size());
  for (const v1::SynapseWeight& synapse : proto.synapses()) {
    initial.synapses.push_back({synapse.pre(), synapse.post(), synapse.weight()});
  }
  return initial;
}

void ToProto(const InitialWeights& initial, v1::InitialWeights* proto) {
  if (!initial.values.empty()) {
    proto->mutable_values()->Assign(initial.values.begin(), initial.values.end());
  } else {
    proto->set_distribution(ProtoOf<v1::InitialWeights::Distribution>(initial.distribution));
    proto->set_mean(initial.mean);
    proto->set_spread(initial.spread);
  }
  for (const SynapseWeight& from : initial.synapses) {
    v1::SynapseWeight* const synapse = proto->add_synapses();
    synapse->set_pre(from.pre);
    synapse->set_post(from.post);
    synapse->set_weight(static_cast<float>(from.weight));
  }
}

Connectivity FromProto(const v1::Connectivity& proto, const std::string& path,
                       Violations* violations) {
  Connectivity connectivity;
  connectivity.rule =
      EnumOf(proto.rule(), Connectivity::Rule::kGaussian, path + ".rule", violations);
  connectivity.degree = proto.degree();
  connectivity.probability = proto.probability();
  connectivity.sigma = proto.sigma();
  if (proto.dimensions() != 0) connectivity.dimensions = proto.dimensions();
  if (proto.has_periodic()) connectivity.periodic = proto.periodic();
  if (proto.has_self_connections()) connectivity.self = proto.self_connections();
  connectivity.seed = proto.seed();
  return connectivity;
}

void ToProto(const Connectivity& connectivity, v1::Connectivity* proto) {
  proto->set_rule(ProtoOf<v1::Connectivity::Rule>(connectivity.rule));
  proto->set_degree(connectivity.degree);
  proto->set_probability(connectivity.probability);
  proto->set_sigma(connectivity.sigma);
  if (connectivity.rule == Connectivity::Rule::kGaussian) {
    proto->set_dimensions(connectivity.dimensions);
    proto->set_periodic(connectivity.periodic);
  }
  proto->set_self_connections(connectivity.self);
  proto->set_seed(connectivity.seed);
}

TransmissionSpec FromProto(const v1::TransmissionSpec& proto, const std::string& path,
                           Violations* violations) {
  return {proto.name(), FromProto(proto.parameters(), path + ".parameters", violations)};
}

void ToProto(const TransmissionSpec& transmission, v1::TransmissionSpec* proto) {
  proto->set_name(transmission.name);
  ToProto(transmission.parameters, proto->mutable_parameters());
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
  ProjectionSpec projection{
      .name = proto.name(),
      .source = proto.source(),
      .target = proto.target(),
      .delay = proto.delay(),
      .initial = FromProto(proto.initial(), path + ".initial", violations),
      .transpose_of = proto.transpose_of(),
      .transmission = FromProto(proto.transmission(), path + ".transmission", violations),
      .rule = FromProto(proto.rule(), path + ".rule", violations),
      .connectivity = FromProto(proto.connectivity(), path + ".connectivity", violations),
      .dale = static_cast<Dale>(proto.dale())};
  if (proto.dale() < v1::DALE_UNSPECIFIED || proto.dale() > v1::INHIBITORY) {
    violations->push_back({path + ".dale", "is unknown"});
  }
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
  if (!projection.transmission.name.empty()) {
    ToProto(projection.transmission, proto->mutable_transmission());
  }
  if (projection.connectivity.rule != Connectivity::Rule::kAllToAll) {
    ToProto(projection.connectivity, proto->mutable_connectivity());
  }
  proto->set_dale(static_cast<v1::Dale>(projection.dale));
}

ModulatorSpec FromProto(const v1::ModulatorSpec& proto, const std::string& path,
                        Violations* violations) {
  ModulatorSpec modulator{
      .name = proto.name(),
      .model = proto.model(),
      .size = proto.size() == 0 ? 1 : proto.size(),
      .parameters = FromProto(proto.parameters(), path + ".parameters", violations),
      .when = WhenOf(proto, path, violations),
      .combine = EnumOf(proto.combine(), Combine::kLatest, path + ".combine", violations),
      .early_window = proto.early_window(),
      .reward_interval = proto.reward_interval()};
  if (proto.has_default_reward()) modulator.default_reward = proto.default_reward();
  return modulator;
}

void ToProto(const ModulatorSpec& modulator, v1::ModulatorSpec* proto) {
  proto->set_name(modulator.name);
  proto->set_model(modulator.model);
  proto->set_size(modulator.size);
  ToProto(modulator.parameters, proto->mutable_parameters());
  SetWhen(modulator.when, proto);
  if (modulator.combine != Combine::kSum) {
    proto->set_combine(ProtoOf<v1::Combine>(modulator.combine));
  }
  if (modulator.default_reward) proto->set_default_reward(*modulator.default_reward);
  proto->set_early_window(modulator.early_window);
  proto->set_reward_interval(modulator.reward_interval);
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
  spec.reward_window = proto.reward_window();
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
  proto->set_reward_window(spec.reward_window);
  PartsToProto(spec.inputs, proto->mutable_inputs());
  PartsToProto(spec.populations, proto->mutable_populations());
  PartsToProto(spec.projections, proto->mutable_projections());
  PartsToProto(spec.modulators, proto->mutable_modulators());
  PartsToProto(spec.outputs, proto->mutable_outputs());
}

}  // namespace phasic::convert

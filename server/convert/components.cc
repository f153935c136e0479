// SPDX-License-Identifier: Apache-2.0
#include "server/convert/components.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace phasic::convert {
namespace {

// The overloads here would hide those of the other files.
using convert::ToProto;

v1::ComponentInfo::Kind ToProto(Kind kind) {
  switch (kind) {
    case Kind::kPopulation:
      return v1::ComponentInfo::POPULATION;
    case Kind::kModulator:
      return v1::ComponentInfo::MODULATOR;
    case Kind::kEncoder:
      return v1::ComponentInfo::ENCODER;
  }
  return v1::ComponentInfo::KIND_UNSPECIFIED;
}

void ParametersToProto(std::span<const ParamInfo> infos, v1::ComponentInfo* proto) {
  for (const ParamInfo& info : infos) ToProto(info, proto->add_parameters());
}

void ColumnsToProto(std::span<const ColumnInfo> columns, v1::ComponentInfo* proto) {
  for (const ColumnInfo& column : columns) {
    v1::VariableInfo* variable = proto->add_variables();
    variable->set_name(column.name);
    variable->set_description(column.description);
    variable->set_unit(column.unit);
    variable->set_life(NameOf(column.life));
    variable->set_output(column.output);
  }
}

std::string InWords(When::Clock clock) {
  switch (clock) {
    case When::Clock::kTick:
      return "every tick";
    case When::Clock::kEvery:
      return "every n ticks";
    case When::Clock::kAt:
      return "at given times of each step";
    case When::Clock::kStep:
      return "at the end of each step";
    case When::Clock::kDelivery:
      return "whenever the gate fires";
    case When::Clock::kEpisode:
      return "at the end of each episode";
  }
  return "";
}

std::string KernelInWords(const Rule& rule, const Term& term, const std::string& pair) {
  const auto parameter = [&] { return std::string(rule.params[term.decay_parameter].name); };
  switch (term.kernel) {
    case Kernel::kNone:
      return pair;
    case Kernel::kSum:
      return absl::StrCat("sum over the episode of ", pair);
    case Kernel::kExp:
      return absl::StrCat("trace of ", pair, ", which fades by ",
                          term.decay == Decay::kTau
                              ? absl::StrCat("exp(-dt / ", parameter(), ")")
                              : absl::StrCat(parameter(), " times the gate's discount"));
    case Kernel::kDelay:
      return absl::StrCat(pair, ", ", parameter(), " clocks ago");
    case Kernel::kCascade:
      return absl::StrCat("trace of ", pair, ", through ",
                          term.stages_parameter < 0 ? "2" : rule.params[term.stages_parameter].name,
                          " low-passes of ", parameter());
  }
  return pair;
}

// E.g. "dw = learning_rate * advantage * (trace of score * pre, which fades by exp(-dt / tau)); a
// pair every tick, applied whenever the gate fires".
std::string TermInWords(const Rule& rule, const Term& term) {
  const std::string pair = absl::StrCat(
      rule.post_factors[term.post].name, " * ",
      term.pre == kSynapseScore ? "the synapse's score" : rule.pre_factors[term.pre].name);
  return absl::StrCat("dw = ", term.sign < 0 ? "-" : "", rule.params[term.rate_parameter].name,
                      term.gate == kAlways ? "" : absl::StrCat(" * ", rule.gates[term.gate].name),
                      " * (", KernelInWords(rule, term, pair), "); a pair ", InWords(term.form),
                      term.present_pair ? ", the present one included" : "", "; applied ",
                      InWords(term.apply));
}

}  // namespace

void ToProto(const ParamInfo& info, v1::ParameterInfo* proto) {
  proto->set_name(info.name);
  proto->set_description(info.description);
  proto->set_unit(info.unit);
  proto->set_default_value(info.default_value);
  proto->set_min(info.min);
  proto->set_max(info.max);
  for (const char* const choice : info.choices) proto->add_choices(choice);
  proto->set_list(info.list);
  proto->set_live(info.live);
  proto->set_source(info.source);
}

void ToProto(const Component& component, v1::ComponentInfo* proto) {
  proto->set_kind(ToProto(component.kind));
  proto->set_name(component.name);
  proto->set_summary(component.summary);
  proto->set_equations(component.equations);
  proto->set_source(component.source);
  ParametersToProto(component.params, proto);
  for (const SiteInfo& site : component.sites) {
    v1::SiteInfo* info = proto->add_sites();
    info->set_name(site.name);
    info->set_description(site.description);
  }
  ColumnsToProto(component.columns, proto);
}

void ToProto(const Decoder& decoder, v1::ComponentInfo* proto) {
  proto->set_kind(v1::ComponentInfo::DECODER);
  proto->set_name(decoder.name);
  proto->set_summary(decoder.summary);
  proto->set_equations(decoder.equations);
  ParametersToProto(decoder.params, proto);
}

void ToProto(const Rule& rule, v1::ComponentInfo* proto) {
  proto->set_kind(v1::ComponentInfo::RULE);
  proto->set_name(rule.name);
  proto->set_summary(rule.summary);
  proto->set_equations(rule.equations);
  proto->set_source(rule.source);
  ParametersToProto(rule.params, proto);
  ColumnsToProto(rule.synapse_columns, proto);
  ColumnsToProto(rule.factor_columns, proto);
  ColumnsToProto(rule.post_columns, proto);
  const auto add_factors = [&](const char* side, std::span<const FactorInfo> factors) {
    for (const FactorInfo& factor : factors) {
      proto->add_terms(absl::StrCat(side, " factor ", factor.name, ": ", factor.description,
                                    " (reads ", factor.column, ")"));
    }
  };
  add_factors("post", rule.post_factors);
  add_factors("pre", rule.pre_factors);
  for (const GateInfo& gate : rule.gates) {
    proto->add_terms(absl::StrCat("gate ", gate.name, ": ", gate.description));
  }
  for (const Term& term : rule.terms) proto->add_terms(TermInWords(rule, term));
}

void ToProto(const Transmission& transmission, v1::ComponentInfo* proto) {
  proto->set_kind(v1::ComponentInfo::TRANSMISSION);
  proto->set_name(transmission.name);
  proto->set_summary(transmission.summary);
  proto->set_equations(transmission.equations);
  proto->set_source(transmission.source);
  ParametersToProto(transmission.params, proto);
  ColumnsToProto(transmission.columns, proto);
}

}  // namespace phasic::convert

// SPDX-License-Identifier: Apache-2.0
#include "client/cli/circuit_text.h"

#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "client/cli/numbers.h"
#include "client/cli/table.h"
#include "client/cli/values.h"

namespace phasic {
namespace {

using Values = google::protobuf::Map<std::string, google::protobuf::Value>;

constexpr Table::Align kRight = Table::Align::kRight;

// Bounds this large stand for none.
bool IsBound(double bound) { return std::abs(bound) < 1e300; }

std::string RangeText(const v1::ParameterInfo& info) {
  if (info.choices_size() > 0) return absl::StrJoin(info.choices(), "|");
  if (IsBound(info.min()) && IsBound(info.max())) {
    return absl::StrCat(ShortText(info.min()), " to ", ShortText(info.max()));
  }
  if (IsBound(info.min())) return absl::StrCat("from ", ShortText(info.min()));
  return IsBound(info.max()) ? absl::StrCat("up to ", ShortText(info.max())) : "any";
}

std::string ParametersText(const google::protobuf::RepeatedPtrField<v1::ParameterInfo>& infos,
                           int width) {
  Table table({{"NAME"}, {"DEFAULT", kRight}, {"UNIT"}, {"RANGE"}, {"LIVE"}, {"DESCRIPTION"}});
  for (const v1::ParameterInfo& info : infos) {
    std::string description = info.description();
    if (info.list()) absl::StrAppend(&description, "; may be a list");
    if (!info.source().empty()) absl::StrAppend(&description, " [", info.source(), "]");
    table.Row({info.name(),
               info.choices_size() > 0 ? info.choices(0) : ShortText(info.default_value()),
               info.unit(), RangeText(info), info.live() ? "yes" : "", description});
  }
  return table.Text(width, 2);
}

// "a=1 b=[1,2]"
std::string GivenText(const Values& values) {
  const std::map<std::string, google::protobuf::Value> sorted(values.begin(), values.end());
  return absl::StrJoin(sorted, " ", [](std::string* out, const auto& pair) {
    absl::StrAppend(out, pair.first, "=", ValueText(pair.second));
  });
}

std::string WhenText(const v1::When& when) {
  switch (when.clock()) {
    case v1::When::CLOCK_UNSPECIFIED:
      return "";
    case v1::When::EVERY:
      return absl::StrCat("every ", when.n(), " ticks");
    case v1::When::AT:
      return absl::StrCat("at ", absl::StrJoin(when.at(), ", "), " ms");
    default:
      return absl::StrCat("each ", absl::AsciiStrToLower(v1::When::Clock_Name(when.clock())));
  }
}

// A part's parameters, then its clock.
std::string GivenText(const Values& values, const v1::When& when) {
  std::vector<std::string> words;
  for (std::string word : {GivenText(values), WhenText(when)}) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  return absl::StrJoin(words, ", ");
}

std::string ConnectivityText(const v1::Connectivity& connectivity) {
  switch (connectivity.rule()) {
    case v1::Connectivity::ONE_TO_ONE:
      return "one to one";
    case v1::Connectivity::FIXED_OUT_DEGREE:
      return absl::StrCat("each to ", connectivity.degree());
    case v1::Connectivity::FIXED_IN_DEGREE:
      return absl::StrCat("each from ", connectivity.degree());
    case v1::Connectivity::BERNOULLI:
      return absl::StrCat("each pair with probability ", ShortText(connectivity.probability()));
    case v1::Connectivity::GAUSSIAN:
      return absl::StrCat("by distance, sigma ", ShortText(connectivity.sigma()));
    default:
      return "all to all";
  }
}

std::string WeightsText(const v1::ProjectionSpec& projection) {
  if (!projection.transpose_of().empty()) {
    return absl::StrCat("transpose of ", projection.transpose_of());
  }
  const v1::InitialWeights& initial = projection.initial();
  if (initial.values_size() > 0) return absl::StrCat(initial.values_size(), " given values");
  std::string text;
  switch (initial.distribution()) {
    case v1::InitialWeights::UNIFORM:
      text = absl::StrCat("uniform ", ShortText(initial.mean() - initial.spread()), " to ",
                          ShortText(initial.mean() + initial.spread()));
      break;
    case v1::InitialWeights::NORMAL:
      text = absl::StrCat("normal, mean ", ShortText(initial.mean()), ", deviation ",
                          ShortText(initial.spread()));
      break;
    default:
      text = absl::StrCat("constant ", ShortText(initial.mean()));
  }
  if (projection.has_min_weight()) {
    absl::StrAppend(&text, ", at least ", ShortText(projection.min_weight()));
  }
  if (projection.has_max_weight()) {
    absl::StrAppend(&text, ", at most ", ShortText(projection.max_weight()));
  }
  if (projection.dale() != v1::DALE_UNSPECIFIED) {
    absl::StrAppend(&text, ", ", absl::AsciiStrToLower(v1::Dale_Name(projection.dale())));
  }
  if (projection.has_connectivity()) {
    absl::StrAppend(&text, "; ", ConnectivityText(projection.connectivity()));
  }
  if (!projection.transmission().name().empty()) {
    absl::StrAppend(&text, "; ", projection.transmission().name());
  }
  return text;
}

// The rule's name, what its gates and factors read, its parameters and its clock.
std::string RuleText(const v1::RuleSpec& rule) {
  if (rule.name().empty()) return "fixed";
  const std::map<std::string, std::string> bindings(rule.bindings().begin(), rule.bindings().end());
  std::string text = rule.name();
  for (const auto& [name, output] : bindings) absl::StrAppend(&text, " ", name, "<-", output);
  const std::string given = GivenText(rule.parameters(), rule.when());
  if (!given.empty()) absl::StrAppend(&text, " (", given, ")");
  return text;
}

}  // namespace

std::string ValueText(const google::protobuf::Value& value) {
  switch (value.kind_case()) {
    case google::protobuf::Value::kNumberValue:
      return ShortText(value.number_value());
    case google::protobuf::Value::kStringValue:
      return value.string_value();
    case google::protobuf::Value::kListValue:
      return absl::StrCat("[",
                          absl::StrJoin(value.list_value().values(), ",",
                                        [](std::string* out, const auto& element) {
                                          absl::StrAppend(out, ValueText(element));
                                        }),
                          "]");
    default: {
      std::string json;
      return google::protobuf::util::MessageToJsonString(value, &json).ok() ? json : "null";
    }
  }
}

std::string CircuitText(const v1::CircuitSpec& spec, int width) {
  Table inputs({{"NAME"}, {"SPACE"}, {"ENCODER"}, {"DRIVES"}, {"PARAMETERS"}});
  for (const v1::InputSpec& input : spec.inputs()) {
    inputs.Row({input.name(), SpaceText(input.space()), input.encoder(), input.target(),
                GivenText(input.parameters())});
  }
  Table populations({{"NAME"}, {"MODEL"}, {"SIZE", kRight}, {"PARAMETERS"}});
  for (const v1::PopulationSpec& population : spec.populations()) {
    populations.Row({population.name(), population.model(), absl::StrCat(population.size()),
                     GivenText(population.parameters(), population.when())});
  }
  Table projections({{"NAME"}, {"FROM"}, {"TO"}, {"DELAY", kRight}, {"WEIGHTS"}, {"RULE"}});
  for (const v1::ProjectionSpec& projection : spec.projections()) {
    projections.Row({projection.name(), projection.source(), projection.target(),
                     absl::StrCat(projection.delay()), WeightsText(projection),
                     RuleText(projection.rule())});
  }
  Table modulators({{"NAME"}, {"MODEL"}, {"SIZE", kRight}, {"PARAMETERS"}});
  for (const v1::ModulatorSpec& modulator : spec.modulators()) {
    modulators.Row({modulator.name(), modulator.model(),
                    absl::StrCat(modulator.size() == 0 ? 1 : modulator.size()),
                    GivenText(modulator.parameters(), modulator.when())});
  }
  Table outputs({{"NAME"}, {"SPACE"}, {"DECODER"}, {"READS"}, {"PARAMETERS"}});
  for (const v1::OutputSpec& output : spec.outputs()) {
    outputs.Row({output.name(), SpaceText(output.space()), output.decoder(), output.source(),
                 GivenText(output.parameters(), output.when())});
  }
  Table time({{""}, {""}});
  time.Row({"tick", absl::StrCat(ShortText(spec.dt() == 0 ? 1 : spec.dt()), " ms")});
  time.Row(
      {"ticks of a step", absl::StrCat(spec.ticks_per_step() == 0 ? 1 : spec.ticks_per_step())});
  time.Row({"sweeps of a tick", absl::StrCat(spec.sweeps() == 0 ? 1 : spec.sweeps())});
  if (spec.reward_window() > 0) {
    time.Row({"reward window", absl::StrCat(spec.reward_window(), " steps")});
  }
  return absl::StrCat(
      Section("time", time.Text(width, 2)), Section("inputs", inputs.Text(width, 2)),
      Section("populations", populations.Text(width, 2)),
      Section("projections", projections.Text(width, 2)),
      Section("modulators", modulators.Text(width, 2)), Section("outputs", outputs.Text(width, 2)));
}

std::string PresetText(const v1::Circuit& circuit, int width) {
  std::string text =
      absl::StrCat(IdOf(circuit.name()), " (preset)\n", Wrap(circuit.summary(), width));
  if (!circuit.description().empty()) {
    absl::StrAppend(&text, "\n", Wrap(circuit.description(), width));
  }
  Table spaces({{"NAME"}, {"SPACE"}});
  const std::map<std::string, v1::Space> sorted(circuit.spaces().begin(), circuit.spaces().end());
  for (const auto& [port, space] : sorted) spaces.Row({port, SpaceText(space)});
  Table blocks({{"KIND"}, {"NAME"}, {"SUMMARY"}});
  for (const v1::ComponentInfo& component : circuit.components()) {
    blocks.Row({KindText(component.kind()), component.name(), component.summary()});
  }
  absl::StrAppend(&text, Section("parameters", ParametersText(circuit.parameters(), width)),
                  Section("ports", spaces.Text(width, 2)), CircuitText(circuit.spec(), width),
                  Section("building blocks", blocks.Text(width, 2)));
  return text;
}

std::string ComponentText(const v1::ComponentInfo& component, int width) {
  Table sites({{"NAME"}, {"DESCRIPTION"}});
  for (const v1::SiteInfo& site : component.sites()) sites.Row({site.name(), site.description()});
  Table variables({{"NAME"}, {"UNIT"}, {"LIFE"}, {"OUTPUT"}, {"DESCRIPTION"}});
  for (const v1::VariableInfo& variable : component.variables()) {
    variables.Row({variable.name(), variable.unit(), variable.life(),
                   variable.output() ? "yes" : "", variable.description()});
  }
  const std::string terms = absl::StrJoin(component.terms(), "\n");
  return absl::StrCat(
      component.name(), " (", KindText(component.kind()), ")\n", Wrap(component.summary(), width),
      Section("equations", Wrap(component.equations(), 0, 2)),
      Section("terms", Wrap(terms, width, 2)),
      Section("parameters", ParametersText(component.parameters(), width)),
      Section("sites", sites.Text(width, 2)), Section("variables", variables.Text(width, 2)),
      Section("source", Wrap(component.source(), width, 2)));
}

std::string KindText(v1::ComponentInfo::Kind kind) {
  return absl::AsciiStrToLower(v1::ComponentInfo::Kind_Name(kind));
}

}  // namespace phasic

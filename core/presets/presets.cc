// SPDX-License-Identifier: Apache-2.0
#include "core/presets/presets.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/circuit/circuit.h"

namespace phasic {
namespace {

const Preset* FindPreset(const std::string& name) {
  for (const Preset* preset : Presets()) {
    if (name == preset->name) return preset;
  }
  return nullptr;
}

std::string PresetNames() {
  return absl::StrJoin(Presets(), ", ",
                       [](std::string* out, const Preset* p) { out->append(p->name); });
}

// A part of a spec whose parameters can be overridden: where they are, and what they may be.
struct Part {
  ParamMap* parameters;
  std::span<const ParamInfo> infos;
};

template <class T>
std::span<const ParamInfo> InfosOf(std::span<const T* const> table, const std::string& name) {
  const T* block = Find(table, name);
  return block != nullptr ? block->params : std::span<const ParamInfo>();
}

// The part `name`; of a projection, its transmission where that has such a parameter, else its
// rule.
std::optional<Part> FindPart(const std::string& name, const std::string& parameter,
                             CircuitSpec* spec) {
  const Catalogue& c = Circuit::Standard();
  for (auto& in : spec->inputs) {
    if (in.name == name) return Part{&in.parameters, InfosOf(c.encoders, in.encoder)};
  }
  for (auto& p : spec->populations) {
    if (p.name == name) return Part{&p.parameters, InfosOf(c.populations, p.model)};
  }
  for (auto& p : spec->projections) {
    if (p.name != name) continue;
    const auto drawn = InfosOf(c.transmissions, p.transmission.name);
    if (std::any_of(drawn.begin(), drawn.end(),
                    [&](const ParamInfo& info) { return parameter == info.name; })) {
      return Part{&p.transmission.parameters, drawn};
    }
    return Part{&p.rule.parameters, InfosOf(c.rules, p.rule.name)};
  }
  for (auto& m : spec->modulators) {
    if (m.name == name) return Part{&m.parameters, InfosOf(c.modulators, m.model)};
  }
  for (auto& out : spec->outputs) {
    if (out.name == name) return Part{&out.parameters, InfosOf(c.decoders, out.decoder)};
  }
  return std::nullopt;
}

// Sets "component.parameter" in a built spec.
void Override(const std::string& name, const ParamValue& value, CircuitSpec* spec,
              std::vector<Violation>* violations) {
  const size_t dot = name.rfind('.');
  const std::string component = name.substr(0, dot), parameter = name.substr(dot + 1);
  const auto part = FindPart(component, parameter, spec);
  if (!part) {
    violations->push_back({absl::StrCat("parameters.", name),
                           absl::StrCat("there is no part \"", component, "\" in this circuit")});
    return;
  }
  const size_t before = violations->size();
  const Parameters checked(part->infos, {{parameter, value}},
                           absl::StrCat("parameters.", component), violations);
  if (violations->size() == before) (*part->parameters)[parameter] = value;
}

}  // namespace

CircuitSpec BuildPreset(const std::string& preset, const ParamMap& overrides,
                        const std::map<std::string, Space>& spaces,
                        std::vector<Violation>* violations) {
  const size_t before = violations->size();
  const Preset* found = FindPreset(preset);
  if (found == nullptr) {
    violations->push_back(
        {"preset", absl::StrCat("there is no preset \"", preset, "\": there are ", PresetNames())});
    return {};
  }
  ParamMap own, dotted;
  for (const auto& [name, value] : overrides) {
    (name.find('.') == std::string::npos ? own : dotted).emplace(name, value);
  }
  const Parameters params(found->params, own, "parameters", violations);
  std::map<std::string, Space> all = found->spaces();
  for (const auto& [port, space] : spaces) {
    const auto at = all.find(port);
    if (at == all.end()) {
      violations->push_back({absl::StrCat("spaces.", port), "there is no such port"});
      continue;
    }
    space.Check(absl::StrCat("spaces.", port), violations);
    at->second = space;
  }
  if (violations->size() > before) return {};
  std::vector<Violation> faults;
  CircuitSpec spec = found->build(params, all, &faults);
  if (faults.empty()) {
    for (const auto& [name, value] : dotted) Override(name, value, &spec, &faults);
  }
  if (faults.empty()) return spec;
  violations->insert(violations->end(), faults.begin(), faults.end());
  return {};
}

}  // namespace phasic

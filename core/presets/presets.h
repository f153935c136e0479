// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/circuit/spec.h"

namespace phasic {

// A ready circuit with named parameters: a plain function from parameters and spaces to a spec.
struct Preset {
  const char* name;
  const char* summary;
  const char* description;  // a paragraph: what it is for, what it learns, the source
  std::span<const ParamInfo> params;
  // The spaces of its ports without overrides.
  std::map<std::string, Space> (*spaces)();
  // Builds the spec. The parameters are checked; the spaces are those above with the caller's in
  // their place. A combination that cannot be built becomes a violation ("spaces.action",
  // "parameters.bins").
  CircuitSpec (*build)(const Parameters& params, const std::map<std::string, Space>& spaces,
                       std::vector<Violation>* violations);
};

// By name. A new preset is one file and one line in table.cc.
std::span<const Preset* const> Presets();

// The circuit of a preset. `overrides` names the preset's parameters, or "component.parameter" for
// any parameter of any part
// ("policy_weights.learning_rate" for a projection's rule). Every fault becomes a violation with
// its field: "preset", "parameters.NAME", "spaces.PORT".
CircuitSpec BuildPreset(const std::string& preset, const ParamMap& overrides,
                        const std::map<std::string, Space>& spaces,
                        std::vector<Violation>* violations);

}  // namespace phasic

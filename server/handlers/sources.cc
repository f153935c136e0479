// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/sources.h"

#include "absl/strings/str_cat.h"
#include "core/presets/presets.h"
#include "server/convert/agent.h"
#include "server/convert/spec.h"

namespace phasic::handlers {

std::shared_ptr<const Circuit> Compile(const v1::CircuitSpec& proto, const std::string& path,
                                       std::vector<Violation>* violations) {
  const size_t before = violations->size();
  const CircuitSpec spec = convert::FromProto(proto, path, violations);
  std::vector<Violation> found;
  std::shared_ptr<const Circuit> circuit = Circuit::Compile(spec, Circuit::Standard(), &found);
  for (const Violation& v : found) {
    violations->push_back({convert::Under(path, v.field), v.description});
  }
  return violations->size() == before ? circuit : nullptr;
}

std::shared_ptr<const Circuit> Compile(const v1::PresetSource& proto, const std::string& path,
                                       PresetChoice* choice, std::vector<Violation>* violations) {
  const size_t before = violations->size();
  *choice = convert::FromProto(proto, path, violations);
  std::vector<Violation> found;
  const CircuitSpec spec = BuildPreset(choice->preset, choice->parameters, choice->spaces, &found);
  for (const Violation& v : found) {
    violations->push_back({convert::Under(path, v.field), v.description});
  }
  if (violations->size() > before) return nullptr;

  std::shared_ptr<const Circuit> circuit = Circuit::Compile(spec, Circuit::Standard(), &found);
  // These fields are of a circuit that the caller has not written.
  for (const Violation& v : found) {
    violations->push_back(
        {path, absl::StrCat("gives a faulty circuit: ", v.field, " ", v.description)});
  }
  return circuit;
}

}  // namespace phasic::handlers

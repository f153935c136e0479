// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/sources.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "absl/strings/str_cat.h"
#include "core/presets/presets.h"
#include "server/agents/errors.h"
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

std::string WriteSpec(const Circuit& circuit) {
  v1::CircuitSpec proto;
  convert::ToProto(circuit.spec(), &proto);
  // Maps are written in the order of their keys: equal specs give equal bytes.
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  out.SetSerializationDeterministic(true);
  proto.SerializeToCodedStream(&out);
  out.Trim();
  return bytes;
}

absl::StatusOr<std::shared_ptr<const Circuit>> ReadSpec(const std::string& bytes,
                                                        SharedCircuits& circuits) {
  v1::CircuitSpec proto;
  if (!proto.ParseFromString(bytes)) return errors::Corrupt("a circuit that cannot be read");
  std::vector<Violation> violations;
  std::shared_ptr<const Circuit> circuit = Compile(proto, "circuit", &violations);
  if (circuit == nullptr) {
    return errors::Corrupt(
        absl::StrCat("a circuit that cannot be compiled: ", violations.front().field, " ",
                     violations.front().description));
  }
  circuit = circuits.Share(circuit);
  if (circuit == nullptr) return errors::ServerFull("max_total_bytes", "no room for a circuit");
  return circuit;
}

}  // namespace phasic::handlers

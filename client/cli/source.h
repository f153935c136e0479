// SPDX-License-Identifier: Apache-2.0
//
// What an agent is to be made of: a preset with overrides, or a circuit in a file; and what of it
// is to survive.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/args.h"
#include "phasic/v1/agent.pb.h"
#include "phasic/v1/circuit.pb.h"

namespace phasic {

// --preset, --param and --space.
std::vector<Option> PresetOptions();

// How help describes the forms of their values.
extern const char kPresetForms[];

// --durability, whose help says what it is `otherwise`; and its value.
Option DurabilityOption(const std::string& otherwise);
v1::Durability DurabilityOf(const Args& args);

absl::StatusOr<v1::PresetSource> ReadPreset(const Args& args);

// The CircuitSpec, in protobuf's JSON, of a file; "-" is standard input.
absl::StatusOr<v1::CircuitSpec> ReadCircuit(const std::string& path);

// Puts the source into `message` (an Agent, a ValidateCircuitRequest): the preset, or the circuit
// of the file at `path`. `words` name the two ways, for the fault of giving none or both.
template <class Message>
absl::Status ReadSource(const Args& args, const std::string& path, const std::string& words,
                        Message* message) {
  if (args.Has("preset") == !path.empty()) {
    return absl::InvalidArgumentError("give either " + words);
  }
  if (!path.empty()) {
    if (args.Has("param") || args.Has("space")) {
      return absl::InvalidArgumentError("--param and --space change a preset, not a circuit");
    }
    absl::StatusOr<v1::CircuitSpec> circuit = ReadCircuit(path);
    if (!circuit.ok()) return circuit.status();
    *message->mutable_circuit() = *std::move(circuit);
    return absl::OkStatus();
  }
  absl::StatusOr<v1::PresetSource> preset = ReadPreset(args);
  if (!preset.ok()) return preset.status();
  *message->mutable_preset() = *std::move(preset);
  return absl::OkStatus();
}

}  // namespace phasic

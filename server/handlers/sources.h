// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/circuit/circuit.h"
#include "phasic/v1/agent.pb.h"
#include "server/agents/hosted_agent.h"
#include "server/handlers/shared_circuits.h"

namespace phasic::handlers {

// The circuit that a client asks for, compiled. Every fault becomes a violation under `path`
// ("agent.preset"), and then there is none. Takes no lock: it may take long.
std::shared_ptr<const Circuit> Compile(const v1::CircuitSpec& proto, const std::string& path,
                                       std::vector<Violation>* violations);
// `choice` receives what was asked for, in core's words.
std::shared_ptr<const Circuit> Compile(const v1::PresetSource& proto, const std::string& path,
                                       PresetChoice* choice, std::vector<Violation>* violations);

// A circuit's spec as the store has it, and back: the circuit that agents of this spec share.
// DATA_LOSS when the bytes are not those of a circuit; RESOURCE_EXHAUSTED when there is no room.
std::string WriteSpec(const Circuit& circuit);
absl::StatusOr<std::shared_ptr<const Circuit>> ReadSpec(const std::string& bytes,
                                                        SharedCircuits& circuits);

}  // namespace phasic::handlers

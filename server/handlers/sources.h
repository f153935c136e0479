// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/circuit/circuit.h"
#include "phasic/v1/agent.pb.h"
#include "server/agents/hosted_agent.h"

namespace phasic::handlers {

// The circuit that a client asks for, compiled. Every fault becomes a violation under `path`
// ("agent.preset"), and then there is none. Takes no lock: it may take long.
std::shared_ptr<const Circuit> Compile(const v1::CircuitSpec& proto, const std::string& path,
                                       std::vector<Violation>* violations);
// `choice` receives what was asked for, in core's words.
std::shared_ptr<const Circuit> Compile(const v1::PresetSource& proto, const std::string& path,
                                       PresetChoice* choice, std::vector<Violation>* violations);

}  // namespace phasic::handlers

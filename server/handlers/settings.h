// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/circuit/circuit.h"
#include "google/protobuf/map.h"

namespace phasic::handlers {

// Checks of what people set. Every fault becomes a violation under `path`.

void CheckLabel(const std::string& key, const std::string& value, const std::string& path,
                std::vector<Violation>* violations);
void CheckLabels(const google::protobuf::Map<std::string, std::string>& labels,
                 const std::string& path, std::vector<Violation>* violations);

// The parameter's index in Circuit::live_parameters; -1 for one that does not exist or a value out
// of its range.
int CheckLiveParameter(const std::string& name, double value, const Circuit& circuit,
                       const std::string& path, std::vector<Violation>* violations);

}  // namespace phasic::handlers

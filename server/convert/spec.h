// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/circuit/spec.h"
#include "phasic/v1/circuit.pb.h"

namespace phasic::convert {

// "path.field", or the one that is not empty.
std::string Under(const std::string& path, const std::string& field);

// As written, with the contract's defaults in the place of absent numbers; core checks the values.
// What core has no word for (an unknown clock, a parameter that is a struct) becomes a violation
// under `path`.
CircuitSpec FromProto(const v1::CircuitSpec& proto, const std::string& path,
                      std::vector<Violation>* violations);
void ToProto(const CircuitSpec& spec, v1::CircuitSpec* proto);

}  // namespace phasic::convert

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/catalogue.h"
#include "phasic/v1/circuit.pb.h"

namespace phasic::convert {

// What the building blocks declare of themselves.
void ToProto(const ParamInfo& info, v1::ParameterInfo* proto);
void ToProto(const Component& component, v1::ComponentInfo* proto);
void ToProto(const Decoder& decoder, v1::ComponentInfo* proto);
void ToProto(const Rule& rule, v1::ComponentInfo* proto);
void ToProto(const Transmission& transmission, v1::ComponentInfo* proto);

}  // namespace phasic::convert

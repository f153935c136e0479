// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "core/model/column.h"
#include "phasic/v1/agent_service.pb.h"

namespace phasic::convert {

v1::Tensor::Dtype DtypeOf(Type type);
// Of elements of this type.
void Summarise(Type type, std::span<const std::byte> bytes, v1::InspectResponse::Summary* summary);

}  // namespace phasic::convert

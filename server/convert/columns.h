// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/model/column.h"
#include "phasic/v1/agent.pb.h"

namespace phasic::convert {

v1::Tensor::Dtype DtypeOf(Type type);

}  // namespace phasic::convert

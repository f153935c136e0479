// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/circuit/circuit.h"
#include "phasic/v1/agent.pb.h"

namespace phasic::convert {

v1::Tensor::Dtype DtypeOf(Type type);

// A column's shape with `bytes` bytes in it: [post, pre] for one number for each synapse, [rows,
// columns] for a history, else [n].
std::vector<int64_t> ShapeOf(const Circuit& circuit, const Column& column, size_t bytes);

// "component.variable", as reports name it.
std::string NameOf(const Column& column);

}  // namespace phasic::convert

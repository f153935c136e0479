// SPDX-License-Identifier: Apache-2.0
//
// Numbers as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "client/cpp/variable.h"
#include "phasic/v1/agent.pb.h"

namespace phasic {

// "float32" and so on.
std::string DtypeText(v1::Tensor::Dtype dtype);

// In the fewest digits that give the value back exactly; "NaN", "Infinity", "-Infinity".
std::string ExactText(double value);
std::string ExactText(float value);
// The value at `index`, of an integer type in full.
std::string ExactText(const client::Numbers& numbers, size_t index);

// In at most six significant digits.
std::string ShortText(double value);
// The value at `index`, of an integer type in full.
std::string ShortText(const client::Numbers& numbers, size_t index);

// E.g. "512 B", "1.5 MiB".
std::string BytesText(int64_t bytes);

// E.g. "12 us", "3.5 s".
std::string SecondsText(double seconds);

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// Numbers as the table says them.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/conformance/cpp/table.h"

namespace phasic::conformance {

inline uint64_t ToId(const Json& text) {
  return std::strtoull(text.get<std::string>().c_str(), nullptr, 10);
}

// Numbers that JSON cannot say come as words.
inline double ToNumber(const Json& value) {
  if (!value.is_string()) return value.get<double>();
  return value == "NaN" ? NAN : value == "Infinity" ? INFINITY : -INFINITY;
}

// A number, or a list of numbers and lists, as one flat list.
template <class T>
std::vector<T> Flat(const Json& value) {
  if (!value.is_array()) return {static_cast<T>(ToNumber(value))};
  std::vector<T> flat;
  for (const Json& item : value) {
    const std::vector<T> part = Flat<T>(item);
    flat.insert(flat.end(), part.begin(), part.end());
  }
  return flat;
}

}  // namespace phasic::conformance

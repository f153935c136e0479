// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/errors.h"
#include "core/base/real.h"

namespace phasic {

// The set of values that a port takes or gives, as a flat list of numbers.
struct Space {
  enum class Kind : uint8_t {
    kUnset,          // the part that uses it decides
    kDiscrete,       // one index, 0 to n - 1
    kMultiBinary,    // n numbers, each 0 or 1
    kBox,            // real numbers, each within its bounds
    kMultiDiscrete,  // several indices at once: number i is 0 to nvec[i] - 1
  };
  Kind kind = Kind::kUnset;
  int n = 0;                      // kDiscrete, kMultiBinary
  std::vector<int> shape;         // kBox
  std::vector<double> low, high;  // kBox: one for each element, or one for all, or none
  std::vector<int> nvec;          // kMultiDiscrete: the alternatives of each choice

  static Space Discrete(int n) { return {Kind::kDiscrete, n, {}, {}, {}, {}}; }
  static Space MultiBinary(int n) { return {Kind::kMultiBinary, n, {}, {}, {}, {}}; }
  static Space Box(std::vector<int> shape, std::vector<double> low = {},
                   std::vector<double> high = {}) {
    return {Kind::kBox, 0, std::move(shape), std::move(low), std::move(high), {}};
  }
  static Space MultiDiscrete(std::vector<int> nvec) {
    return {Kind::kMultiDiscrete, 0, {}, {}, {}, std::move(nvec)};
  }

  // Numbers per value. 0 when unset.
  int size() const;
  // The bounds of element i; infinite where there are none.
  double lower(int i) const;
  double upper(int i) const;
  // How many choices a value makes, each an index: 1 when Discrete, one for each number when
  // MultiDiscrete, else 0.
  int choices() const;
  // The alternatives of choice i, and those of all choices: the units of a one-hot code.
  int alternatives(int i) const { return kind == Kind::kDiscrete ? n : nvec[i]; }
  int alternatives() const;
  // The first choice none of whose alternatives is allowed, or -1. `forbidden` has one number for
  // each alternative, not 0 where it is forbidden, choice after choice.
  int ChoiceWithout(std::span<const uint8_t> forbidden) const;

  // Adds a violation under `path` for each fault of the space itself.
  void Check(const std::string& path, std::vector<Violation>* violations) const;
  // Empty when `value` is inside, else what is wrong; sets *element to the faulty index (-1: the
  // size).
  std::string WhyNot(std::span<const float> value, int* element) const;

  // E.g. "Discrete(2)", "MultiDiscrete([2, 3])", "Box(2, 3)".
  std::string ToString() const;
  friend bool operator==(const Space&, const Space&) = default;
};

}  // namespace phasic

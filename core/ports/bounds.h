// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/math.h"
#include "core/model/node.h"

namespace phasic {

// The range that an encoder spreads its units over: its parameters `low` and `high`, each one
// number for each element of the observation or one for all, else the space's own bounds.
namespace bounds {

inline constexpr ParamInfo kLow = {
    .name = "low",
    .description =
        "lower end of the range that is encoded: one for each element, or one for all; "
        "values below count as this. Not given: the space's bound",
    .default_value = 0,
    .min = -1e30,
    .max = 1e30,
    .source = "the space",
    .list = true};
inline constexpr ParamInfo kHigh = {.name = "high",
                                    .description = "upper end, likewise",
                                    .default_value = 0,
                                    .min = -1e30,
                                    .max = 1e30,
                                    .source = "the space",
                                    .list = true};

// Element i of a list parameter that has one number for each, or one for all.
inline double At(std::span<const double> list, int i) { return list[list.size() == 1 ? 0 : i]; }

inline double Low(const Node& node, int low, int i) {
  return node.params.given(low) ? At(node.params.list(low), i) : node.space.lower(i);
}
inline double High(const Node& node, int high, int i) {
  return node.params.given(high) ? At(node.params.list(high), i) : node.space.upper(i);
}

// A violation unless the list has one number, or one for each element.
inline bool CheckCount(const Node& node, int param, const std::string& field,
                       std::vector<Violation>* violations) {
  const size_t n = node.params.list(param).size();
  if (n == 1 || n == static_cast<size_t>(node.space.size())) return true;
  violations->push_back(
      {field, "must have one number for each element of the space, or one for all"});
  return false;
}

// Violations unless every element has a finite range.
inline void Check(const Node& node, int low, int high, std::vector<Violation>* violations) {
  const bool low_good = CheckCount(node, low, "parameters.low", violations);
  const bool high_good = CheckCount(node, high, "parameters.high", violations);
  if (!low_good || !high_good) return;
  for (int i = 0; i < node.space.size(); ++i) {
    const double from = Low(node, low, i), to = High(node, high, i);
    if (IsFinite(from) && IsFinite(to) && from < to) continue;
    const std::string element = "element " + std::to_string(i);
    if (!IsFinite(from)) {
      violations->push_back(
          {"parameters.low", "must be given: " + element + " of the space has no lower bound"});
    } else if (!IsFinite(to)) {
      violations->push_back(
          {"parameters.high", "must be given: " + element + " of the space has no upper bound"});
    } else {
      violations->push_back({"parameters.low", "must be below high, but is not at " + element});
    }
    return;  // one such fault says it all
  }
}

}  // namespace bounds
}  // namespace phasic

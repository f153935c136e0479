// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/model/component.h"

namespace phasic {
namespace {

enum Param { kThreshold };

constexpr ParamInfo kParams[] = {
    {.name = "threshold",
     .description = "a unit above this is a 1",
     .default_value = 0.5,
     .min = -1e6,
     .max = 1e6,
     .source = "between the 0 and 1 of a spike"},
};

Space SpaceOf(const Parameters&, int n, std::span<const int>, const Space& wanted) {
  const Space natural = Space::MultiBinary(n);
  return wanted.kind == Space::Kind::kUnset || wanted == natural ? natural : Space();
}

void Decode(const Node& node, std::span<const Real> source, std::span<const Real>,
            std::span<Real> action) noexcept {
  const double threshold = node.params.number(kThreshold);
  for (size_t i = 0; i < action.size(); ++i) action[i] = source[i] > threshold ? 1 : 0;
}

void Invert(const Node&, std::span<const float> action, std::span<Real> source) noexcept {
  std::copy(action.begin(), action.end(), source.begin());
}

}  // namespace

extern const Decoder kBitsDecoder = {
    .name = "bits",
    .summary = "One switch for each unit: on where it is active.",
    .equations = "action_i = 1[source_i > threshold]",
    .params = kParams,
    .space = SpaceOf,
    .decode = Decode,
    .invert = Invert,
};

}  // namespace phasic

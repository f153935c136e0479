// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/model/component.h"

namespace phasic {
namespace {

Space SpaceOf(const Parameters&, int n, std::span<const int>, const Space& wanted) {
  if (wanted.kind == Space::Kind::kUnset) return Space::Box({n});
  return wanted.kind == Space::Kind::kBox && wanted.size() == n ? wanted : Space();
}

void Decode(const Node& node, std::span<const Real> source, std::span<const Real>,
            std::span<Real> action) noexcept {
  for (size_t i = 0; i < action.size(); ++i) {
    const int d = static_cast<int>(i);
    const double x = source[i];
    action[i] = static_cast<Real>(std::clamp(x, node.space.lower(d), node.space.upper(d)));
  }
}

// An action at a bound stands for whatever lies beyond it too; it is taken as it is.
void Invert(const Node&, std::span<const float> action, std::span<Real> source) noexcept {
  std::copy(action.begin(), action.end(), source.begin());
}

}  // namespace

extern const Decoder kVectorDecoder = {
    .name = "vector",
    .summary = "One number for each unit, clipped to the bounds of the action's Box.",
    .equations = "action_i = min(max(source_i, low_i), high_i)",
    .space = SpaceOf,
    .decode = Decode,
    .invert = Invert,
};

}  // namespace phasic

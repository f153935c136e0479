// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/base/math.h"
#include "core/model/component.h"

namespace phasic {
namespace {

// Any shape of n numbers, but no bounds: nothing would hold the activity within them.
Space SpaceOf(const Parameters&, int n, std::span<const int>, const Space& wanted) {
  if (wanted.kind == Space::Kind::kUnset) return Space::Box({n});
  if (wanted.kind != Space::Kind::kBox || wanted.size() != n) return Space();
  for (int i = 0; i < n; ++i) {
    if (IsFinite(wanted.lower(i)) || IsFinite(wanted.upper(i))) return Space();
  }
  return wanted;
}

void Decode(const Node&, std::span<const Real> source, std::span<const Real>,
            std::span<Real> action) noexcept {
  std::copy(source.begin(), source.end(), action.begin());
}

void Invert(const Node&, std::span<const float> action, std::span<Real> source) noexcept {
  std::copy(action.begin(), action.end(), source.begin());
}

}  // namespace

extern const Decoder kRatesDecoder = {
    .name = "rates",
    .summary = "The activity of each unit as it is, without bounds.",
    .equations = "action_i = source_i",
    .space = SpaceOf,
    .decode = Decode,
    .invert = Invert,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "core/model/component.h"

namespace phasic {
namespace {

Space SpaceOf(const Parameters&, int n, const Space& wanted) {
  const Space natural = Space::Discrete(n);
  return wanted.kind == Space::Kind::kUnset || wanted == natural ? natural : Space();
}

void Decode(const Node&, std::span<const Real> source, std::span<const Real> forbidden,
            std::span<Real> action) noexcept {
  int best = -1;
  for (size_t i = 0; i < source.size(); ++i) {
    if (!forbidden.empty() && forbidden[i] != 0) continue;
    if (best < 0 || source[i] > source[best]) best = static_cast<int>(i);
  }
  action[0] = static_cast<Real>(best < 0 ? 0 : best);
}

}  // namespace

extern const Decoder kIndexDecoder = {
    .name = "index",
    .summary = "The most active unit that the step's mask does not forbid; the first of equals.",
    .equations = "action = argmax_i source_i",
    .maskable = true,
    .space = SpaceOf,
    .decode = Decode,
};

}  // namespace phasic

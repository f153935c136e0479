// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/model/component.h"

namespace phasic {
namespace {

// Of units that have been chosen in groups, those very groups. Of other activity, any groups.
Space SpaceOf(const Parameters&, int n, std::span<const int> groups, const Space& wanted) {
  if (wanted.kind == Space::Kind::kUnset) {
    return groups.size() > 1 ? Space::MultiDiscrete({groups.begin(), groups.end()})
                             : Space::Discrete(n);
  }
  if (groups.empty()) return wanted.alternatives() == n ? wanted : Space();
  if (static_cast<size_t>(wanted.choices()) != groups.size()) return Space();
  for (int i = 0; i < wanted.choices(); ++i) {
    if (wanted.alternatives(i) != groups[i]) return Space();
  }
  return wanted;
}

// The most active unit that is not forbidden, the first of equals.
int Best(std::span<const Real> source, std::span<const Real> forbidden) noexcept {
  int best = -1;
  for (size_t i = 0; i < source.size(); ++i) {
    if (forbidden[i] == 0 && (best < 0 || source[i] > source[best])) best = static_cast<int>(i);
  }
  return best < 0 ? 0 : best;
}

void Decode(const Node& node, std::span<const Real> source, std::span<const Real> forbidden,
            std::span<Real> action) noexcept {
  size_t first = 0;
  for (size_t i = 0; i < action.size(); ++i) {
    const size_t n = node.space.alternatives(static_cast<int>(i));
    action[i] = static_cast<Real>(Best(source.subspan(first, n), forbidden.subspan(first, n)));
    first += n;
  }
}

void Invert(const Node& node, std::span<const float> action, std::span<Real> source) noexcept {
  std::fill(source.begin(), source.end(), Real{0});
  size_t first = 0;
  for (size_t i = 0; i < action.size(); ++i) {
    source[first + static_cast<size_t>(action[i])] = 1;
    first += node.space.alternatives(static_cast<int>(i));
  }
}

}  // namespace

extern const Decoder kIndexDecoder = {
    .name = "index",
    .summary =
        "The most active unit that the step's mask does not forbid, the first of equals: a "
        "Discrete "
        "action, or in each group of units a choice of a MultiDiscrete one.",
    .equations = "action_g = argmax_i source_i, i over group g",
    .maskable = true,
    .space = SpaceOf,
    .decode = Decode,
    .invert = Invert,
};

}  // namespace phasic

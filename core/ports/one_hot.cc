// SPDX-License-Identifier: Apache-2.0
//
// One unit for each alternative: a table, in a network's terms.
#include "core/model/component.h"

namespace phasic {
namespace {

enum ColumnIndex { kActivity };

constexpr ColumnInfo kColumns[] = {
    {.name = "activity", .description = "1 for what is, 0 for the rest", .output = true},
};

int Units(const Parameters&, const Space& space) {
  return space.kind == Space::Kind::kBox ? 0 : space.n;
}

void Forward(Lanes lanes, const Node& node) noexcept {
  const bool discrete = node.space.kind == Space::Kind::kDiscrete;
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto x = v.value();
    const auto activity = v.column(kActivity);
    for (int i = 0; i < v.size(); ++i) {
      activity[i] = discrete ? static_cast<Real>(x[0] == static_cast<Real>(i)) : x[i];
    }
  }
}

}  // namespace

extern const Component kOneHotEncoder = {
    .kind = Kind::kEncoder,
    .name = "one-hot",
    .summary =
        "One unit for each alternative of a Discrete observation, or for each switch of a "
        "MultiBinary one.",
    .equations = "Discrete: activity_i = 1[x = i]\nMultiBinary: activity_i = x_i",
    .source = "Sutton and Barto 2018, Reinforcement Learning, section 9.3: tabular features",
    .columns = kColumns,
    .units = Units,
    .forward = Forward,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// One unit for each alternative: a table, in a network's terms.
#include "core/ports/one_hot.h"

#include "core/model/component.h"

namespace phasic {
namespace {

enum ColumnIndex { kActivity };

constexpr ColumnInfo kColumns[] = {
    {.name = "activity", .description = "1 for what is, 0 for the rest", .output = true},
};

int Units(const Parameters&, const Space& space) { return one_hot::Units(space); }

void Forward(Lanes lanes, const Node& node) noexcept {
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    one_hot::Encode(node.space, v.value(), v.column(kActivity));
  }
}

}  // namespace

extern const Component kOneHotEncoder = {
    .kind = Kind::kEncoder,
    .name = "one-hot",
    .summary =
        "One unit for each alternative of a Discrete observation, or of each choice of a "
        "MultiDiscrete one in turn, or for each switch of a MultiBinary one.",
    .equations =
        "Discrete: activity_i = 1[x = i]\n"
        "MultiDiscrete: activity_gi = 1[x_g = i]\n"
        "MultiBinary: activity_i = x_i",
    .source = "Sutton and Barto 2018, Reinforcement Learning, section 9.3: tabular features",
    .columns = kColumns,
    .units = Units,
    .forward = Forward,
};

}  // namespace phasic

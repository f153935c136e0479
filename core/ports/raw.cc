// SPDX-License-Identifier: Apache-2.0
//
// The observation as a current: activity = gain x + offset.
#include "core/model/component.h"
#include "core/ports/bounds.h"

namespace phasic {
namespace {

enum Param { kGain, kOffset };
enum ColumnIndex { kActivity };

constexpr ParamInfo kParams[] = {
    {.name = "gain",
     .description = "multiplies the observation: one for each element, or one for all",
     .default_value = 1,
     .min = -1e12,
     .max = 1e12,
     .source = "1: as it is",
     .list = true},
    {.name = "offset",
     .description = "added after that: one for each element, or one for all",
     .default_value = 0,
     .min = -1e12,
     .max = 1e12,
     .source = "0: as it is",
     .list = true},
};
constexpr ColumnInfo kColumns[] = {
    {.name = "activity", .description = "gain x + offset", .output = true},
};

int Units(const Parameters&, const Space& space) {
  return space.choices() > 0 ? 0 : space.size();  // an index is no amount
}

void Check(const Node& node, std::vector<Violation>* violations) {
  bounds::CheckCount(node, kGain, "parameters.gain", violations);
  bounds::CheckCount(node, kOffset, "parameters.offset", violations);
}

void Forward(Lanes lanes, const Node& node) noexcept {
  const auto gain = node.params.list(kGain), offset = node.params.list(kOffset);
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto x = v.value();
    const auto activity = v.column(kActivity);
    if (gain.size() == 1 && offset.size() == 1) {
      const auto a = static_cast<Real>(gain[0]), b = static_cast<Real>(offset[0]);
      for (size_t i = 0; i < x.size(); ++i) activity[i] = a * x[i] + b;
      continue;
    }
    for (int i = 0; i < v.size(); ++i) {
      activity[i] =
          static_cast<Real>(bounds::At(gain, i)) * x[i] + static_cast<Real>(bounds::At(offset, i));
    }
  }
}

}  // namespace

extern const Component kRawEncoder = {
    .kind = Kind::kEncoder,
    .name = "raw",
    .summary = "The numbers of a Box or MultiBinary observation as they are, or scaled.",
    .equations = "activity = gain x + offset",
    .source = "none: the identity",
    .params = kParams,
    .columns = kColumns,
    .units = Units,
    .check = Check,
    .forward = Forward,
    .unit_seconds = 2e-9,
};

}  // namespace phasic

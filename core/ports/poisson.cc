// SPDX-License-Identifier: Apache-2.0
//
// Spike trains: in each tick of length dt a unit fires with the probability that a Poisson process
// of its rate has at least one event, 1 - e^(-rate dt) (Dayan and Abbott 2001, "Theoretical
// Neuroscience", 1.4). The rate is proportional to the observation. This is noise of the senses,
// not exploration: greedy steps have it too.
#include <algorithm>

#include "core/base/draws.h"
#include "core/base/math.h"
#include "core/model/component.h"
#include "core/ports/bounds.h"
#include "core/ports/one_hot.h"

namespace phasic {
namespace {

enum Param { kMaxRate, kLow, kHigh };
enum ColumnIndex { kActivity };
enum Derived {
  kFrom,
  kScale,
  kPerElement
};  // for each element of a Box: rate = max_rate scale (x - from)

constexpr ParamInfo kParams[] = {
    {.name = "max_rate",
     .description = "rate at the upper end of the range",
     .unit = "Hz",
     .default_value = 100,
     .min = 0,
     .max = 1e6,
     .source = "a fast cortical rate",
     .live = true},
    bounds::kLow,
    bounds::kHigh,
};
constexpr ColumnInfo kColumns[] = {
    {.name = "activity", .description = "1 in a tick with a spike, else 0", .output = true},
};

int Units(const Parameters&, const Space& space) {
  return space.kind == Space::Kind::kBox ? space.size() : one_hot::Units(space);
}

void Check(const Node& node, std::vector<Violation>* violations) {
  if (node.space.kind == Space::Kind::kBox) bounds::Check(node, kLow, kHigh, violations);
}

void Derive(Node* node) {
  if (node->space.kind != Space::Kind::kBox) return;
  for (int i = 0; i < node->size; ++i) {
    const double from = bounds::Low(*node, kLow, i), to = bounds::High(*node, kHigh, i);
    node->derived.insert(node->derived.end(), {from, 1 / (to - from)});
  }
}

void Forward(Lanes lanes, const Node& node) noexcept {
  const bool box = node.space.kind == Space::Kind::kBox;
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto x = v.value();
    const auto activity = v.column(kActivity);
    const double most = v.param(kMaxRate) * node.dt / 1000;  // spikes per tick
    if (!box) one_hot::Encode(node.space, x, activity);
    ForUniforms(v.random(), 0, v.size(), [&](int64_t i, double u) {
      double level = activity[i];
      if (box) {
        const double* derived = node.derived.data() + i * kPerElement;
        level = std::clamp((x[i] - derived[kFrom]) * derived[kScale], 0.0, 1.0);
      }
      activity[i] = u < -Expm1(-most * level) ? 1 : 0;
    });
  }
}

}  // namespace

extern const Component kPoissonEncoder = {
    .kind = Kind::kEncoder,
    .name = "poisson",
    .summary = "Random spikes at a rate proportional to the observation, anew in every tick.",
    .equations =
        "rate_i = max_rate clamp((x_i - low) / (high - low), 0, 1)\n"
        "Discrete, MultiDiscrete, MultiBinary: rate_i = max_rate times the one-hot code\n"
        "activity_i = 1 with probability 1 - e^(-rate_i dt)",
    .source = "Dayan and Abbott 2001, Theoretical Neuroscience, section 1.4",
    .params = kParams,
    .columns = kColumns,
    .units = Units,
    .check = Check,
    .derive = Derive,
    .forward = Forward,
};

}  // namespace phasic

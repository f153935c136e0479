// SPDX-License-Identifier: Apache-2.0
//
// Running normalisation: z = (x - mean) / sqrt(variance + epsilon), clipped. Mean and variance are
// those of every observation so far, the present one included, by Welford's exact update (Welford
// 1962, "Note on a method for calculating corrected sums of squares and products"):
//
//   count <- count + 1,   d = x - mean,   mean <- mean + d / count,   m2 <- m2 + d (x - mean)
//
// One observation counts once, at the first tick of its step. In FROZEN the statistics are held.
#include <algorithm>

#include "core/base/math.h"
#include "core/model/component.h"

namespace phasic {
namespace {

enum Param { kClip, kEpsilon };
enum ColumnIndex { kActivity, kMean, kM2, kCount };

constexpr ParamInfo kParams[] = {
    {.name = "clip",
     .description = "activities lie within plus and minus this",
     .default_value = 10,
     .min = 1e-3,
     .max = 1e6,
     .source = "customary for normalised observations"},
    {.name = "epsilon",
     .description = "added to the variance, so that a constant does not divide by 0",
     .default_value = 1e-8,
     .min = 1e-12,
     .max = 1e6,
     .source = "customary for normalised observations"},
};
constexpr ColumnInfo kColumns[] = {
    {.name = "activity",
     .description = "(x - mean) / sqrt(variance + epsilon), clipped",
     .output = true},
    {.name = "mean",
     .description = "of all observations",
     .type = Type::kF64,
     .life = Life::kAdaptive},
    {.name = "m2",
     .description = "sum of squared deviations from the mean; variance = m2 / count",
     .type = Type::kF64,
     .life = Life::kAdaptive},
    {.name = "count",
     .description = "observations so far",
     .type = Type::kU64,
     .extent = Extent::kScalar,
     .life = Life::kAdaptive,
     .max = kMostCounted},
};

int Units(const Parameters&, const Space& space) {
  return space.kind == Space::Kind::kBox ? space.size() : 0;
}

void Forward(Lanes lanes, const Node& node) noexcept {
  const double clip = node.params.number(kClip), epsilon = node.params.number(kEpsilon);
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto x = v.value();
    const auto activity = v.column(kActivity);
    const auto mean = v.column_of<double>(kMean), m2 = v.column_of<double>(kM2);
    uint64_t& count = v.column_of<uint64_t>(kCount)[0];
    if (lane.learning && lane.tick_in_step == 0) {
      ++count;
      for (int i = 0; i < v.size(); ++i) {
        const double d = x[i] - mean[i];
        mean[i] += d / static_cast<double>(count);
        m2[i] += d * (x[i] - mean[i]);
      }
    }
    for (int i = 0; i < v.size(); ++i) {
      // Nothing seen yet, as in an agent frozen from birth: as it is.
      const double variance = count > 0 ? m2[i] / static_cast<double>(count) : 1;
      const double z = (x[i] - mean[i]) / Sqrt(variance + epsilon);
      activity[i] = static_cast<Real>(std::clamp(z, -clip, clip));
    }
  }
}

}  // namespace

extern const Component kNormaliseEncoder = {
    .kind = Kind::kEncoder,
    .name = "normalise",
    .summary = "A Box observation minus its running mean, over its running standard deviation.",
    .equations =
        "activity = clip((x - mean) / sqrt(m2 / count + epsilon))\n"
        "count <- count + 1; d = x - mean; mean <- mean + d / count; m2 <- m2 + d (x - mean)",
    .source = "Welford 1962, Technometrics 4",
    .params = kParams,
    .columns = kColumns,
    .units = Units,
    .forward = Forward,
};

}  // namespace phasic

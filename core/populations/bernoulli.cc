// SPDX-License-Identifier: Apache-2.0
//
// Bernoulli-logistic units (Williams 1992, "Simple statistical gradient-following algorithms for
// connectionist reinforcement learning"): g = drive, p = 1 / (1 + e^-g), x ~ Bernoulli(p). The
// score, what REINFORCE correlates with reward, is d log P(x) / dg = x - p.
//
// Beyond |g| of about 16, p rounds to 1 in float, the score to 0, and the unit never learns again;
// so g is clamped.
#include <algorithm>

#include "core/base/draws.h"
#include "core/base/vectors.h"
#include "core/model/component.h"

namespace phasic {
namespace {

enum Param { kMaxDrive };
enum Site { kDrive };
enum ColumnIndex { kSpike, kProbability, kScore };

constexpr ParamInfo kParams[] = {
    {.name = "max_drive",
     .description = "the drive is clamped to plus and minus this, so that p never rounds to 0 or 1",
     .default_value = 10,
     .min = 1e-3,
     .max = 15,
     .source = "p is then 4.5e-5 from 0 or 1; in float it rounds to 1 near 17"},
};
constexpr SiteInfo kSites[] = {{"drive", "summed input"}};
constexpr ColumnInfo kColumns[] = {
    {.name = "spike", .description = "x: 1 or 0", .output = true},
    {.name = "probability", .description = "p, that x is 1", .output = true},
    {.name = "score", .description = "x - p; 0 when greedy", .output = true, .drawn = true},
};

void Forward(Lanes lanes, const Node& node) noexcept {
  const Real most = static_cast<Real>(node.params.number(kMaxDrive));
  const auto logistic = VectorsFor(ActiveIsa()).logistic;
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto drive = v.site(kDrive);
    const auto spike = v.column(kSpike), probability = v.column(kProbability),
               score = v.column(kScore);
    for (int i = 0; i < v.size(); ++i) probability[i] = std::clamp(drive[i], -most, most);
    logistic(probability.data(), probability.data(), v.size());
    if (lane.greedy) {
      for (int i = 0; i < v.size(); ++i) spike[i] = probability[i] > Real(0.5) ? 1 : 0;
    } else {
      ForUniforms(v.random(), 0, v.size(),
                  [&](int64_t i, double u) { spike[i] = u < probability[i] ? 1 : 0; });
    }
    v.Force(spike);
    for (int i = 0; i < v.size(); ++i) score[i] = lane.greedy ? 0 : spike[i] - probability[i];
  }
}

}  // namespace

extern const Component kBernoulliPopulation = {
    .kind = Kind::kPopulation,
    .name = "bernoulli",
    .summary =
        "Stochastic binary neurons with logistic probability, which publish the score of "
        "their draw. Greedy: 1 where p is above one half.",
    .equations = "p = 1 / (1 + e^-drive)\nspike ~ Bernoulli(p)\nscore = spike - p",
    .source = "Williams 1992, Machine Learning 8",
    .params = kParams,
    .sites = kSites,
    .columns = kColumns,
    .forward = Forward,
    .draws = Space::Kind::kMultiBinary,
    .unit_seconds = 15e-9,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// Gaussian units (Williams 1992): y ~ N(mu, sigma^2) with mu = drive. The score is
// d log p(y) / d mu = (y - mu) / sigma^2.
#include <algorithm>

#include "core/base/draws.h"
#include "core/model/component.h"

namespace phasic {
namespace {

enum Param { kSigma };
enum Site { kDrive };
enum ColumnIndex { kValue, kMean, kScore };

constexpr ParamInfo kParams[] = {
    {.name = "sigma",
     .description = "standard deviation: how widely it explores",
     .default_value = 1,
     .min = 1e-6,
     .max = 1e6,
     .source = "a standard normal",
     .live = true},
};
constexpr SiteInfo kSites[] = {{"drive", "the mean"}};
constexpr ColumnInfo kColumns[] = {
    {.name = "value", .description = "y, drawn; the mean when greedy", .output = true},
    {.name = "mean", .description = "mu", .output = true},
    {.name = "score",
     .description = "(y - mu) / sigma^2; 0 when greedy",
     .output = true,
     .drawn = true},
};

void Forward(Lanes lanes, const Node& node) noexcept {
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const double sigma = v.param(kSigma);
    const auto drive = v.site(kDrive);
    const auto value = v.column(kValue), mean = v.column(kMean), score = v.column(kScore);
    std::copy(drive.begin(), drive.end(), mean.begin());
    std::copy(drive.begin(), drive.end(), value.begin());
    if (!lane.greedy) {
      ForNormals(v.random(), 0, v.size(), [&](int64_t i, double normal) {
        value[i] = static_cast<Real>(mean[i] + sigma * normal);
      });
    }
    v.Force(value);
    for (int i = 0; i < v.size(); ++i) {
      // Of the value as it is published, after rounding.
      score[i] = static_cast<Real>((static_cast<double>(value[i]) - mean[i]) / (sigma * sigma));
    }
  }
}

}  // namespace

extern const Component kGaussianPopulation = {
    .kind = Kind::kPopulation,
    .name = "gaussian",
    .summary =
        "Neurons that draw a normal number around their drive and publish the score of the "
        "draw. Greedy: the mean.",
    .equations = "mu = drive\nvalue ~ N(mu, sigma^2)\nscore = (value - mu) / sigma^2",
    .source = "Williams 1992, Machine Learning 8",
    .params = kParams,
    .sites = kSites,
    .columns = kColumns,
    .forward = Forward,
    .draws = Space::Kind::kBox,
    .unit_seconds = 15e-9,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// A Gaussian population code (place cells; radial basis functions: Sutton and Barto 2018, 9.5.5).
// Each element d of the observation has bins_d bumps, evenly spaced from low_d to high_d:
//
//   g_dj = exp(-(x_d - c_dj)^2 / (2 (width spacing_d)^2)),    x_d clamped to low_d .. high_d
//
// product:  one unit for each combination of bumps, a = prod_d g_dj; the last element runs fastest.
// separate: one unit for each bump, a = g_dj, element after element; D elements.
// Normalised, the bumps of each element are divided by their sum, and in the separate code by D, so
// that all units sum to 1 and learning rates mean the same everywhere.
#include <algorithm>
#include <array>

#include "core/base/limits.h"
#include "core/base/math.h"
#include "core/model/component.h"
#include "core/ports/bounds.h"

namespace phasic {
namespace {

enum Param { kLow, kHigh, kBins, kWidth, kCode, kNormalise };
enum Code { kProduct, kSeparate };
enum Normalise { kYes, kNo };
enum ColumnIndex { kActivity };
enum Derived { kFrom, kTo, kFirst, kSpacing, kSharpness, kPerElement };  // for each element

constexpr int kMaxBins = 256;
constexpr const char* kCodes[] = {"product", "separate"};
constexpr const char* kYesNo[] = {"yes", "no"};
constexpr ParamInfo kParams[] = {
    bounds::kLow,
    bounds::kHigh,
    {.name = "bins",
     .description = "bumps for each element: one number for each, or one for all; a single bump "
                    "lies in the middle",
     .default_value = 5,
     .min = 1,
     .max = kMaxBins,
     .source = "ours: coarse enough to generalise",
     .list = true,
     .integer = true},
    {.name = "width",
     .description = "standard deviation of a bump, in units of the spacing of the bumps",
     .default_value = 0.5,
     .min = 0.05,
     .max = 100,
     .source = "measured: the fastest and most reliable on cart-pole of 0.35, 0.5 and 0.7"},
    {.name = "code",
     .description = "product: a unit for each combination of bumps; separate: one for each bump",
     .source = "product: it can tell every combination from every other",
     .choices = kCodes},
    {.name = "normalise",
     .description = "whether the activities sum to 1",
     .source = "Sutton and Barto 2018, 9.5.5: normalised radial basis functions",
     .choices = kYesNo},
};
constexpr ColumnInfo kColumns[] = {
    {.name = "activity",
     .description = "how near the observation is to each unit's own",
     .output = true},
};

int Bins(const Parameters& params, int element) {
  const auto bins = params.list(kBins);
  // A list of another length is reported by Check, which comes later.
  if (bins.size() > 1 && static_cast<size_t>(element) >= bins.size()) return 1;
  return static_cast<int>(bounds::At(bins, element));
}

int Units(const Parameters& params, const Space& space) {
  if (space.choices() > 0) return 0;  // an index is no amount
  int64_t product = 1, sum = 0;
  for (int d = 0; d < space.size(); ++d) {
    product = std::min(product * Bins(params, d), limits::kMaxNeurons + 1);
    sum += Bins(params, d);
  }
  return static_cast<int>(
      std::min(params.choice(kCode) == kProduct ? product : sum, limits::kMaxNeurons + 1));
}

void Check(const Node& node, std::vector<Violation>* violations) {
  bounds::Check(node, kLow, kHigh, violations);
  bounds::CheckCount(node, kBins, "parameters.bins", violations);
}

void Derive(Node* node) {
  for (int d = 0; d < node->space.size(); ++d) {
    const double from = bounds::Low(*node, kLow, d), to = bounds::High(*node, kHigh, d);
    const int bins = Bins(node->params, d);
    const double spacing = (to - from) / std::max(bins - 1, 1);
    const double first = bins > 1 ? from : from + spacing / 2;
    const double sd = node->params.number(kWidth) * spacing;
    node->derived.insert(node->derived.end(), {from, to, first, spacing, 0.5 / (sd * sd)});
  }
}

// The bumps of one element, each times `scale`; divided by their sum if they are to be normalised.
void Bumps(const double* derived, double x, double scale, bool normalise,
           std::span<Real> bumps) noexcept {
  const double inside = std::clamp(x, derived[kFrom], derived[kTo]);
  double sum = 0;
  for (size_t j = 0; j < bumps.size(); ++j) {
    const double gap = inside - (derived[kFirst] + static_cast<double>(j) * derived[kSpacing]);
    bumps[j] = static_cast<Real>(Exp(-gap * gap * derived[kSharpness]));
    sum += bumps[j];
  }
  const Real factor = static_cast<Real>(normalise ? scale / sum : scale);
  for (Real& bump : bumps) bump *= factor;
}

// Every product of one of the first `n` activities with one of the bumps, in place.
void Expand(std::span<const Real> bumps, size_t n, std::span<Real> activity) noexcept {
  for (size_t i = n; i-- > 0;) {
    const Real before = activity[i];  // nothing below writes to an index below i
    for (size_t j = bumps.size(); j-- > 0;) activity[i * bumps.size() + j] = before * bumps[j];
  }
}

void Forward(Lanes lanes, const Node& node) noexcept {
  const bool product = node.params.choice(kCode) == kProduct;
  const bool normalise = node.params.choice(kNormalise) == kYes;
  const int elements = node.space.size();
  std::array<Real, kMaxBins> scratch;
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto x = v.value();
    const auto activity = v.column(kActivity);
    size_t done = product ? 1 : 0;  // units written so far
    if (product) activity[0] = 1;
    for (int d = 0; d < elements; ++d) {
      const size_t bins = Bins(node.params, d);
      const double* derived = node.derived.data() + d * kPerElement;
      if (product) {
        const std::span<Real> bumps(scratch.data(), bins);
        Bumps(derived, x[d], 1, normalise, bumps);
        Expand(bumps, done, activity);
        done *= bins;
      } else {
        Bumps(derived, x[d], normalise ? 1.0 / elements : 1.0, normalise,
              activity.subspan(done, bins));
        done += bins;
      }
    }
  }
}

}  // namespace

extern const Component kGaussianEncoder = {
    .kind = Kind::kEncoder,
    .name = "gaussian",
    .summary =
        "A population code of a Box or MultiBinary observation: units with Gaussian bumps over a "
        "grid.",
    .equations =
        "g_dj = exp(-(x_d - c_dj)^2 / (2 (width spacing_d)^2))\n"
        "product: activity = prod_d g_dj\n"
        "separate: activity = g_dj\n"
        "normalised: the activities of all units sum to 1",
    .source = "Sutton and Barto 2018, Reinforcement Learning, section 9.5.5",
    .params = kParams,
    .columns = kColumns,
    .units = Units,
    .check = Check,
    .derive = Derive,
    .forward = Forward,
};

}  // namespace phasic

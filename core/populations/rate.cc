// SPDX-License-Identifier: Apache-2.0
//
// Rate neurons: u = drive + bias, rate = phi(u). In the feedback sweep they turn what comes down
// into the error that gradient rules use, error = phi'(u) topdown (Rumelhart, Hinton, Williams
// 1986, "Learning representations by back-propagating errors"). phi' is taken from the rate itself,
// which is exact for all four transfer functions.
//
// A unit with bias 1 and no input is a bias unit.
#include "core/base/math.h"
#include "core/model/component.h"
#include "core/populations/transfer.h"

namespace phasic {
namespace {

enum Param { kTransfer, kBias };
enum Site { kDrive, kTopdown };
enum ColumnIndex { kRate, kError };

constexpr ParamInfo kParams[] = {transfer::kTransfer, transfer::kBias};
constexpr SiteInfo kSites[] = {
    {"drive", "summed input"},
    {"topdown", "summed errors from the layers above", "", Phase::kFeedback},
};
constexpr ColumnInfo kColumns[] = {
    {.name = "rate", .description = "phi(drive + bias)", .output = true},
    {.name = "error",
     .description = "phi'(drive + bias) topdown",
     .output = true,
     .written = Phase::kFeedback},
};

void Check(const Node& node, std::vector<Violation>* violations) {
  transfer::CheckBias(node, kBias, violations);
}

// phi'(u) where r = phi(u).
Real Slope(int function, Real r) noexcept {
  switch (function) {
    case transfer::kTanh:
      return (1 - r) * (1 + r);
    case transfer::kSoftplus:
      return static_cast<Real>(-Expm1(-static_cast<double>(r)));  // logistic(u) = 1 - e^-r
    case transfer::kLogistic:
      return r * (1 - r);
    default:
      return 1;
  }
}

void Forward(Lanes lanes, const Node& node) noexcept {
  const int function = node.params.choice(kTransfer);
  const auto bias = node.params.list(kBias);
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    transfer::Rates(function, v.site(kDrive), bias, v.column(kRate));
  }
}

void Feedback(Lanes lanes, const Node& node) noexcept {
  const int function = node.params.choice(kTransfer);
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto topdown = v.site(kTopdown);
    const auto rate = v.column(kRate);
    const auto error = v.column(kError);
    for (size_t i = 0; i < error.size(); ++i) error[i] = Slope(function, rate[i]) * topdown[i];
  }
}

}  // namespace

extern const Component kRatePopulation = {
    .kind = Kind::kPopulation,
    .name = "rate",
    .summary =
        "Rate neurons: a transfer function of the summed drive, with the error that comes "
        "down in the feedback sweep.",
    .equations = "rate = phi(drive + bias)\nerror = phi'(drive + bias) topdown",
    .source = "Rumelhart, Hinton, Williams 1986, Nature 323",
    .params = kParams,
    .sites = kSites,
    .columns = kColumns,
    .check = Check,
    .forward = Forward,
    .feedback = Feedback,
    .unit_seconds = 10e-9,
};

}  // namespace phasic

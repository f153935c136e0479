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

namespace phasic {
namespace {

enum Param { kTransfer, kBias };
enum Site { kDrive, kTopdown };
enum ColumnIndex { kRate, kError };
enum Transfer { kIdentity, kTanh, kSoftplus, kLogistic };

constexpr const char* kTransfers[] = {"identity", "tanh", "softplus", "logistic"};
constexpr ParamInfo kParams[] = {
    {.name = "transfer",
     .description = "the transfer function phi from drive to rate",
     .source = "identity: a linear neuron",
     .choices = kTransfers},
    {.name = "bias",
     .description = "constant drive: one for each unit, or one for all",
     .default_value = 0,
     .min = -1e6,
     .max = 1e6,
     .source = "0: none",
     .list = true},
};
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
  const size_t n = node.params.list(kBias).size();
  if (n == 1 || n == static_cast<size_t>(node.size)) return;
  violations->push_back({"parameters.bias", "must have one number for each unit, or one for all"});
}

Real Phi(int transfer, Real u) noexcept {
  switch (transfer) {
    case kTanh:
      return Tanh(u);
    case kSoftplus:
      return Softplus(u);
    case kLogistic:
      return Logistic(u);
    default:
      return u;
  }
}

// phi'(u) where r = phi(u).
Real Slope(int transfer, Real r) noexcept {
  switch (transfer) {
    case kTanh:
      return (1 - r) * (1 + r);
    case kSoftplus:
      return static_cast<Real>(-Expm1(-static_cast<double>(r)));  // logistic(u) = 1 - e^-r
    case kLogistic:
      return r * (1 - r);
    default:
      return 1;
  }
}

void Forward(Lanes lanes, const Node& node) noexcept {
  const int transfer = node.params.choice(kTransfer);
  const auto bias = node.params.list(kBias);
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto drive = v.site(kDrive);
    const auto rate = v.column(kRate);
    for (size_t i = 0; i < rate.size(); ++i) {
      rate[i] = Phi(transfer, drive[i] + static_cast<Real>(bias[bias.size() == 1 ? 0 : i]));
    }
  }
}

void Feedback(Lanes lanes, const Node& node) noexcept {
  const int transfer = node.params.choice(kTransfer);
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto topdown = v.site(kTopdown);
    const auto rate = v.column(kRate);
    const auto error = v.column(kError);
    for (size_t i = 0; i < error.size(); ++i) error[i] = Slope(transfer, rate[i]) * topdown[i];
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
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// Rate neurons for node perturbation (Widrow and Lehr 1990; Werfel, Xie, Seung 2005, "Learning
// curves for stochastic gradient descent in linear feedforward networks"): each draws what is added
// to its drive,
//
//   rate = phi(drive + bias + noise),    noise ~ N(0, sigma^2)
//
// and publishes it, and its score d log p / d drive = noise / sigma^2. Nothing but the noise need
// be known of what follows.
//
// With noise in every second step only, the step before shows what the unperturbed net earns; the
// modulator `contrast` takes the difference.
#include "core/base/draws.h"
#include "core/model/component.h"
#include "core/populations/transfer.h"

namespace phasic {
namespace {

enum Param { kTransfer, kBias, kSigma, kNoisy };
enum Site { kDrive };
enum ColumnIndex { kRate, kNoise, kScore };
enum Noisy { kAlways, kSecond };

constexpr const char* kNoisySteps[] = {"always", "second"};
constexpr ParamInfo kParams[] = {
    transfer::kTransfer,
    transfer::kBias,
    {.name = "sigma",
     .description = "standard deviation of the noise",
     .default_value = 0.1,
     .min = 1e-6,
     .max = 1e6,
     .source = "ours: small beside drives of about 1, so that the reward is linear in it",
     .live = true},
    {.name = "noisy",
     .description = "in which steps there is noise: always, or in every second one",
     .source = "always: against a running baseline",
     .choices = kNoisySteps},
};
constexpr SiteInfo kSites[] = {{"drive", "summed input"}};
constexpr ColumnInfo kColumns[] = {
    {.name = "rate", .description = "phi(drive + bias + noise)", .output = true},
    {.name = "noise",
     .description = "what was drawn, of mean 0; 0 when greedy",
     .output = true,
     .drawn = true},
    {.name = "score", .description = "noise / sigma^2", .output = true, .drawn = true},
};

void Check(const Node& node, std::vector<Violation>* violations) {
  transfer::CheckBias(node, kBias, violations);
}

void Forward(Lanes lanes, const Node& node) noexcept {
  const int function = node.params.choice(kTransfer);
  const auto bias = node.params.list(kBias);
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const double sigma = v.param(kSigma);
    const bool first = *lane.state->data<uint64_t>(kAgentStep) % 2 == 0;
    const bool quiet = lane.greedy || (first && node.params.choice(kNoisy) == kSecond);
    const auto drive = v.site(kDrive);
    const auto rate = v.column(kRate), noise = v.column(kNoise), score = v.column(kScore);
    if (!quiet) {
      ForNormals(v.random(), 0, v.size(),
                 [&](int64_t i, double normal) { noise[i] = static_cast<Real>(normal); });
    }
    for (size_t i = 0; i < rate.size(); ++i) {
      noise[i] = quiet ? 0 : static_cast<Real>(sigma * noise[i]);
      score[i] = static_cast<Real>(noise[i] / (sigma * sigma));
      rate[i] = transfer::Phi(function, drive[i] + transfer::BiasOf(bias, i) + noise[i]);
    }
  }
}

}  // namespace

extern const Component kNoisyRatePopulation = {
    .kind = Kind::kPopulation,
    .name = "noisy-rate",
    .summary =
        "Rate neurons that perturb their own drive and publish the perturbation. Greedy: "
        "without noise.",
    .equations =
        "noise ~ N(0, sigma^2)\n"
        "rate = phi(drive + bias + noise)\n"
        "score = noise / sigma^2",
    .source = "Werfel, Xie, Seung 2005, Neural Computation 17",
    .params = kParams,
    .sites = kSites,
    .columns = kColumns,
    .check = Check,
    .forward = Forward,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// The temporal-difference error (Sutton 1988, "Learning to predict by the methods of temporal
// differences"; Sutton and Barto 2018, chapter 6):
//
//   delta = r + gamma V - V_before
//
// V comes from a critic population by its site. V_before is the value that the last update saw,
// under the weights of then. The first update of an episode has no V_before, so it says nothing,
// and a reward that came before it is not learned from. Where an episode is terminated V is 0;
// where it is truncated V is that of the last observation.
#include <algorithm>

#include "core/model/component.h"

namespace phasic {
namespace {

enum Param { kGamma };
enum Site { kValueSite };
enum ColumnIndex { kDelta, kBefore, kPrimed };

constexpr ParamInfo kParams[] = {
    {.name = "gamma",
     .description = "what a reward one step away is worth now",
     .default_value = 0.99,
     .min = 0,
     .max = 1,
     .source = "customary: a horizon of 100 steps"},
};
constexpr SiteInfo kSites[] = {{"value", "the critic's value of what is seen now"}};
constexpr ColumnInfo kColumns[] = {
    {.name = "delta",
     .description = "r + gamma V - V_before",
     .output = true,
     .written = Phase::kModulator},
    {.name = "before", .description = "V at the last update"},
    {.name = "primed",
     .description = "1 after the first update of an episode",
     .type = Type::kU8,
     .extent = Extent::kScalar,
     .max = 1},
};

When EveryStep(const Parameters&) { return When::On(When::Clock::kStep); }

double Discount(const Parameters& params) { return params.number(kGamma); }

void Forward(Lanes lanes, const Node& node) noexcept {
  const Real gamma = static_cast<Real>(node.params.number(kGamma));
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto reward = v.pending();
    const auto value = v.site(kValueSite);
    const auto delta = v.column(kDelta), before = v.column(kBefore);
    uint8_t& primed = v.column_of<uint8_t>(kPrimed)[0];
    for (int i = 0; i < v.size(); ++i) {
      delta[i] = primed != 0 ? reward[i] + gamma * value[i] - before[i] : 0;
      before[i] = value[i];
    }
    v.set_fired(primed != 0);
    primed = 1;
  }
}

// delta is linear in r, and the predictions of the time have done their part.
void Recall(Lanes lanes, const Node& node) noexcept {
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto reward = v.past_reward();
    std::copy(reward.begin(), reward.end(), v.past(kDelta).begin());
  }
}

}  // namespace

extern const Component kTdModulator = {
    .kind = Kind::kModulator,
    .name = "td",
    .summary = "The temporal-difference error between reward and a critic's predictions.",
    .equations = "delta = r + gamma V - V_before",
    .source = "Sutton 1988, Machine Learning 3",
    .params = kParams,
    .sites = kSites,
    .columns = kColumns,
    .when = EveryStep,
    .forward = Forward,
    .discount = Discount,
    .bootstraps = true,
    .recall = Recall,
};

}  // namespace phasic

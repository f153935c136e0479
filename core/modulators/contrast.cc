// SPDX-License-Identifier: Apache-2.0
//
// The difference that a perturbation made (antithetic evaluation; Widrow and Lehr 1990 and Werfel,
// Xie, Seung 2005 compare with the unperturbed net): rewards come in pairs, for the same
// observation shown twice, and the second teaches with
//
//   contrast = r_second - r_first,    central = contrast / 2
//
// The pairs are the steps 2k and 2k + 1 of the agent's life, or its episodes when the clock is
// EPISODE: the same ones that a population with noise in every second step, and a transmission with
// antithetic draws, go by. `contrast` is for pairs without and with a perturbation, `central` for
// those with opposite ones, which differ by twice its effect. A first without its second, and a
// second without its first, teach nothing.
#include "core/model/component.h"

namespace phasic {
namespace {

enum ColumnIndex { kContrast, kCentral, kFirst, kPair };

constexpr ColumnInfo kColumns[] = {
    {.name = "contrast",
     .description = "r_second - r_first",
     .output = true,
     .written = Phase::kModulator},
    {.name = "central", .description = "half of it", .output = true, .written = Phase::kModulator},
    {.name = "first", .description = "r_first, until it has been met", .life = Life::kAdaptive},
    {.name = "pair",
     .description = "of which pair that is, from 1 on; 0: none yet",
     .type = Type::kU64,
     .extent = Extent::kScalar,
     .life = Life::kAdaptive},
};

When OnDelivery(const Parameters&) { return When::On(When::Clock::kDelivery); }

void Check(const Node& node, std::vector<Violation>* violations) {
  if (node.when.clock == When::Clock::kDelivery || node.when.clock == When::Clock::kEpisode) return;
  violations->push_back({"when.clock", "must be DELIVERY or EPISODE: what its pairs are of"});
}

void Forward(Lanes lanes, const Node& node) noexcept {
  const bool episodes = node.when.clock == When::Clock::kEpisode;
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    v.set_fired(false);
    const auto contrast = v.column(kContrast), central = v.column(kCentral),
               first = v.column(kFirst);
    // Counted from 1: a reward that comes between steps is for the last one done.
    const uint64_t number =
        *lane.state->data<uint64_t>(episodes ? kAgentEpisode : kAgentStep) + (episodes ? 1 : 0);
    if (!lane.learning || number == 0) continue;
    const uint64_t of = (number + 1) / 2;
    uint64_t& pair = v.column_of<uint64_t>(kPair)[0];
    const auto reward = v.pending();
    if (number % 2 == 1) {
      for (int i = 0; i < v.size(); ++i) first[i] = reward[i] + (pair == of ? first[i] : 0);
      pair = of;
    } else if (pair == of) {
      // Should more come for the second, it counts by itself: rewards add up.
      for (int i = 0; i < v.size(); ++i) {
        contrast[i] = reward[i] - first[i];
        central[i] = contrast[i] / 2;
        first[i] = 0;
      }
      v.set_fired(true);
    }
  }
}

}  // namespace

extern const Component kContrastModulator = {
    .kind = Kind::kModulator,
    .name = "contrast",
    .summary = "The second reward of a pair minus the first: what a perturbation changed.",
    .equations = "contrast = r_second - r_first\ncentral = contrast / 2",
    .source = "Werfel, Xie, Seung 2005, Neural Computation 17",
    .columns = kColumns,
    .when = OnDelivery,
    .check = Check,
    .forward = Forward,
};

}  // namespace phasic

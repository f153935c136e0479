// SPDX-License-Identifier: Apache-2.0
//
// Reward minus a running baseline (reinforcement comparison: Sutton 1984; Williams 1992, section
// 4):
//
//   advantage = r - b,    then b <- b + alpha (r - b)
//
// The baseline adapts after its use: one that already held r would shrink the advantage to
// (1 - alpha)(r - b). A baseline leaves the mean of a score-based update unchanged and takes
// variance from it.
#include "core/modulators/kinetics.h"

namespace phasic {
namespace {

enum Param { kAlpha, kAbsent, kTau, kTonic };
enum Absent { kNone, kZero };
enum ColumnIndex { kAdvantage, kLevel, kSurprise, kBaseline, kPhasic };

constexpr const char* kAbsentChoices[] = {"none", "zero"};
constexpr ParamInfo kParams[] = {
    {.name = "alpha",
     .description = "how fast the baseline follows the reward",
     .default_value = 0.1,
     .min = 0,
     .max = 1,
     .source = "R-NLA's running mean: <R> += 0.1 (R - <R>)",
     .live = true},
    {.name = "absent",
     .description = "what an update without a delivered reward is: nothing, or a reward of 0",
     .source = "none: the client says when it rewards",
     .choices = kAbsentChoices},
    kinetics::kTau,
    kinetics::kTonic,
};
constexpr ColumnInfo kColumns[] = {
    {.name = "advantage",
     .description = "r - baseline; with tau, its trace; plus tonic",
     .output = true,
     .written = Phase::kModulator},
    {.name = "level", .description = "r", .output = true, .written = Phase::kModulator},
    {.name = "surprise",
     .description = "the advantage without its sign",
     .output = true,
     .written = Phase::kModulator,
     .non_negative = true},
    {.name = "baseline",
     .description = "running mean of the reward",
     .life = Life::kAdaptive,
     .output = true,
     .written = Phase::kModulator},
    kinetics::kPhasic,
};

When WhenOf(const Parameters& params) { return kinetics::WhenOf(params.number(kTau)); }

void Check(const Node& node, std::vector<Violation>* violations) {
  kinetics::Check(node.params.number(kTau), node.when, violations);
}

Kinetics KineticsOf(const Parameters& params) {
  return {params.number(kTau), params.number(kTonic)};
}

void Derive(Node* node) { node->derived = {kinetics::Decay(node->params.number(kTau), node->dt)}; }

void Forward(Lanes lanes, const Node& node) noexcept {
  const Real tonic = static_cast<Real>(node.params.number(kTonic));
  const Real decay = static_cast<Real>(node.derived[0]);
  const bool absent_is_zero = node.params.choice(kAbsent) == kZero;
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const bool rewarded = v.deliveries() > 0 || absent_is_zero;
    const Real alpha = lane.learning && rewarded ? static_cast<Real>(v.param(kAlpha)) : 0;
    const auto reward = v.pending();
    const auto advantage = v.column(kAdvantage), level = v.column(kLevel),
               surprise = v.column(kSurprise), baseline = v.column(kBaseline),
               phasic = v.column(kPhasic);
    for (int i = 0; i < v.size(); ++i) {
      const Real error = rewarded ? reward[i] - baseline[i] : 0;
      phasic[i] = decay * phasic[i] + error;
      advantage[i] = tonic + phasic[i];
      level[i] = reward[i];
      surprise[i] = advantage[i] < 0 ? -advantage[i] : advantage[i];
      baseline[i] += alpha * error;
    }
    v.set_fired(rewarded || decay > 0 || tonic != 0);
  }
}

void Recall(Lanes lanes, const Node& node) noexcept {
  const double tonic = node.params.number(kTonic), decay = node.derived[0];
  const bool standing = kinetics::Standing(node, tonic, decay);
  const Real gain = static_cast<Real>(kinetics::Remaining(decay));
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const Real alpha = lane.learning ? static_cast<Real>(v.param(kAlpha)) : 0;
    const auto reward = v.past_reward();
    const auto advantage = v.past(kAdvantage), level = v.past(kLevel), surprise = v.past(kSurprise),
               past_baseline = v.past(kBaseline), baseline = v.column(kBaseline);
    for (int i = 0; i < v.size(); ++i) {
      const Real error = reward[i] - baseline[i];
      advantage[i] = standing ? gain * error : static_cast<Real>(tonic) + error;
      level[i] = reward[i];
      surprise[i] = advantage[i] < 0 ? -advantage[i] : advantage[i];
      baseline[i] += alpha * error;
      past_baseline[i] = standing ? 0 : baseline[i];
    }
  }
}

}  // namespace

extern const Component kBaselineModulator = {
    .kind = Kind::kModulator,
    .name = "baseline",
    .summary = "Reward minus its running mean.",
    .equations =
        "phasic <- phasic e^(-dt / tau) + (r - baseline)\n"
        "advantage = tonic + phasic\n"
        "surprise = |advantage|\n"
        "then baseline <- baseline + alpha (r - baseline)",
    .source = "Sutton 1984; Williams 1992, Machine Learning 8",
    .params = kParams,
    .columns = kColumns,
    .when = WhenOf,
    .check = Check,
    .derive = Derive,
    .forward = Forward,
    .kinetics = KineticsOf,
    .recall = Recall,
};

}  // namespace phasic

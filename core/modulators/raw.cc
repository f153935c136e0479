// SPDX-License-Identifier: Apache-2.0
//
// The reward as it comes. Its complement serves rules that punish (Barto and Anandan 1985,
// associative reward-penalty: lambda (1 - r) for r in 0..1).
#include "core/modulators/kinetics.h"

namespace phasic {
namespace {

enum Param { kTau, kTonic };
enum ColumnIndex { kLevel, kComplement, kPhasic };

constexpr ParamInfo kParams[] = {kinetics::kTau, kinetics::kTonic};
constexpr ColumnInfo kColumns[] = {
    {.name = "level",
     .description = "tonic + phasic",
     .output = true,
     .written = Phase::kModulator},
    {.name = "complement",
     .description = "1 - level",
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
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto reward = v.pending();
    const auto level = v.column(kLevel), complement = v.column(kComplement),
               phasic = v.column(kPhasic);
    for (int i = 0; i < v.size(); ++i) {
      phasic[i] = decay * phasic[i] + reward[i];
      level[i] = tonic + phasic[i];
      complement[i] = 1 - level[i];
    }
    v.set_fired(v.deliveries() > 0 || decay > 0 || tonic != 0);
  }
}

void Recall(Lanes lanes, const Node& node) noexcept {
  const double tonic = node.params.number(kTonic), decay = node.derived[0];
  const bool standing = kinetics::Standing(node, tonic, decay);
  const Real gain = static_cast<Real>(kinetics::Remaining(decay));
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    const auto reward = v.past_reward();
    const auto level = v.past(kLevel), complement = v.past(kComplement);
    for (int i = 0; i < v.size(); ++i) {
      level[i] = standing ? gain * reward[i] : static_cast<Real>(tonic) + reward[i];
      complement[i] = standing ? -level[i] : 1 - level[i];
    }
  }
}

}  // namespace

extern const Component kRawModulator = {
    .kind = Kind::kModulator,
    .name = "raw",
    .summary = "The reward as it comes, at once or, with tau, decaying as dopamine does.",
    .equations =
        "phasic <- phasic e^(-dt / tau) + r\nlevel = tonic + phasic\ncomplement = 1 - level",
    .source = "Williams 1992; kinetics: Izhikevich 2007, Cerebral Cortex 17",
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

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/base/math.h"
#include "core/model/component.h"

namespace phasic {

// The optional kinetics of a modulator: its level does not end with the reward that raised it, but
// decays over `tau`, as dopamine is cleared from the extracellular space (Izhikevich 2007):
//
//   phasic <- phasic e^(-dt / tau) + reward,    level = tonic + phasic
//
// One reward is thus applied about tau / dt times. Without tau (0) the level is tonic + reward, for
// the update that takes the reward. A modulator with tau updates, and gates, in every tick.
namespace kinetics {

inline constexpr ParamInfo kTau = {
    .name = "tau",
    .description = "time constant over which a reward's effect decays; 0: it acts once, at once",
    .unit = "ms",
    .default_value = 0,
    .min = 0,
    .max = 1e9,
    .source = "0: none; Izhikevich 2007 has 200"};
inline constexpr ParamInfo kTonic = {.name = "tonic",
                                     .description = "added to the level always",
                                     .default_value = 0,
                                     .min = -1e6,
                                     .max = 1e6,
                                     .source = "0: none; Izhikevich 2007 has 0.002"};
inline constexpr ColumnInfo kPhasic = {
    .name = "phasic", .description = "what is left of past rewards, without tonic"};

inline When WhenOf(double tau) {
  return When::On(tau > 0 ? When::Clock::kTick : When::Clock::kDelivery);
}

// Kinetics follow simulated time, so they need a clock that does.
inline void Check(double tau, const When& when, std::vector<Violation>* violations) {
  if (tau == 0 || when.clock == When::Clock::kTick || when.clock == When::Clock::kEvery) return;
  violations->push_back({"when.clock", "must be TICK or EVERY for a modulator with tau"});
}

// What a tick leaves of `phasic`: 0 without tau.
inline double Decay(double tau, double dt) { return tau > 0 ? Exp(-dt / tau) : 0; }

// Whether the level gates within ticks without any reward. Then the effect of one is what it adds,
// and that is Remaining(decay) times the reward over all of the updates to come; else it is all of
// the level of the one update that takes the reward.
inline bool Standing(const Node& node, double tonic, double decay) {
  const bool between_ticks =
      node.when.clock == When::Clock::kDelivery || node.when.clock == When::Clock::kEpisode;
  return !between_ticks && (decay > 0 || tonic != 0);
}
inline double Remaining(double decay) { return 1 / (1 - decay); }

}  // namespace kinetics
}  // namespace phasic

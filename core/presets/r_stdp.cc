// SPDX-License-Identifier: Apache-2.0
//
// Spiking neurons that vote, and learn by reward-modulated STDP (core/presets/spiking.h):
//
//   input -> output by r-stdp, gated by `reward` (baseline)
#include "core/presets/spiking.h"

namespace phasic {
namespace {

enum Param { kTauE = spiking::kVoterParams, kAlpha };

constexpr int kTicks = 200;  // of 1 ms: a step is long enough for a vote

constexpr ParamInfo kParams[] = {
    spiking::kFibresParam,
    spiking::kNeuronsParam,
    spiking::LearningRateParam(0.01, "measured on three contexts with three answers"),
    spiking::kInhibitionParam,
    {.name = "tau_e",
     .description = "time constant of the trace: how late a reward may come",
     .unit = "ms",
     .default_value = 200,
     .min = 1e-3,
     .max = 1e9,
     .source = "ours: a step"},
    {.name = "alpha",
     .description = "how fast the baseline follows the reward",
     .default_value = 0.05,
     .min = 0,
     .max = 1,
     .source = "ours: the mean of about 20 rewards"},
};

std::map<std::string, Space> Spaces() {
  return {{"observation", Space::Discrete(3)}, {"action", Space::Discrete(3)}};
}

CircuitSpec Build(const Parameters& params, const std::map<std::string, Space>& spaces,
                  std::vector<Violation>* violations) {
  CircuitSpec s;
  RuleSpec rule{.name = "r-stdp", .parameters = {{"tau_e", params.number(kTauE)}}};
  spiking::AddVoters(params, spaces, kTicks, std::move(rule), &s, violations);
  s.modulators = {
      {.name = "reward", .model = "baseline", .parameters = {{"alpha", params.number(kAlpha)}}}};
  return s;
}

}  // namespace

extern const Preset kRStdpPreset = {
    .name = "r-stdp",
    .summary = "Spiking neurons that vote, and learn by reward-modulated STDP.",
    .description =
        "For decisions that are rewarded one by one: spikes that carry the observation drive "
        "spiking neurons with escape noise, each of which votes for an alternative and "
        "inhibits the others; synapses whose spikes came before those of the target grow when "
        "the reward is above its mean, and shrink when it is below (Fremaux and Gerstner "
        "2016). A step is 200 ms of simulated time. The observation may be any space; the "
        "action must be Discrete or MultiDiscrete. Rewards go to the channel `reward`, soon "
        "after their step: tau_e says how late they may come. End episodes where decisions have "
        "nothing to do with each other.",
    .params = kParams,
    .spaces = Spaces,
    .build = Build,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// Spiking neurons that vote, and learn by modulated STDP with eligibility trace, after Florian 2007
// (core/presets/spiking.h):
//
//   input -> output by mstdpet, gated by `reward` (raw)
#include "core/presets/spiking.h"

namespace phasic {
namespace {

constexpr int kTicks = 50;  // of 1 ms: rewards must come within a few of tau_z

constexpr ParamInfo kParams[] = {
    spiking::kFibresParam,
    spiking::kNeuronsParam,
    spiking::LearningRateParam(0.01, "measured on two contexts with two answers"),
    spiking::kInhibitionParam,
};

std::map<std::string, Space> Spaces() {
  return {{"observation", Space::Discrete(2)}, {"action", Space::Discrete(2)}};
}

CircuitSpec Build(const Parameters& params, const std::map<std::string, Space>& spaces,
                  std::vector<Violation>* violations) {
  CircuitSpec s;
  spiking::AddVoters(params, spaces, kTicks, {.name = "mstdpet"}, &s, violations);
  s.modulators = {{.name = "reward", .model = "raw"}};
  return s;
}

}  // namespace

extern const Preset kMstdpetPreset = {
    .name = "mstdpet",
    .summary = "Spiking neurons that vote, and learn by modulated STDP with eligibility trace.",
    .description =
        "For decisions that are rewarded or punished at once: as the preset r-stdp, but the reward "
        "is taken as it comes, without a baseline (MSTDPET, Florian 2007), and the trace lasts 25 "
        "ms. So rewards should be as often below 0 as above while nothing is known, e.g. 1 for "
        "right and -1 for wrong of two. A step is 50 ms of simulated time. The observation may be "
        "any space; the action must be Discrete or MultiDiscrete. Rewards go to the channel "
        "`reward`, after each step.",
    .params = kParams,
    .spaces = Spaces,
    .build = Build,
};

}  // namespace phasic

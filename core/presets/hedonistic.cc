// SPDX-License-Identifier: Apache-2.0
//
// Hedonistic synapses onto spiking neurons (Seung 2003):
//
//   observation -> input (Poisson spikes) -> output (lif) -> action
//                  bias (a spike each ms) -> output
//
// All synapses release by chance; reward (baseline) gates them, at once. A step is `window` ticks
// of 1 ms, and the action is read from the spikes of that time.
#include "core/presets/ends.h"

namespace phasic {
namespace {

enum Param { kLearningRate, kWindow, kTau, kAlpha };

constexpr ParamInfo kParams[] = {
    {.name = "learning_rate",
     .description = "of the release probabilities' q, for rewards that differ by about 1",
     .default_value = 0.1,
     .min = 0,
     .max = 1e6,
     .source = "measured on 4 contexts with 3 arms, rewards 0 and 1"},
    {.name = "window",
     .description = "time of a step, in which the output neurons spike for an action",
     .unit = "ms",
     .default_value = 40,
     .min = 1,
     .max = 10000,
     .source = "ours: twice the membrane's time constant",
     .integer = true},
    {.name = "tau",
     .description = "time constant of the eligibility trace",
     .unit = "ms",
     .default_value = 40,
     .min = 1e-3,
     .max = 1e9,
     .source = "ours: the window"},
    {.name = "alpha",
     .description = "how fast the baseline follows the reward",
     .default_value = 0.05,
     .min = 0,
     .max = 1,
     .source = "ours: the mean of about 20 rewards"},
};

constexpr double kAmplitude = 15;  // nA: three releases at once make a neuron fire
constexpr double kOnRate = 50;     // Hz: where a bit turns

std::map<std::string, Space> Spaces() {
  return {{"observation", Space::Discrete(4)}, {"action", Space::Discrete(3)}};
}

CircuitSpec Build(const Parameters& params, const std::map<std::string, Space>& spaces,
                  std::vector<Violation>* violations) {
  const Space& action = spaces.at("action");
  if (action.kind == Space::Kind::kBox) {
    violations->push_back({"spaces.action",
                           "must be Discrete, MultiDiscrete or MultiBinary: spikes are counted, "
                           "and a count is no number within bounds"});
    return {};
  }
  const Space& observation = spaces.at("observation");
  const bool box = observation.kind == Space::Kind::kBox;
  for (int i = 0; box && i < observation.size(); ++i) {
    if (ends::Bounded(observation, i)) continue;
    violations->push_back(
        {"spaces.observation", "must be bounded: what is at the upper bound spikes most often"});
    return {};
  }
  CircuitSpec s;
  s.ticks_per_step = static_cast<int>(params.number(kWindow));
  s.inputs = {{.name = "observation",
               .space = observation,
               .encoder = "poisson",
               .parameters = {{"max_rate", 500.0}},
               .target = "input"}};
  const int units = observation.choices() > 0 ? observation.alternatives() : observation.size();
  s.populations = {ends::Rate("input", units), ends::Bias()};
  ends::AddReadout("output", action, "lif", &s);
  s.populations.back().parameters = {{"tau_rate", params.number(kWindow) / 2}};
  s.outputs.back().source = "output.rate";
  if (action.kind == Space::Kind::kMultiBinary) {
    s.outputs.back().parameters = {{"threshold", kOnRate}};
  }
  const auto learn = [&](const char* name, const char* source, double q) {
    ProjectionSpec p{.name = name, .source = source, .target = "output"};
    p.initial.mean = q;
    p.transmission = {"stochastic-release", {{"amplitude", kAmplitude}}};
    p.rule = {.name = "hedonistic",
              .parameters = {{"learning_rate", params.number(kLearningRate)},
                             {"tau", params.number(kTau)}},
              .bindings = {{"reward", "reward"}}};
    s.projections.push_back(std::move(p));
  };
  learn("output_weights", "input", -1);
  learn("output_bias", "bias", -4);
  s.modulators = {{.name = "reward",
                   .model = "baseline",
                   .size = 1,
                   .parameters = {{"alpha", params.number(kAlpha)}}}};
  return s;
}

}  // namespace

extern const Preset kHedonisticPreset = {
    .name = "hedonistic",
    .summary =
        "Spiking neurons whose synapses release by chance, and do more of what was rewarded.",
    .description =
        "For tasks in which every choice is rewarded at once: each observation becomes spikes, "
        "each of which a synapse passes on or not, and the probability of it follows the "
        "gradient of the reward (Seung 2003). The output neurons integrate and fire; the one "
        "that fired most is the choice, the first of equals. A Box observation must have bounds, "
        "and the action be Discrete, MultiDiscrete or MultiBinary. Rewards go to the channel "
        "`reward` and are "
        "learned from at once, against their running mean.",
    .params = kParams,
    .spaces = Spaces,
    .build = Build,
};

}  // namespace phasic

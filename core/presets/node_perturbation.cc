// SPDX-License-Identifier: Apache-2.0
//
// Node perturbation in a net with one hidden layer (presets/perturbed.h): every neuron adds noise
// to its drive.
#include "core/presets/perturbed.h"

namespace phasic {
namespace {

enum Param { kHidden, kLearningRate, kSigma, kAlpha };

constexpr ParamInfo kParams[] = {
    {.name = "hidden",
     .description = "hidden neurons",
     .default_value = 16,
     .min = 1,
     .max = 65536,
     .source = "ours",
     .integer = true},
    {.name = "learning_rate",
     .description = "of all weights, for rewards that differ by about 1",
     .default_value = 0.002,
     .min = 0,
     .max = 1e6,
     .source = "measured on the product and the difference of two numbers, by squared error"},
    {.name = "sigma",
     .description = "standard deviation of the noise; of the output of a Box action, as a part of "
                    "half its narrowest range",
     .default_value = 0.1,
     .min = 1e-6,
     .max = 1e6,
     .source = "as the population's"},
    {.name = "alpha",
     .description = "how fast the baseline follows the reward",
     .default_value = 0.05,
     .min = 0,
     .max = 1,
     .source = "ours: the mean of about 20 rewards"},
};

std::map<std::string, Space> Spaces() {
  return {{"observation", Space::Box({2}, {-1}, {1})}, {"action", Space::Box({2}, {-1}, {1})}};
}

CircuitSpec Build(const Parameters& params, const std::map<std::string, Space>& spaces,
                  std::vector<Violation>*) {
  PerturbedNet net;
  net.hidden = static_cast<int>(params.number(kHidden));
  net.alpha = params.number(kAlpha);
  net.model = "noisy-rate";
  net.neurons = [&](PopulationSpec* population, double unit) {
    population->parameters["sigma"] = params.number(kSigma) * unit;
  };
  net.synapses = [&](ProjectionSpec* projection, double unit) {
    projection->rule.name = "node-perturbation";
    projection->rule.parameters = {{"learning_rate", params.number(kLearningRate) * unit * unit}};
  };
  return BuildPerturbed(net, spaces);
}

}  // namespace

extern const Preset kNodePerturbationPreset = {
    .name = "node-perturbation",
    .summary = "A net with one hidden layer whose neurons learn from the noise that they add.",
    .description =
        "For tasks in which every action is rewarded at once, best with an action of real "
        "numbers: each neuron adds noise to its drive, and what was followed by more reward "
        "than usual is kept (Williams 1992; Werfel, Xie, Seung 2005). The action itself is "
        "not drawn, so a Discrete one is the most active unit of the perturbed net. The "
        "rule knows nothing of the net, so anything may stand in its place. Rewards go to "
        "the channel `reward` and are learned from at once, against their running mean. "
        "Learning takes as many more trials than by the gradient as there are neurons.",
    .params = kParams,
    .spaces = Spaces,
    .build = Build,
};

}  // namespace phasic

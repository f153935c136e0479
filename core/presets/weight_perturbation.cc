// SPDX-License-Identifier: Apache-2.0
//
// Weight perturbation in a net with one hidden layer (presets/perturbed.h): every weight is
// perturbed anew in each step.
#include "core/presets/perturbed.h"

namespace phasic {
namespace {

enum Param { kHidden, kLearningRate, kSigma, kAlpha };

constexpr ParamInfo kParams[] = {
    {.name = "hidden",
     .description = "hidden neurons",
     .default_value = 8,
     .min = 1,
     .max = 65536,
     .source = "ours: each brings weights, and each weight noise",
     .integer = true},
    {.name = "learning_rate",
     .description = "of all weights, for rewards that differ by about 1",
     .default_value = 0.0006,
     .min = 0,
     .max = 1e6,
     .source = "measured on the product and the difference of two numbers, by squared error"},
    {.name = "sigma",
     .description = "standard deviation of the noise of a weight; of those to the output of a Box "
                    "action, as a part of half its narrowest range",
     .default_value = 0.05,
     .min = 1e-6,
     .max = 1e6,
     .source = "measured with the learning rate"},
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
  net.model = "rate";
  net.neurons = [](PopulationSpec*, double) {};
  net.synapses = [&](ProjectionSpec* projection, double unit) {
    projection->transmission = {"noisy-weight", {{"sigma", params.number(kSigma) * unit}}};
    projection->rule.name = "weight-perturbation";
    projection->rule.parameters = {{"learning_rate", params.number(kLearningRate) * unit * unit}};
  };
  return BuildPerturbed(net, spaces);
}

}  // namespace

extern const Preset kWeightPerturbationPreset = {
    .name = "weight-perturbation",
    .summary = "A net with one hidden layer whose weights learn from the noise that they have.",
    .description =
        "As `node-perturbation`, with noise at every weight instead of every neuron: the rule "
        "that knows least, not even what is active where (Minsky 1954; Jabri and Flower "
        "1992; Seung 2003). The noise comes from the agent's counter and is made again when "
        "the reward comes, so it takes no memory. Rewards go to the channel `reward` and are "
        "learned from at once, against their running mean. Learning takes as many more trials "
        "than by the gradient as there are weights: for small nets.",
    .params = kParams,
    .spaces = Spaces,
    .build = Build,
};

}  // namespace phasic

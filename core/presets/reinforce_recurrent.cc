// SPDX-License-Identifier: Apache-2.0
//
// REINFORCE in a recurrent net of Bernoulli-logistic units (Williams 1992, section 4: networks with
// feedback, unfolded in time):
//
//   observation -> input -> hidden -> policy -> action
//                  hidden -> hidden, one step later
//                  bias  -> hidden, policy            reward (baseline) gates all five, per episode
#include "core/base/math.h"
#include "core/presets/ends.h"

namespace phasic {
namespace {

enum Param { kHidden, kLearningRate, kAlpha, kTemperature, kSigma };

constexpr ParamInfo kParams[] = {
    {.name = "hidden",
     .description = "recurrent neurons",
     .default_value = 16,
     .min = 1,
     .max = 16384,
     .source = "ours",
     .integer = true},
    {.name = "learning_rate",
     .description = "of all weights, for an episode's summed rewards of about 1",
     .default_value = 0.05,
     .min = 0,
     .max = 1e6,
     .source = "measured on answering with what was seen one step before; more is noise that "
               "settles it on one answer"},
    {.name = "alpha",
     .description = "how fast the baseline follows the summed rewards of episodes",
     .default_value = 0.05,
     .min = 0,
     .max = 1,
     .source = "ours: the mean of about 20 episodes"},
    ends::kTemperature,
    ends::kSigma,
};

std::map<std::string, Space> Spaces() {
  return {{"observation", Space::Discrete(3)}, {"action", Space::Discrete(2)}};
}

CircuitSpec Build(const Parameters& params, const std::map<std::string, Space>& spaces,
                  std::vector<Violation>* violations) {
  CircuitSpec s;
  const int units = ends::AddPlainObservation(spaces.at("observation"), "input", &s);
  const int hidden = static_cast<int>(params.number(kHidden));
  s.populations = {ends::Rate("input", units),
                   ends::Bias(),
                   {.name = "hidden", .model = "bernoulli", .size = hidden}};
  const ends::Policy policy =
      ends::AddPolicy("policy", spaces.at("action"), params, kTemperature, kSigma, &s, violations);
  const auto learn = [&](const char* name, const char* source, const char* target, double scale) {
    ProjectionSpec p{.name = name, .source = source, .target = target};
    p.rule.name = "reinforce";
    p.rule.parameters = {{"learning_rate", params.number(kLearningRate) * scale}};
    p.rule.bindings = {{"reward", "reward"}};
    s.projections.push_back(std::move(p));
    return &s.projections.back();
  };
  // Neurons must differ from the start, or they all learn the same.
  learn("hidden_weights", "input", "hidden", 1)->initial = {
      InitialWeights::Distribution::kNormal, 0, 2 / Sqrt(units), {}};
  ProjectionSpec* recurrent = learn("recurrent_weights", "hidden", "hidden.drive", 1);
  recurrent->delay = 1;
  recurrent->initial = {InitialWeights::Distribution::kNormal, 0, 2 / Sqrt(hidden), {}};
  learn("hidden_bias", "bias", "hidden", 1);
  learn("policy_weights", "hidden", "policy", policy.rate_scale);
  learn("policy_bias", "bias", "policy", policy.rate_scale)->initial =
      ends::NeutralWeights(policy, 1);
  s.modulators = {
      {.name = "reward",
       .model = "baseline",
       .size = 1,
       .parameters = {{"alpha", params.number(kAlpha)}, {"absent", std::string("zero")}},
       .when = When::On(When::Clock::kEpisode)}};
  return s;
}

}  // namespace

extern const Preset kReinforceRecurrentPreset = {
    .name = "reinforce-recurrent",
    .summary = "REINFORCE in a recurrent net of stochastic neurons, which may remember.",
    .description =
        "As `reinforce`, for tasks in which what to do depends on what was seen before: the "
        "hidden neurons see each other as they were one step before, so that they can hold "
        "what will be needed. Every neuron follows the gradient of the expected return by "
        "the sum of its scores over the episode, which is exact however far back a draw "
        "mattered (Williams 1992); no error is carried back in time. Weights change when an "
        "episode ends, so say TERMINATED or TRUNCATED, and the net begins the next one from "
        "rest. Rewards go to the channel `reward`. Its noise grows with the length of "
        "episodes and the number of neurons: for memories of a few steps.",
    .params = kParams,
    .spaces = Spaces,
    .build = Build,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// REINFORCE in a net with one hidden layer (Williams 1992):
//
//   observation -> input -> hidden -> policy -> action
//                  bias  -> hidden, policy            reward (baseline) gates all four, per episode
#include "core/base/math.h"
#include "core/presets/ends.h"

namespace phasic {
namespace {

enum Param { kHidden, kLearningRate, kAlpha, kTemperature, kSigma };

constexpr ParamInfo kParams[] = {
    {.name = "hidden",
     .description = "hidden neurons",
     .default_value = 16,
     .min = 1,
     .max = 65536,
     .source = "ours",
     .integer = true},
    {.name = "learning_rate",
     .description = "of all weights, for an episode's summed rewards of about 1",
     .default_value = 0.3,
     .min = 0,
     .max = 1e6,
     .source = "measured on copying three bits inverted"},
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
  return {{"observation", Space::MultiBinary(2)}, {"action", Space::Discrete(2)}};
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
  // Hidden neurons must differ from the start, or they all learn the same.
  learn("hidden_weights", "input", "hidden", 1)->initial = {
      InitialWeights::Distribution::kNormal, 0, 2 / Sqrt(units), {}};
  learn("hidden_bias", "bias", "hidden", 1);
  learn("policy_weights", "hidden", "policy", policy.rate_scale);
  learn("policy_bias", "bias", "policy", policy.rate_scale)->initial =
      ends::NeutralWeights(policy, 1);
  // An episode without a reward is one of return 0, and teaches.
  s.modulators = {
      {.name = "reward",
       .model = "baseline",
       .size = 1,
       .parameters = {{"alpha", params.number(kAlpha)}, {"absent", std::string("zero")}},
       .when = When::On(When::Clock::kEpisode)}};
  return s;
}

}  // namespace

extern const Preset kReinforcePreset = {
    .name = "reinforce",
    .summary = "REINFORCE with one hidden layer of stochastic neurons, rewarded per episode.",
    .description =
        "For tasks whose episodes are rewarded as a whole: every neuron that draws, hidden "
        "or at the output, follows the gradient of the expected return by its own score "
        "(Williams 1992), against a running baseline. Weights change when an episode ends, "
        "so say TERMINATED or TRUNCATED; an episode without a reward counts as one of "
        "return 0. A Discrete observation has one input unit for each value, a "
        "MultiDiscrete one for each value of each choice; bits, and the numbers of a Box, "
        "are scaled from their bounds to -1..1; a Box without bounds is normalised by "
        "running statistics. The action may be Discrete or MultiDiscrete (softmax), Box "
        "(Gaussian) or MultiBinary (Bernoulli). Rewards go to the channel `reward`. Returns "
        "much larger than 1 need a smaller learning_rate. One scalar for all neurons has "
        "local maxima: on exclusive or it stays at three patterns of four.",
    .params = kParams,
    .spaces = Spaces,
    .build = Build,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// A contextual bandit:
//
//   observation -> context -> policy -> action
//                  bias    -> policy                  where the context is no one-hot code
//
// The modulator `reward` (baseline) gates what leads to the policy, and acts at once.
#include "core/base/limits.h"
#include "core/presets/ends.h"

namespace phasic {
namespace {

enum Param { kLearningRate, kTau, kAlpha, kTemperature, kSigma, kRewardWindow };

constexpr ParamInfo kParams[] = {
    {.name = "learning_rate",
     .description = "of the weights from context to policy",
     .default_value = 0.2,
     .min = 0,
     .max = 1e6,
     .source = "measured on 4 contexts with 3 arms, rewards 0 and 1"},
    {.name = "tau",
     .description = "time constant of the eligibility trace; one decision takes 1 ms, so also "
                    "how many decisions late a reward may come",
     .unit = "ms",
     .default_value = 2,
     .min = 1e-3,
     .max = 1e9,
     .source = "measured with rewards up to 3 decisions late, and with none late"},
    {.name = "alpha",
     .description = "how fast the baseline follows the reward",
     .default_value = 0.05,
     .min = 0,
     .max = 1,
     .source = "ours: the mean of about 20 rewards"},
    ends::kTemperature,
    ends::kSigma,
    {.name = "reward_window",
     .description = "decisions back to which a reward may name the one that it is for",
     .default_value = 0,
     .min = 0,
     .max = limits::kMaxRewardWindow,
     .source = "0: rewards meet the trace",
     .integer = true},
};

std::map<std::string, Space> Spaces() {
  return {{"observation", Space::Discrete(4)}, {"action", Space::Discrete(3)}};
}

CircuitSpec Build(const Parameters& params, const std::map<std::string, Space>& spaces,
                  std::vector<Violation>* violations) {
  CircuitSpec s;
  s.reward_window = static_cast<int>(params.number(kRewardWindow));
  const Space& observation = spaces.at("observation");
  const int units = ends::AddPlainObservation(observation, "context", &s);
  s.populations = {ends::Rate("context", units)};
  const ends::Policy policy =
      ends::AddPolicy("policy", spaces.at("action"), params, kTemperature, kSigma, &s, violations);
  const auto learn = [&](const char* name, const char* source) {
    ProjectionSpec p{.name = name, .source = source, .target = "policy"};
    p.rule.name = "reinforce-trace";
    p.rule.parameters = {{"learning_rate", params.number(kLearningRate) * policy.rate_scale},
                         {"tau", params.number(kTau)}};
    p.rule.bindings = {{"reward", "reward"}};
    s.projections.push_back(std::move(p));
  };
  learn("policy_weights", "context");
  const bool one_hot = observation.choices() > 0;
  if (!one_hot) {
    s.populations.push_back(ends::Bias());
    learn("policy_bias", "bias");
  }
  // The last source is one that is always on: a one-hot code or the bias.
  s.projections.back().initial = one_hot
                                     ? ends::NeutralWeights(policy, units, observation.choices())
                                     : ends::NeutralWeights(policy, 1);
  s.modulators = {{.name = "reward",
                   .model = "baseline",
                   .size = 1,
                   .parameters = {{"alpha", params.number(kAlpha)}}}};
  return s;
}

}  // namespace

extern const Preset kBanditPreset = {
    .name = "bandit",
    .summary = "A contextual bandit: each reward teaches the choices just made.",
    .description =
        "For tasks in which an action has no consequence but its own reward, which may come "
        "some decisions late: preferences of each action in each context follow the "
        "gradient of the mean reward (the gradient bandit of Sutton and Barto 2018, section "
        "2.8; with a trace, OLPOMDP, Baxter and Bartlett 2001). Rewards go to the channel "
        "`reward` and are learned from at once, against their running mean. A Discrete "
        "observation has its own preferences for each value; those of a MultiDiscrete one "
        "add up over its choices; bits and numbers enter linearly, scaled from their bounds "
        "to -1..1; a Box without bounds is normalised by running statistics. It needs no "
        "ends of episodes. Raise tau for later rewards; the "
        "longer the trace, the noisier the learning. With a reward_window a reward may name its "
        "step instead, and then comes as late as it likes inside the window: choose tau small.",
    .params = kParams,
    .spaces = Spaces,
    .build = Build,
};

}  // namespace phasic

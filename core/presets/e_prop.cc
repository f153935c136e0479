// SPDX-License-Identifier: Apache-2.0
//
// Reward-based e-prop (Bellec, Scherr, Subramoney, Hajek, Salaj, Legenstein, Maass 2020):
//
//   observation -> input -> net, net -> net          spiking neurons, some with adaptation
//                  bias  -> net, policy
//   net -> policy -> action, net -> critic           leaky read-outs, once a step
//   policy.score, critic -> net.learning             the learning signals, by the read-outs'
//   weights critic -> reward.value                           reward (td) gates whatever learns
#include <algorithm>
#include <cmath>

#include "core/base/math.h"
#include "core/presets/ends.h"

namespace phasic {
namespace {

enum Param {
  kNeurons,
  kAdaptive,
  kTauA,
  kBeta,
  kTicks,
  kGamma,
  kLambda,
  kLearningRate,
  kActorRate,
  kCriticRate,
  kTemperature,
  kSigma
};

constexpr ParamInfo kParams[] = {
    {.name = "neurons",
     .description = "neurons of the net",
     .default_value = 50,
     .min = 1,
     .max = 10000,
     .source = "ours",
     .integer = true},
    {.name = "adaptive",
     .description = "share of the neurons whose threshold adapts",
     .default_value = 0.5,
     .min = 0,
     .max = 1,
     .source = "Bellec et al. 2020, evidence accumulation: 50 of 100"},
    {.name = "tau_a",
     .description = "time constant of the adaptation: how long the net can remember",
     .unit = "ms",
     .default_value = 300,
     .min = 1e-3,
     .max = 1e9,
     .source = "ours: a few times the delay of the task"},
    {.name = "beta",
     .description = "what a spike adds to the threshold of those neurons, which is 0.6",
     .default_value = 0.1,
     .min = 0,
     .max = 1e6,
     .source = "Bellec et al. 2020, Pong"},
    {.name = "ticks",
     .description = "ticks, of 1 ms, that the net runs in a step",
     .default_value = 5,
     .min = 1,
     .max = 1000,
     .source = "Bellec et al. 2020, Pong",
     .integer = true},
    {.name = "gamma",
     .description = "what a reward one step away is worth now",
     .default_value = 0.9,
     .min = 0,
     .max = 1,
     .source = "ours: a horizon of 10 steps"},
    {.name = "lambda",
     .description = "how much of the traces a step leaves, times gamma: for actions whose rewards "
                    "come later. What was seen earlier is remembered without it",
     .default_value = 0,
     .min = 0,
     .max = 1,
     .source = "measured on holding a cue; Bellec et al. 2020: 1"},
    {.name = "learning_rate",
     .description = "of the weights to the net",
     .default_value = 2e-4,
     .min = 0,
     .max = 1e6,
     .source = "measured on holding a cue"},
    {.name = "actor_rate",
     .description = "learning rate of the policy's weights, times the number of neurons",
     .default_value = 0.25,
     .min = 0,
     .max = 1e6,
     .source = "measured on holding a cue"},
    {.name = "critic_rate",
     .description = "learning rate of the critic's weights, times the number of neurons",
     .default_value = 0.05,
     .min = 0,
     .max = 1e6,
     .source = "measured on holding a cue"},
    ends::kTemperature,
    ends::kSigma,
};

std::map<std::string, Space> Spaces() {
  return {{"observation", Space::MultiBinary(2)}, {"action", Space::Discrete(2)}};
}

PopulationSpec Net(const Parameters& params) {
  const int neurons = static_cast<int>(params.number(kNeurons));
  const int adaptive = static_cast<int>(std::round(params.number(kAdaptive) * neurons));
  std::vector<double> beta(neurons, 0.0);
  std::fill_n(beta.begin(), adaptive, params.number(kBeta));
  return {.name = "net",
          .model = "alif",
          .size = neurons,
          .parameters = {{"tau_a", params.number(kTauA)}, {"beta", std::move(beta)}}};
}

CircuitSpec Build(const Parameters& params, const std::map<std::string, Space>& spaces,
                  std::vector<Violation>* violations) {
  CircuitSpec s;
  s.ticks_per_step = static_cast<int>(params.number(kTicks));
  const int units = ends::AddPlainObservation(spaces.at("observation"), "input", &s);
  s.populations = {ends::Rate("input", units), ends::Bias(), Net(params), ends::Rate("critic", 1)};
  const ends::Policy policy =
      ends::AddPolicy("policy", spaces.at("action"), params, kTemperature, kSigma, &s, violations);
  for (PopulationSpec& p : s.populations) {
    if (p.name == "policy" || p.name == "critic") p.when = When::On(When::Clock::kStep);
  }
  const auto learn = [&](const char* name, const char* source, const char* target, const char* rule,
                         double rate) {
    ProjectionSpec p{.name = name, .source = source, .target = target};
    p.rule.name = rule;
    p.rule.parameters = {{"learning_rate", rate}, {"lambda", params.number(kLambda)}};
    p.rule.bindings = {{"td", "reward"}};
    s.projections.push_back(std::move(p));
    return &s.projections.back();
  };
  const double neurons = params.number(kNeurons);
  const double net_rate = params.number(kLearningRate);
  const double actor_rate = params.number(kActorRate) / neurons * policy.rate_scale;
  const auto normal = [](double mean, double spread) {
    return InitialWeights{InitialWeights::Distribution::kNormal, mean, spread, {}};
  };
  learn("input_weights", "input", "net.drive", "e-prop", net_rate)->initial = normal(0, 0.2);
  learn("net_bias", "bias", "net.drive", "e-prop", net_rate)->initial = normal(0.03, 0.02);
  ProjectionSpec* recurrent = learn("net_weights", "net.spike", "net.drive", "e-prop", net_rate);
  recurrent->delay = 1;
  recurrent->initial = normal(0, 0.5 / Sqrt(neurons));
  learn("policy_weights", "net.filtered", "policy.drive", "td-actor", actor_rate);
  learn("policy_bias", "bias", "policy.drive", "td-actor", actor_rate)->initial =
      ends::NeutralWeights(policy, 1);
  learn("value_weights", "net.filtered", "critic", "td-critic",
        params.number(kCriticRate) / neurons);
  ProjectionSpec value{.name = "value", .source = "critic", .target = "reward.value"};
  value.initial.mean = 1;
  ProjectionSpec score{.name = "policy_signal", .source = "policy.score", .target = "net.learning"};
  score.transpose_of = "policy_weights";
  ProjectionSpec slope{.name = "value_signal", .source = "bias", .target = "net.learning"};
  slope.transpose_of = "value_weights";
  s.projections.insert(s.projections.end(), {value, score, slope});
  s.modulators = {{.name = "reward",
                   .model = "td",
                   .size = 1,
                   .parameters = {{"gamma", params.number(kGamma)}}}};
  return s;
}

}  // namespace

extern const Preset kEPropPreset = {
    .name = "e-prop",
    .summary =
        "A recurrent net of spiking neurons that learns by reward-based e-prop: for tasks that "
        "need memory.",
    .description =
        "For tasks in which what matters was seen some time ago: spiking neurons with recurrent "
        "connections, half of which adapt their threshold and so remember for hundreds of "
        "milliseconds, learn by eligibility traces that each synapse computes forward in time "
        "and by learning signals from the policy and the critic, through the read-outs' own "
        "weights (Bellec et al. 2020). A step runs the net for some ticks of 1 ms; the read-outs "
        "see its spikes with a leak of 20 ms, at the step's end. Bits drive the net as 0 or 1, "
        "the numbers of a Box scaled to -1..1, a Discrete observation has one input for each "
        "value; nothing seen is best told as 0, for a constant input hides the rest. The action "
        "may be Discrete or MultiDiscrete (softmax), Box (Gaussian) or MultiBinary (Bernoulli). "
        "Rewards of about 1 go to the channel `reward`; say TERMINATED and TRUNCATED truthfully, "
        "for an end of episode also clears the net.",
    .params = kParams,
    .spaces = Spaces,
    .build = Build,
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// A network of spiking neurons that learns from dopamine (Izhikevich 2007):
//
//   observation -> input -> exc (the first ones)          exc -> exc, inh   learn: da-stdp
//   exc (the first ones) -> watched -> action             inh -> exc        fixed
//
// The modulator `dopamine` (raw, with kinetics) gates both projections that learn. One step is 1
// ms.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/presets/ends.h"

namespace phasic {
namespace {

enum Param { kExcitatory, kInhibitory, kDegree, kNoise, kStimulus, kLearningRate, kSeed };

constexpr const char* kDaspnet = "Izhikevich 2007, daspnet.m";
constexpr ParamInfo kParams[] = {
    {.name = "excitatory",
     .description = "excitatory neurons, regular spiking",
     .default_value = 800,
     .min = 2,
     .max = 1e6,
     .source = kDaspnet,
     .integer = true},
    {.name = "inhibitory",
     .description = "inhibitory neurons, fast spiking",
     .default_value = 200,
     .min = 1,
     .max = 1e6,
     .source = kDaspnet,
     .integer = true},
    {.name = "degree",
     .description = "synapses from each neuron: an excitatory one has its share of them in each of "
                    "the two populations, an inhibitory one all with excitatory neurons",
     .default_value = 100,
     .min = 1,
     .max = 1e4,
     .source = kDaspnet,
     .integer = true},
    {.name = "noise",
     .description = "each neuron's random drive in each ms, uniform from -noise to noise",
     .unit = "mV",
     .default_value = 6.5,
     .min = 0,
     .max = 1e3,
     .source = kDaspnet},
    {.name = "stimulus",
     .description = "drive of a neuron whose number in the observation is 1",
     .unit = "mV",
     .default_value = 100,
     .min = 0,
     .max = 1e3,
     .source = "ours: it fires at once"},
    {.name = "learning_rate",
     .description = "of both projections that learn",
     .unit = "1/ms",
     .default_value = 0.1,
     .min = 0,
     .max = 1e6,
     .source = kDaspnet},
    {.name = "network",
     .description = "which network is drawn: another number, other synapses",
     .default_value = 0,
     .min = 0,
     .max = 1e9,
     .source = "0: any",
     .integer = true},
};

std::map<std::string, Space> Spaces() {
  return {{"observation", Space::MultiBinary(2)}, {"action", Space::MultiBinary(2)}};
}

CircuitSpec Build(const Parameters& params, const std::map<std::string, Space>& spaces,
                  std::vector<Violation>* violations) {
  CircuitSpec s;
  const int exc = static_cast<int>(params.number(kExcitatory));
  const int inh = static_cast<int>(params.number(kInhibitory));
  const int degree = static_cast<int>(params.number(kDegree));
  const Space& action = spaces.at("action");
  const Space& observation = spaces.at("observation");
  const int inputs = ends::AddPlainObservation(observation, "input", &s);
  // A bit that is off leaves its neuron alone.
  if (observation.kind == Space::Kind::kMultiBinary) s.inputs.back().parameters.clear();
  const int watched = action.n;
  if (action.kind != Space::Kind::kMultiBinary) {
    violations->push_back({"spaces.action", "must be MultiBinary: the spikes of so many neurons"});
  } else if (watched > exc) {
    violations->push_back({"spaces.action", absl::StrCat("watches ", watched, " neurons, but ", exc,
                                                         " are excitatory")});
  }
  if (inputs > exc) {
    violations->push_back({"spaces.observation", absl::StrCat("drives ", inputs, " neurons, but ",
                                                              exc, " are excitatory")});
  }
  const int within = degree * exc / (exc + inh);
  if (within > exc - 1 || degree - within > inh || degree > exc) {
    violations->push_back({"parameters.degree", "is more than there are neurons to connect to"});
  }
  if (!violations->empty()) return s;

  s.populations = {ends::Rate("input", inputs),
                   {.name = "exc",
                    .model = "izhikevich",
                    .size = exc,
                    .parameters = {{"noise", params.number(kNoise)}}},
                   {.name = "inh",
                    .model = "izhikevich",
                    .size = inh,
                    .parameters = {{"cell", "fast-spiking"}, {"noise", params.number(kNoise)}}},
                   ends::Rate("watched", watched)};
  const auto connect = [&](const char* name, const char* source, const char* target, double weight,
                           Connectivity::Rule rule) {
    ProjectionSpec p{.name = name, .source = source, .target = target};
    p.initial.mean = weight;
    p.connectivity.rule = rule;
    p.connectivity.self = false;
    p.connectivity.seed = static_cast<uint64_t>(params.number(kSeed));
    s.projections.push_back(std::move(p));
    return &s.projections.back();
  };
  const auto synapses = [&](const char* name, const char* source, const char* target, double weight,
                            int each) {
    ProjectionSpec* p = connect(name, source, target, weight, Connectivity::Rule::kFixedOutDegree);
    p->connectivity.degree = each;
    p->delay = 1;
    p->dale = weight > 0 ? Dale::kExcitatory : Dale::kInhibitory;
    return p;
  };
  const auto learn = [&](ProjectionSpec* p) {
    p->max_weight = 4;
    p->rule.name = "da-stdp";
    p->rule.parameters = {{"learning_rate", params.number(kLearningRate)}};
    p->rule.bindings = {{"dopamine", "dopamine"}};
  };
  connect("stimulus", "input", "exc", params.number(kStimulus), Connectivity::Rule::kOneToOne);
  ProjectionSpec* const among = synapses("exc_exc", "exc", "exc", 1, within);
  among->initial.synapses = {{.pre = 0, .post = 1, .weight = 0}};
  learn(among);
  learn(synapses("exc_inh", "exc", "inh", 1, degree - within));
  synapses("inh_exc", "inh", "exc", -1, degree);
  connect("watch", "exc", "watched", 1, Connectivity::Rule::kOneToOne);
  s.modulators = {
      {.name = "dopamine", .model = "raw", .parameters = {{"tau", 200.0}, {"tonic", 0.002}}}};
  s.outputs = {{.name = "action", .source = "watched", .decoder = "bits", .space = action}};
  return s;
}

}  // namespace

extern const Preset kDistalRewardPreset = {
    .name = "distal-reward",
    .summary = "A spiking network in which a reward that comes seconds late finds what caused it.",
    .description =
        "The network of Izhikevich 2007 (Cerebral Cortex 17): 1000 neurons that fire at random, "
        "whose synapses remember for about a second which spikes came before which, and change by "
        "that as far as there is dopamine. A step is 1 ms. The action is MultiBinary(n): which of "
        "the first n excitatory neurons have just fired. The observation drives the first "
        "excitatory neurons: one for each of its numbers, or for each value of an index; leave it "
        "0 "
        "and they fire by themselves. A reward to the channel `dopamine` (0.5 in the paper) raises "
        "it at once, and it decays in 200 ms. The synapse from the first neuron to the second "
        "begins "
        "at 0: rewarded up to three seconds after these two have fired in that order, it is the "
        "one "
        "that grows to its bound of 4 mV.",
    .params = kParams,
    .spaces = Spaces,
    .build = Build,
};

}  // namespace phasic

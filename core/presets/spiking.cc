// SPDX-License-Identifier: Apache-2.0
#include "core/presets/spiking.h"

#include <utility>

#include "core/base/limits.h"
#include "core/presets/ends.h"

namespace phasic::spiking {
namespace {

constexpr double kInputRate = 50;  // Hz, of a fibre whose unit of the code is 1
constexpr double kMeanDrive = 12;  // mV: 8 Hz of an srm0 neuron, so that all alternatives are tried

// The projection of a whole matrix; without values when the circuit would be too large to compile.
ProjectionSpec Fixed(const char* name, const char* source, const char* target, int64_t synapses,
                     auto&& values) {
  ProjectionSpec p{.name = name, .source = source, .target = target};
  if (synapses <= limits::kMaxSynapses) p.initial.values = values();
  return p;
}

// Each neuron inhibits those of the other alternatives of its choice.
std::vector<Real> Inhibition(const Space& action, int neurons, double weight) {
  const int units = action.alternatives() * neurons;
  std::vector<Real> values(static_cast<size_t>(units) * units);
  int first = 0;
  for (int choice = 0; choice < action.choices(); ++choice) {
    const int last = first + action.alternatives(choice) * neurons;
    for (int i = first; i < last; ++i) {
      for (int j = first; j < last; ++j) {
        if ((i - first) / neurons == (j - first) / neurons) continue;
        values[static_cast<size_t>(i) * units + j] = static_cast<Real>(-weight / neurons);
      }
    }
    first = last;
  }
  return values;
}

}  // namespace

std::vector<Real> FanOut(int n, int copies, double weight) {
  std::vector<Real> values(static_cast<size_t>(n) * copies * n);
  for (int i = 0; i < n * copies; ++i) {
    values[static_cast<size_t>(i) * n + i / copies] = static_cast<Real>(weight);
  }
  return values;
}

std::vector<Real> FanIn(int n, int copies, double weight) {
  std::vector<Real> values(static_cast<size_t>(n) * copies * n);
  for (int i = 0; i < n * copies; ++i) {
    values[static_cast<size_t>(i / copies) * n * copies + i] = static_cast<Real>(weight);
  }
  return values;
}

void AddVoters(const Parameters& params, const std::map<std::string, Space>& spaces, int ticks,
               RuleSpec rule, CircuitSpec* spec, std::vector<Violation>* violations) {
  const Space& observation = spaces.at("observation");
  const Space& action = spaces.at("action");
  if (action.choices() == 0) {
    violations->push_back({"spaces.action", "must be Discrete or MultiDiscrete: neurons vote"});
    return;
  }
  const int fibres = static_cast<int>(params.number(kFibres));
  const int neurons = static_cast<int>(params.number(kNeurons));
  spec->ticks_per_step = ticks;
  const int64_t units = ends::AddPlainObservation(observation, "code", spec);
  const bool one_hot = observation.choices() > 0;
  const int64_t inputs = units * fibres;
  const int64_t outputs = static_cast<int64_t>(action.alternatives()) * neurons;
  if (inputs > limits::kMaxNeurons || outputs > limits::kMaxNeurons) {
    violations->push_back({inputs > outputs ? "spaces.observation" : "spaces.action",
                           "needs more neurons than a circuit may have"});
    return;
  }
  PopulationSpec code = ends::Rate("code", static_cast<int>(units));
  // A code of -1..1 becomes one of 0..1: what a rate can be.
  if (!one_hot) code.parameters = {{"bias", 1.0}};
  spec->populations = {std::move(code),
                       {.name = "input",
                        .model = "poisson",
                        .size = static_cast<int>(inputs),
                        .parameters = {{"max_rate", kInputRate}}},
                       {.name = "output",
                        .model = "srm0",
                        .size = static_cast<int>(outputs),
                        .parameters = {{"tau_rate", ticks / 2.0}}},
                       ends::Rate("vote", action.alternatives())};
  const double active = one_hot ? observation.choices() : units / 2.0;
  const double weight = kMeanDrive / (20 * kInputRate / 1000 * active * fibres);
  ProjectionSpec learned{.name = "output_weights", .source = "input", .target = "output.spikes"};
  learned.initial = {InitialWeights::Distribution::kUniform, weight, weight / 10, {}};
  learned.min_weight = 0;
  learned.max_weight = 3 * weight;
  learned.rule = std::move(rule);
  learned.rule.parameters["learning_rate"] = params.number(kLearningRate) * weight;
  learned.rule.bindings = {{"reward", "reward"}};
  ProjectionSpec inhibition =
      Fixed("inhibition", "output", "output.spikes", outputs * outputs,
            [&] { return Inhibition(action, neurons, params.number(kInhibition)); });
  inhibition.delay = 1;
  spec->projections = {
      Fixed("fibres", "code", "input", inputs * units,
            [&] { return FanOut(static_cast<int>(units), fibres, one_hot ? 1 : 0.5); }),
      std::move(learned), std::move(inhibition),
      Fixed("votes", "output.rate", "vote", outputs * action.alternatives(),
            [&] { return FanIn(action.alternatives(), neurons, 1.0 / neurons); })};
  spec->outputs = {{.name = "action", .source = "vote", .decoder = "index", .space = action}};
}

}  // namespace phasic::spiking

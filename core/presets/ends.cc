// SPDX-License-Identifier: Apache-2.0
#include "core/presets/ends.h"

#include <algorithm>

#include "core/base/limits.h"

namespace phasic::ends {
namespace {

// The narrowest range that has bounds; 0 when none has.
double Narrowest(const Space& box) {
  double narrowest = 0;
  for (int i = 0; i < box.size(); ++i) {
    const double range = box.upper(i) - box.lower(i);
    if (Bounded(box, i) && (narrowest == 0 || range < narrowest)) narrowest = range;
  }
  return narrowest;
}

// The middle of each range; 0 where there is none.
std::vector<double> Middles(const Space& box) {
  std::vector<double> middles(box.size(), 0.0);
  for (int i = 0; i < box.size(); ++i) {
    if (Bounded(box, i)) middles[i] = (box.lower(i) + box.upper(i)) / 2;
  }
  return middles;
}

void RefuseUnused(const Parameters& params, int param, const char* name, const char* why,
                  std::vector<Violation>* violations) {
  if (params.given(param)) violations->push_back({std::string("parameters.") + name, why});
}

}  // namespace

bool Bounded(const Space& box, int i) {
  return box.lower(i) >= -kHugeBound && box.upper(i) <= kHugeBound && box.lower(i) < box.upper(i);
}

PopulationSpec Rate(const char* name, int size) {
  return {.name = name, .model = "rate", .size = size};
}

PopulationSpec Bias() {
  PopulationSpec bias = Rate("bias", 1);
  bias.parameters = {{"bias", 1.0}};
  return bias;
}

int AddPlainObservation(const Space& space, const std::string& target, CircuitSpec* spec) {
  InputSpec in{.name = "observation", .space = space, .encoder = "raw", .target = target};
  if (space.choices() > 0) {
    in.encoder = "one-hot";
    spec->inputs.push_back(std::move(in));
    return space.alternatives();
  }
  std::vector<double> gain, offset;
  for (int i = 0; i < space.size() && Bounded(space, i); ++i) {
    gain.push_back(2 / (space.upper(i) - space.lower(i)));
    offset.push_back(-1 - gain.back() * space.lower(i));
  }
  if (gain.size() == static_cast<size_t>(space.size())) {
    in.parameters = {{"gain", std::move(gain)}, {"offset", std::move(offset)}};
  } else {
    in.encoder = "normalise";
  }
  spec->inputs.push_back(std::move(in));
  return space.size();
}

Policy AddPolicy(const std::string& name, const Space& action, const Parameters& params,
                 int temperature, int sigma, CircuitSpec* spec,
                 std::vector<Violation>* violations) {
  PopulationSpec population{.name = name, .model = "", .size = 0};
  OutputSpec out{.name = "action", .source = name, .decoder = "", .space = action};
  Policy policy;
  policy.units = action.choices() > 0 ? action.alternatives() : action.size();
  policy.neutral.assign(policy.units, 0.0);
  if (action.choices() == 0) {
    RefuseUnused(params, temperature, "temperature", "is for a Discrete or MultiDiscrete action",
                 violations);
  }
  if (action.kind != Space::Kind::kBox) {
    RefuseUnused(params, sigma, "sigma", "is for a Box action", violations);
  }
  switch (action.kind) {
    case Space::Kind::kDiscrete:
    case Space::Kind::kMultiDiscrete:
      population.model = "softmax";
      population.parameters = {{"temperature", params.number(temperature)}};
      if (action.kind == Space::Kind::kMultiDiscrete) {
        population.parameters["groups"] =
            std::vector<double>(action.nvec.begin(), action.nvec.end());
      }
      out.decoder = "index";
      break;
    case Space::Kind::kBox: {
      const double given = params.number(sigma);
      const double narrowest = Narrowest(action);
      const double sd = given > 0 ? given : narrowest > 0 ? narrowest / 4 : 1;
      population.model = "gaussian";
      population.parameters = {{"sigma", sd}};
      out.decoder = "vector";
      policy.rate_scale = sd * sd;
      policy.neutral = Middles(action);
      break;
    }
    default:
      population.model = "bernoulli";
      out.decoder = "bits";
      break;
  }
  population.size = policy.units;
  spec->populations.push_back(std::move(population));
  spec->outputs.push_back(std::move(out));
  return policy;
}

Readout AddReadout(const std::string& name, const Space& action, const std::string& model,
                   CircuitSpec* spec) {
  Readout readout;
  readout.units = action.choices() > 0 ? action.alternatives() : action.size();
  readout.neutral.assign(readout.units, 0.0);
  OutputSpec out{.name = "action", .source = name, .decoder = "index", .space = action};
  if (action.kind == Space::Kind::kBox) {
    out.decoder = "vector";
    if (const double narrowest = Narrowest(action); narrowest > 0) readout.unit = narrowest / 2;
    readout.neutral = Middles(action);
  } else if (action.kind == Space::Kind::kMultiBinary) {
    out.decoder = "bits";
    readout.neutral.assign(readout.units, 0.5);  // where a bit turns
  }
  readout.rate_scale = readout.unit * readout.unit;
  spec->populations.push_back({.name = name, .model = model, .size = readout.units});
  spec->outputs.push_back(std::move(out));
  return readout;
}

InitialWeights NeutralWeights(const Policy& policy, int n, int sum) {
  InitialWeights initial;
  std::vector<double> neutral = policy.neutral;
  for (double& x : neutral) x /= sum;
  initial.mean = neutral.front();
  if (std::all_of(neutral.begin(), neutral.end(), [&](double x) { return x == neutral.front(); })) {
    return initial;
  }
  initial.mean = 0;
  // Compiling refuses so many synapses; until then nothing is written down for them.
  if (static_cast<int64_t>(neutral.size()) * n > limits::kMaxSynapses) return initial;
  for (const double x : neutral) {
    initial.values.insert(initial.values.end(), n, static_cast<Real>(x));
  }
  return initial;
}

}  // namespace phasic::ends

// SPDX-License-Identifier: Apache-2.0
#include "core/presets/perturbed.h"

#include "core/base/math.h"

namespace phasic {

CircuitSpec BuildPerturbed(const PerturbedNet& net, const std::map<std::string, Space>& spaces) {
  CircuitSpec s;
  const int units = ends::AddPlainObservation(spaces.at("observation"), "input", &s);
  s.populations = {ends::Rate("input", units),
                   ends::Bias(),
                   {.name = "hidden",
                    .model = net.model,
                    .size = net.hidden,
                    .parameters = {{"transfer", std::string("tanh")}}}};
  net.neurons(&s.populations.back(), 1);
  const ends::Readout output = ends::AddReadout("output", spaces.at("action"), net.model, &s);
  net.neurons(&s.populations.back(), output.unit);
  const auto learn = [&](const char* name, const char* source, const char* target, double unit) {
    ProjectionSpec p{.name = name, .source = source, .target = target};
    p.rule.bindings = {{"reward", "reward"}};
    net.synapses(&p, unit);
    s.projections.push_back(std::move(p));
    return &s.projections.back();
  };
  // Hidden neurons must differ from the start, or they all learn the same.
  learn("hidden_weights", "input", "hidden", 1)->initial = {
      InitialWeights::Distribution::kNormal, 0, 1 / Sqrt(units), {}};
  learn("hidden_bias", "bias", "hidden", 1);
  learn("output_weights", "hidden", "output", output.unit);
  learn("output_bias", "bias", "output", output.unit)->initial = ends::NeutralWeights(output, 1);
  s.modulators = {
      {.name = "reward", .model = "baseline", .size = 1, .parameters = {{"alpha", net.alpha}}}};
  return s;
}

}  // namespace phasic

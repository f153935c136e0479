// SPDX-License-Identifier: Apache-2.0
#include "tests/server/support/circuits.h"

#include <cstdio>
#include <cstdlib>

namespace phasic::testing {

CircuitSpec LearnerSpec() {
  CircuitSpec spec;
  spec.inputs = {{"observation", Space::Box({3}, {-1}, {1}), "raw", {}, "state.drive"}};
  spec.populations = {{"state", "rate", 3, {}, {}}, {"policy", "softmax", 4, {}, {}}};
  ProjectionSpec weights{.name = "weights", .source = "state", .target = "policy.drive"};
  weights.initial = {InitialWeights::Distribution::kNormal, 0, 0.1, {}};
  weights.rule = {"reinforce-trace", {{"tau", 5.0}}, {{"reward", "reward.level"}}, {}};
  spec.projections = {weights};
  spec.modulators = {{"reward", "raw", 1, {}, {}}, {"teacher", "raw", 2, {}, {}}};
  spec.outputs = {{"action", "policy.choice", "index", {}, {}, {}}};
  return spec;
}

CircuitSpec SparseLearnerSpec() {
  CircuitSpec spec = LearnerSpec();
  spec.projections[0].connectivity = {.rule = Connectivity::Rule::kFixedInDegree, .degree = 2};
  return spec;
}

CircuitSpec TwoPortsSpec() {
  CircuitSpec spec;
  spec.inputs = {{"eye", Space::Box({2}, {-1}, {1}), "raw", {}, "retina.drive"},
                 {"cue", Space::Discrete(3), "one-hot", {}, "policy.drive"}};
  spec.populations = {{"retina", "rate", 2, {}, {}}, {"policy", "softmax", 3, {}, {}}};
  spec.modulators = {{"reward", "raw", 1, {}, {}}};
  spec.outputs = {{"move", "policy.choice", "index", {}, {}, {}},
                  {"rates", "retina", "rates", {}, {}, {}}};
  return spec;
}

CircuitSpec ChoicesSpec() {
  CircuitSpec spec;
  spec.inputs = {{"digits", Space::MultiDiscrete({2, 3}), "one-hot", {}, "policy.drive"},
                 {"eye", Space::Box({2}, {-1}, {1}), "raw", {}, "retina.drive"}};
  spec.populations = {{"policy", "softmax", 5, {{"groups", std::vector<double>{2, 3}}}, {}},
                      {"retina", "rate", 2, {}, {}}};
  spec.outputs = {{"pick", "policy", "index", {}, Space::MultiDiscrete({2, 3}), {}},
                  {"gaze", "retina", "vector", {}, Space::Box({2}, {-1}, {1}), {}}};
  return spec;
}

std::shared_ptr<const Circuit> CompileOrDie(const CircuitSpec& spec) {
  auto circuit = Circuit::Compile(spec);
  if (!circuit.ok()) {
    std::fprintf(stderr, "%s\n", std::string(circuit.status().message()).c_str());
    std::abort();
  }
  return *std::move(circuit);
}

}  // namespace phasic::testing

// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/learner.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace phasic::testing {

CircuitSpec LearnerSpec::circuit() const {
  CircuitSpec s;
  s.inputs = {{.name = "x", .space = Space::Box({n}), .encoder = "raw", .target = "in"}};
  s.populations = {
      {.name = "in", .model = "rate", .size = n},
      {.name = "out", .model = "rate", .size = n, .parameters = {{"transfer", transfer}}}};
  ProjectionSpec w{.name = "w", .source = "in", .target = "out"};
  w.initial = {InitialWeights::Distribution::kNormal, 0, 1 / std::sqrt(n)};
  w.connectivity = connectivity;
  w.min_weight = -bound;
  w.max_weight = bound;
  w.rule = {.name = "reinforce-trace",
            .parameters = {{"learning_rate", rate}, {"tau", kLearnerTau}},
            .bindings = {{"score", "out.rate"}, {"reward", "reward"}}};
  s.projections = {w};
  // With a gamma of 0 the TD error is the reward.
  if (rewards == Rewards::kWithinTicks) {
    s.modulators = {{.name = "reward", .model = "td", .parameters = {{"gamma", 0.0}}}};
  } else {
    s.modulators = {{.name = "reward", .model = "raw", .reward_interval = reward_interval}};
  }
  s.outputs = {{.name = "y", .source = "out.rate", .decoder = "rates"}};
  return s;
}

std::shared_ptr<const Circuit> Compiled(const CircuitSpec& spec, Isa isa) {
  std::vector<Violation> violations;
  auto circuit = Circuit::Compile(spec, Circuit::Standard(), &violations, isa);
  for (const Violation& violation : violations) {
    std::fprintf(stderr, "%s: %s\n", violation.field.c_str(), violation.description.c_str());
  }
  if (circuit == nullptr) std::exit(2);
  return circuit;
}

Learner::Learner(std::shared_ptr<const Circuit> circuit, uint64_t seed)
    : agent_(std::move(circuit), seed),
      observation_(agent_.circuit().observation_size()),
      action_(agent_.circuit().action_size()) {
  for (size_t i = 0; i < observation_.size(); ++i) {
    observation_[i] = std::sin(1.0f + static_cast<float>(i));
  }
}

StepInput Learner::Input(bool rewarded) const {
  StepInput input{.observation = observation_};
  if (rewarded) input.rewards = {&reward_, 1};
  return input;
}

}  // namespace phasic::testing

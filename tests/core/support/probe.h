// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/circuit/agent.h"

namespace phasic::testing {

// An agent of a circuit under test, with every variable in reach.
class Probe {
 public:
  explicit Probe(const CircuitSpec& spec, uint64_t seed = 1) {
    auto circuit = Circuit::Compile(spec);
    if (!circuit.ok()) {
      ADD_FAILURE() << circuit.status();
      std::abort();
    }
    agent_ = std::make_unique<Agent>(*circuit, seed);
    action_.resize((*circuit)->action_size());
  }
  Agent& agent() { return *agent_; }

  // One step; the action.
  std::vector<float> Step(std::vector<float> observation, StepInput input = {}) {
    input.observation = observation;
    const absl::Status status = agent_->Check(input);
    EXPECT_TRUE(status.ok()) << status;
    agent_->Step(input, action_);
    return action_;
  }
  void Reward(std::vector<Real> values, bool learning = true) {
    agent_->Reward({0, std::move(values)}, learning);
  }

  template <class T = Real>
  std::span<const T> Read(const std::string& component, const std::string& variable) const {
    const auto& columns = agent_->circuit().layout().columns;
    for (size_t id = 0; id < columns.size(); ++id) {
      if (columns[id].component == component && columns[id].name == variable) {
        return agent_->state().span<T>(static_cast<ColumnId>(id));
      }
    }
    ADD_FAILURE() << "no variable " << component << "." << variable;
    std::abort();
  }

 private:
  std::unique_ptr<Agent> agent_;
  std::vector<float> action_;
};

// `n` raw numbers drive the population `p` of `model`, which the port "action" decodes.
inline CircuitSpec DrivenPopulation(const std::string& model, int n, ParamMap parameters,
                                    const std::string& decoder) {
  CircuitSpec s;
  s.inputs = {
      {.name = "observation", .space = Space::Box({n}), .encoder = "raw", .target = "p.drive"}};
  s.populations = {{.name = "p", .model = model, .size = n, .parameters = std::move(parameters)}};
  s.outputs = {{.name = "action", .source = "p", .decoder = decoder}};
  return s;
}

// `encoder` of `space` drives a population `p` of `units` rate neurons.
inline CircuitSpec Encoded(const std::string& encoder, Space space, int units,
                           ParamMap parameters = {}) {
  CircuitSpec s;
  s.inputs = {{.name = "in",
               .space = std::move(space),
               .encoder = encoder,
               .parameters = std::move(parameters),
               .target = "p"}};
  s.populations = {{.name = "p", .model = "rate", .size = units}};
  s.outputs = {{.name = "action", .source = "p", .decoder = "rates"}};
  return s;
}

}  // namespace phasic::testing

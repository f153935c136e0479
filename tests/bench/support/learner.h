// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/circuit/agent.h"

namespace phasic::testing {

// An n -> n projection that learns by three factors, which all kernel measurements are about:
//
//   w <- clip(w + rate r e),  y = phi(w x),  e <- decay e + y x^T
//
// The bindings of its modulator say when w changes, and so in which of its ways phasic computes it.
struct LearnerSpec {
  enum class Rewards : uint8_t {
    kWithinTicks,   // through a modulator with a tick's clock: w and e change in one pass
    kBetweenTicks,  // delivered: w changes when a reward comes, and only then
  };
  int n = 64;
  Rewards rewards = Rewards::kWithinTicks;
  int reward_interval = 0;  // kBetweenTicks: so many steps apart, says the spec
  double rate = 1e-6;
  double bound = 1;  // w stays within plus and minus this
  std::string transfer = "identity";
  Connectivity connectivity = {};

  CircuitSpec circuit() const;
};
inline constexpr double kLearnerTau = 10;  // ticks: decay = e^(-1 / tau)

// Ends the program, with all that is wrong, when there is no such circuit.
std::shared_ptr<const Circuit> Compiled(const CircuitSpec& spec, Isa isa = ActiveIsa());

// An agent of one input and one output, with the same observation at every step.
class Learner {
 public:
  Learner(std::shared_ptr<const Circuit> circuit, uint64_t seed);

  Agent& agent() { return agent_; }
  std::span<float> action() { return action_; }
  // A step's input, with or without a reward of 1 before it.
  StepInput Input(bool rewarded) const;
  void Step(bool rewarded) { agent_.Step(Input(rewarded), action_); }

 private:
  Agent agent_;
  std::vector<float> observation_, action_;
  const RewardInput reward_ = {.values = {Real{1}}};
};

}  // namespace phasic::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/circuit/agent.h"

namespace phasic::testing {

// Seven small circuits that between them touch every concept of the core. They use some blocks of
// their own:
// - rule "leaky-reward": two terms, one gated by reward and one always on, that pulls weights to 0;
// - rule "row-hebb": a row function with a replacing trace, which no list of terms can express;
// - population "recorder": remembers the drive of every tick in an arena.
struct ToyCircuit {
  std::string name;
  CircuitSpec spec;
};
std::vector<ToyCircuit> ToyCircuits();

// The standard building blocks and those above.
const Catalogue& ToyCatalogue();

// Compiles with ToyCatalogue; the violations, if any, become a test failure.
std::shared_ptr<const Circuit> CompileToy(const CircuitSpec& spec);

// Inputs for an agent: observations, rewards, masks and ends of episodes drawn from a seed, the
// same for the same index. Observations are indices, or have every value in [-1, 1].
class Script {
 public:
  Script(const Circuit& circuit, uint64_t seed) : circuit_(circuit), seed_(seed) {}
  // The input of step `index`; valid until the next call.
  const StepInput& At(uint64_t index);

 private:
  // At least one alternative of each choice stays allowed.
  std::span<const uint8_t> DrawMask(const Random& random);

  const Circuit& circuit_;
  uint64_t seed_;
  std::vector<float> observation_;
  std::vector<uint8_t> forbidden_;
  std::vector<RewardInput> rewards_;
  StepInput input_;
};

}  // namespace phasic::testing

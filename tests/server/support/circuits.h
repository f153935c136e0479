// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/circuit/circuit.h"

namespace phasic::testing {

// Small circuits for tests of the server.

// "observation" Box(3) in [-1, 1] -> "state" -> "policy" (softmax of 4) -> "action" Discrete(4),
// which takes a mask. "weights" learns from "reward"; "teacher" takes two numbers and teaches
// nobody. Live: "weights.learning_rate", "policy.temperature".
CircuitSpec LearnerSpec();

// The same with sparse "weights": every unit of "policy" has synapses from two units of "state".
CircuitSpec SparseLearnerSpec();

// Inputs "eye" Box(2) and "cue" Discrete(3); outputs "move" Discrete(3) and "rates" Box(2).
CircuitSpec TwoPortsSpec();

// Inputs "digits" MultiDiscrete([2, 3]) and "eye" Box(2); outputs "pick" MultiDiscrete([2, 3]),
// which takes a mask, and "gaze" Box(2), what the eye sees. It learns nothing.
CircuitSpec ChoicesSpec();

// Compiles; a fault ends the test program.
std::shared_ptr<const Circuit> CompileOrDie(const CircuitSpec& spec);

}  // namespace phasic::testing

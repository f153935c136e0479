// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace phasic::testing {

// How an agent is run through a task. The controls say whether it is the reward that it learns
// from.
enum class Condition : uint8_t {
  kLearning,
  kFrozen,    // nothing is learned
  kShuffled,  // the same kind of rewards, but none has to do with what was done
};

// A preset on the task that it is for. A run is one agent from its birth.
struct PresetTask {
  const char* preset;
  const char* summary;                                // the task, in a sentence
  const char* unit;                                   // what a score counts
  double score;                                       // what a run must reach to have learned
  double control;                                     // what no control may exceed, below `score`
  double (*run)(Condition condition, uint64_t seed);  // the score, in simulated time, alone
};

// One line for each in table.cc.
std::span<const PresetTask* const> PresetTasks();

}  // namespace phasic::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/circuit/agent.h"
#include "core/circuit/write.h"

namespace phasic {

// What may be put into an agent's turn, and what comes out. Inputs refer to the caller's memory.
// New state is a list of core's StateWrite.

enum class Mode : uint8_t { kLearning, kFrozen, kShadow };

struct RewardArguments {
  int channel = 0;                      // index into Circuit::channels
  std::span<const double> values = {};  // one for each of its units
  std::string_view id = {};             // empty: no check for duplicates
  bool scalar = false;  // given as one number, not as a list: an error names that field
  std::optional<uint64_t> step = {};  // whose decision it is for; nothing: it is for now
  uint64_t incarnation = 0;           // of which that step must be; 0: any
};

// A column to record every so many ticks of a step.
struct RecordArguments {
  ColumnId column = kNoColumn;
  int every = 1;
};

struct StepArguments {
  std::span<const float> observation =
      {};  // all input ports' values, in port order; empty when terminated
  std::span<const RewardArguments> rewards = {};
  End end = End::kNone;
  std::optional<uint64_t> step = {};
  std::string_view request_id = {}, run_id = {};
  bool greedy = false;
  int ticks = 0;
  std::span<const uint8_t> forbidden = {};   // as StepInput::forbidden
  std::span<const float> taken_action = {};  // as StepInput::taken_action
  std::span<const ColumnId> report = {};
  std::span<const RecordArguments> record = {};
};

// A change of settings: only what is named.
struct SettingsChange {
  std::optional<Mode> mode = {};
  bool replace_labels = false;  // drop the labels that there are first
  std::map<std::string, std::optional<std::string>> labels = {};  // nothing: that label goes
  std::vector<std::pair<int, double>> live_parameters =
      {};  // by index into Circuit::live_parameters
};

// A column as it was.
struct ColumnCopy {
  ColumnId column = kNoColumn;
  std::vector<std::byte> bytes;
};

// A column as it was again and again.
struct Samples {
  ColumnId column = kNoColumn;
  int count = 0;
  std::vector<std::byte> bytes;
};

// What a step gave. Never changes once made: the agent may keep it to answer a retry.
struct StepOutcome {
  End end = End::kNone;
  std::vector<float> action;  // all output ports' values, in port order; empty at an end of episode
  std::vector<ColumnCopy> report;
  std::vector<Samples> recordings;
  uint64_t step = 0;         // this step's index
  uint64_t incarnation = 0;  // of the agent
  uint64_t episode = 0;      // the episode that it belonged to
  double time = 0;           // simulated ms
  std::vector<Disposition> dispositions;

  size_t bytes() const {
    size_t bytes = action.size() * sizeof(float);
    for (const ColumnCopy& copy : report) bytes += copy.bytes.size();
    for (const Samples& samples : recordings) bytes += samples.bytes.size();
    return bytes;
  }
};

}  // namespace phasic

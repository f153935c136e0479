// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <variant>

#include "absl/status/status.h"
#include "server/agents/inputs.h"

namespace phasic {

// What one turn takes in: everything that is needed to do the turn again, to the same bits. Refers
// to the turn's input.
struct ResetArguments {};
struct JournalRecord {
  uint64_t agent = 0;        // the agent's uid
  uint64_t incarnation = 0;  // of its state
  uint64_t sequence = 0;     // of its inputs: from 1, without a gap
  std::variant<const StepArguments*, std::span<const RewardArguments>, ResetArguments,
               const SettingsChange*, std::span<const StateWrite>>
      input;
};

// Where an agent's inputs go, so that a snapshot plus the inputs since then is the agent. May be
// called from any thread.
class Journal {
 public:
  // Names a record that Append has taken.
  using Ticket = uint64_t;

  virtual ~Journal() = default;
  // Called under the agent's turn, so an agent's records come in order. Takes the record in memory
  // and returns at once: nothing under a turn touches disk or network. May throw std::bad_alloc;
  // then the turn does not happen.
  virtual Ticket Append(const JournalRecord& record) = 0;
  // Returns when what was promised for the record holds, or cannot hold. Called after the turn was
  // given back, before the answer leaves.
  virtual absl::Status Wait(Ticket ticket) = 0;
};

// Promises nothing beyond the process's life, so there is nothing to write.
class MemoryJournal final : public Journal {
 public:
  Ticket Append(const JournalRecord&) override { return 0; }
  absl::Status Wait(Ticket) override { return absl::OkStatus(); }
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/agents/inputs.h"

namespace phasic {

// What of an agent survives what.
enum class Durability : uint8_t {
  kEphemeral,  // nothing survives the process
  kSnapshot,   // a state of some time ago
  kJournaled,  // what was answered survives the process
  kSynced,     // and the loss of power
};

// What one turn takes in: everything that is needed to do the turn again, to the same bits. Refers
// to the turn's input.
struct ResetArguments {};
struct JournalRecord {
  using Input = std::variant<const StepArguments*, std::span<const RewardArguments>, ResetArguments,
                             const SettingsChange*, std::span<const StateWrite>>;
  uint64_t agent = 0;     // the agent's uid
  uint64_t sequence = 0;  // of its inputs: from 1, without a gap
  Durability durability = Durability::kJournaled;
  Input input;
};

// Where an agent's inputs go, so that a stored state plus the inputs since then is the agent. May
// be called from any thread.
class Journal {
 public:
  // Names a record that Append has taken; 0 is of those for which there is nothing to wait.
  using Ticket = uint64_t;

  // Who waits for a ticket without a thread of its own.
  class Waiter {
   public:
    // The ticket's promise holds, or cannot hold. Called once, from the journal's thread: does no
    // long work.
    virtual void Kept(const absl::Status& status) noexcept = 0;

   protected:
    ~Waiter() = default;

   private:
    friend class StoreJournal;
    Waiter* next_ = nullptr;
  };

  virtual ~Journal() = default;
  // Called under the agent's turn, so an agent's records come in order. Takes the record in memory
  // and returns at once: nothing under a turn touches disk or network. UNAVAILABLE while the store
  // fails, RESOURCE_EXHAUSTED when it is too slow; may throw std::bad_alloc. Then the turn does not
  // happen.
  virtual absl::StatusOr<Ticket> Append(const JournalRecord& record) = 0;
  // Returns when what was promised for the record holds, or UNAVAILABLE when the store fails: then
  // the turn was done, but may be lost with the process. Called after the turn was given back,
  // before the answer leaves.
  virtual absl::Status Wait(Ticket ticket) = 0;
  // The same at once; or nothing: then the waiter will be called.
  virtual std::optional<absl::Status> Join(Ticket ticket, Waiter* waiter) = 0;
  // Whether the promise holds now.
  virtual bool IsKept(Ticket ticket) const = 0;
};

// Promises nothing beyond the process's life, so there is nothing to write.
class MemoryJournal final : public Journal {
 public:
  absl::StatusOr<Ticket> Append(const JournalRecord&) override { return 0; }
  absl::Status Wait(Ticket) override { return absl::OkStatus(); }
  std::optional<absl::Status> Join(Ticket, Waiter*) override { return absl::OkStatus(); }
  bool IsKept(Ticket) const override { return true; }
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/agents/agent_file.h"
#include "server/agents/delivery.h"
#include "server/agents/hosted_agent.h"
#include "server/agents/journal.h"

namespace phasic {

// A step under way and what it takes memory for: for one step after the other it is the same.
struct StepRoom {
  Delivery delivery;
  std::vector<Recorder> recorders;
  StepOutcome outcome;  // of the last step, unless that had a request_id
  // From the step's beginning to its end.
  StepInput input;
  std::shared_ptr<StepOutcome> kept;  // what the agent is to know of later does not lie in the room
  std::string request_id, run_id;     // that are new
  Journal::Ticket ticket = 0;
  StepOutcome& result() { return kept != nullptr ? *kept : outcome; }
};

// The dispositions of rewards that came by themselves, and the journal's ticket.
struct RewardAnswer {
  std::vector<Disposition> dispositions;
  Journal::Ticket ticket = 0;
};

// An agent's turn: the right to change it, from Take until it ends. Turns of one agent come one at
// a time, in the order of Take. Every method checks all that may be wrong, takes all the memory
// that it needs, and only then changes anything; so an error leaves every bit as it was. What it
// changed is told to the journal, whose promise is waited for after the turn.
class Turn {
 public:
  // NOT_FOUND when the agent has been deleted; RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, CANCELLED as
  // Turnstile says.
  static absl::StatusOr<Turn> Take(AgentPtr agent, const Patience& patience, Journal& journal);
  // The turn of an agent at whose turnstile somebody has this answer.
  // Wakes it if it sleeps: then this needs the disk. The agent is moved from only with success.
  static absl::StatusOr<Turn> Of(Turnstile::Entry entry, AgentPtr&& agent, Journal& journal);
  Turn(Turn&& other) noexcept = default;
  ~Turn();

  // A step with a request_id that is known is answered from memory. Then its index must be right;
  // then `valid`, what is known to be wrong with the arguments, must be OK. The answer may lie in
  // `room`, until that is used again.
  absl::StatusOr<StepAnswer> Step(const StepArguments& step, const absl::Status& valid,
                                  StepRoom* room);
  // The same in three parts, so that many agents, none of them twice, can take theirs side by side.
  // An error, or an answer from memory, is the end of it; else StepTogether must follow, and then
  // EndStep. The arguments, the room and `spare`, as Rewind has it, must live until then.
  absl::StatusOr<std::optional<StepAnswer>> BeginStep(const StepArguments& step,
                                                      const absl::Status& valid, StepRoom* room,
                                                      std::vector<std::byte>* spare);
  struct Begun {
    Turn* turn;
    StepRoom* room;
  };
  static constexpr size_t kMostTogether = 16;  // more gain little, and hold up others
  // Those next to each other that are of one circuit go side by side.
  static void StepTogether(std::span<const Begun> begun) noexcept;
  absl::StatusOr<StepAnswer> EndStep(const StepArguments& step, StepRoom* room);
  absl::StatusOr<RewardAnswer> Reward(std::span<const RewardArguments> rewards);
  // Returns the journal's ticket.
  absl::StatusOr<Journal::Ticket> ResetEpisode(const std::optional<uint64_t>& step);
  // With a non-empty etag, only if it holds.
  absl::StatusOr<Journal::Ticket> Update(const SettingsChange& change, const std::string& etag);
  // BAD_WRITE as CheckWrites says.
  absl::StatusOr<Journal::Ticket> WriteState(std::span<const StateWrite> writes,
                                             const std::optional<uint64_t>& step,
                                             const std::string& etag);
  // ABORTED ETAG_MISMATCH when a non-empty etag does not hold.
  absl::Status CheckEtag(const std::string& etag) const;
  // From the next turn on this one is told what turns do. RESOURCE_EXHAUSTED TOO_MANY_WATCHERS.
  absl::Status Welcome(std::shared_ptr<Watcher> watcher);
  // Ends the agent for all who watch, wait or come later.
  void Close();
  // What is to be another agent: every bit of state, and a seed of its own if one is given.
  Inside Copy(std::optional<uint64_t> seed, Budget::Room room) const;
  // Does an input again, under a turn that the caller has: what it answered is told to nobody.
  // DATA_LOSS when it cannot be an input of this agent.
  static absl::Status Redo(AgentPtr agent, const JournalRecord::Input& input);

  // A copy of all that leaves with it.
  ExportedAgent Export() const { return ExportOf(inside()); }

  const State& state() const { return inside().agent.state(); }
  // A column as it is now; in the state, a store may have put off a change of it.
  std::vector<std::byte> Read(ColumnId column) const { return inside().agent.Read(column); }
  const Circuit& circuit() const { return inside().agent.circuit(); }
  const Card& card() const { return inside().card; }
  uint64_t Digest() const { return inside().agent.Digest(); }

 private:
  friend class Hosting;
  struct Redoer;
  Turn(AgentPtr agent, Journal& journal) : agent_(std::move(agent)), journal_(&journal) {}

  Inside& inside() { return *agent_->inside_; }
  const Inside& inside() const { return *agent_->inside_; }
  bool learning() const { return inside().card.settings.mode != Mode::kFrozen; }
  absl::Status CheckStep(const std::optional<uint64_t>& step) const;
  absl::Status CheckTaken(const StepArguments& step) const;
  absl::Status CheckRewards(std::span<const RewardArguments> rewards) const;
  // What the agent is given from here on, and told the rewind, can be undone; it is estimated to
  // take so many seconds.
  void KeepWayBack(double seconds, std::vector<std::byte>* spare = OwnSpare());
  static std::vector<std::byte>* OwnSpare();  // of this thread, for the one turn that it has
  // OK; or AGENT_DIVERGED, and then the agent is as it was before this turn.
  absl::Status UndoIfDiverged();
  // `seconds` is what doing the input again is estimated to take, `bytes` what it holds, roughly.
  absl::StatusOr<Journal::Ticket> Append(const JournalRecord::Input& input, double seconds,
                                         size_t bytes);
  void Count(std::span<const Disposition> dispositions) noexcept;
  void PublishStats() noexcept;
  // Tells who watches: of a step, of rewards that came by themselves, or that something was done.
  void Tell(const StepOutcome* outcome = nullptr, std::span<const RewardArguments> rewards = {},
            std::span<const Disposition> dispositions = {}) noexcept;
  void EndWatch() noexcept;

  AgentPtr agent_;
  Journal* journal_;
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/circuit/agent.h"
#include "core/circuit/rewind.h"
#include "server/agents/budget.h"
#include "server/agents/inputs.h"
#include "server/agents/journal.h"
#include "server/agents/recall.h"
#include "server/agents/turnstile.h"
#include "server/base/published.h"

namespace phasic {

// The preset that an agent was made from, as its maker wrote it.
struct PresetChoice {
  std::string preset;
  ParamMap parameters;
  std::map<std::string, Space> spaces;
};

// What of an agent never changes.
struct Identity {
  std::string id = {};
  uint64_t uid = 0;
  std::chrono::system_clock::time_point create_time = {};
  uint64_t seed = 0;
  Durability durability = Durability::kEphemeral;
  std::optional<PresetChoice> preset = {};  // nothing: made from a circuit
  std::string made_by = {};  // the call that made it, when that can be told from others

  std::string name() const { return "tenants/default/agents/" + id; }
};

// What people set.
struct Settings {
  Mode mode = Mode::kLearning;
  std::map<std::string, std::string> labels = {};
  std::vector<double> live_parameters = {};  // as Circuit::live_parameters
  uint64_t version = 1;                      // one more with every change
};

// What an agent has lived through.
struct Stats {
  uint64_t steps = 0, episodes = 0;
  double mean_return = 0;
  int mean_return_episodes = 0;
  uint64_t rewards_applied = 0, rewards_duplicate = 0, rewards_not_learning = 0;
  uint64_t rewards_pending = 0, rewards_expired = 0, rewards_unknown_event = 0;
  double time = 0;  // simulated ms
  std::chrono::system_clock::time_point last_active;
};

// An agent as the last turn left it.
struct Card {
  uint64_t incarnation = 0;
  Settings settings = {};
  Stats stats = {};
  std::vector<uint32_t> numerics = {};  // that have computed its state, ascending
};
std::string EtagOf(const Card& card);
// Enters one more version of the arithmetic.
void AddNumerics(uint32_t numerics, std::vector<uint32_t>* known);

// What is said of a stored state of an agent.
struct SnapshotInfo {
  std::chrono::system_clock::time_point create_time = {};
  uint64_t steps = 0, incarnation = 0, digest = 0;
  int64_t bytes = 0;
  std::string note = {};
  std::string made_by = {};  // the call that made it, when that can be told from others
};

// What an agent is made of, as far as it is in memory. Reached under the turn only.
struct Inside {
  Inside(Agent made, Budget::Room taken) : agent(std::move(made)), room(std::move(taken)) {}

  Agent agent;
  Budget::Room room;
  Rewind rewind = {};
  Card card = {};  // the one that HostedAgent::card copies is published at the end of a turn
  AnswerMemory answers = {};
  RewardIds reward_ids = {};
  std::string run_id = {};
  uint64_t sequence = 0;  // of inputs, for the journal
  // Since the state was stored last: how far it got then, and what doing the inputs since then
  // again would take.
  uint64_t stored_sequence = 0;
  std::chrono::steady_clock::time_point stored_time = std::chrono::steady_clock::now();
  double replay_seconds = 0;
  int64_t replay_bytes = 0;
  bool due = false;  // Home knows that the state should be stored
  std::optional<std::map<std::string, SnapshotInfo>> snapshots = {};  // once they have been read
};

class HostedAgent;
class Watcher;

// Where agents are when they are not in memory.
class Home {
 public:
  virtual ~Home() = default;
  // Under the agent's turn: brings in what it is made of. An error leaves it asleep; NOT_FOUND ends
  // it: there is no such agent.
  virtual absl::Status Wake(HostedAgent& agent) = 0;
  // Under the agent's turn: so much has come since its state was stored that this should be done
  // again.
  virtual void Due(HostedAgent& agent) noexcept = 0;
};

// An agent and all that the server knows of it. What may change is reached through a Turn alone;
// everything here may be called from any thread.
class HostedAgent : public std::enable_shared_from_this<HostedAgent> {
 public:
  // An agent that is awake. `inside.agent` has the seed and the live parameters already;
  // `card.settings.live_parameters` and what statistics follow from it are taken from it. Without a
  // home it never sleeps.
  HostedAgent(Identity identity, Inside inside, Card card, Home* home, int max_waiting);
  // One that sleeps, if there is one: its id is all that is known of it. The first turn wakes it.
  HostedAgent(const std::string& id, Home* home, int max_waiting);

  const std::string& id() const { return identity_.id; }
  // False before the first turn of an agent that sleeps; then nothing below may be asked.
  bool known() const { return known_.load(std::memory_order_acquire); }
  // Its state is in memory, so that a turn needs no disk.
  bool awake() const { return awake_.load(std::memory_order_acquire); }

  const Identity& identity() const { return identity_; }
  const Circuit& circuit() const { return *circuit_; }
  const std::shared_ptr<const Circuit>& shared_circuit() const { return circuit_; }
  Card card() const PHASIC_EXCLUDES(card_mutex_) {
    MutexLock lock(card_mutex_);
    Card card = card_;
    card.stats = stats_.Load();
    return card;
  }
  // Under the turn of one that is awake: asks the processor for what a step will touch, first for
  // what leads to it, and goes on meanwhile.
  void FetchInside() const noexcept;
  void FetchState() const noexcept { inside_->agent.state().Fetch(); }
  // Of the last thing that was put down for it.
  Journal::Ticket last_ticket() const { return last_ticket_.load(std::memory_order_acquire); }

  // What an agent of this circuit counts as in the budget: the state, the way back to before the
  // last turn (core/circuit/rewind.h), and what surrounds it.
  static int64_t BytesOf(const Circuit& circuit);

 private:
  friend class Turn;
  friend class TurnJob;
  friend class Hosting;

  // Under the turn.
  void Enter(Inside inside);
  void Publish() PHASIC_EXCLUDES(card_mutex_);
  void set_last_ticket(Journal::Ticket ticket) {
    if (ticket != 0) last_ticket_.store(ticket, std::memory_order_release);
  }

  Identity identity_;  // complete once known
  std::shared_ptr<const Circuit> circuit_;
  Home* const home_;
  Turnstile turnstile_;
  std::unique_ptr<Inside> inside_;
  std::vector<std::shared_ptr<Watcher>> watchers_;  // reached under the turn only
  std::atomic<bool> known_ = false, awake_ = false;
  std::atomic<Journal::Ticket> last_ticket_ = 0;
  mutable Mutex card_mutex_;
  Card card_ PHASIC_GUARDED_BY(card_mutex_);  // without statistics, which each turn changes
  Published<Stats> stats_;
};

using AgentPtr = std::shared_ptr<HostedAgent>;

}  // namespace phasic

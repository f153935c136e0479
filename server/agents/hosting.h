// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/agents/hosted_agent.h"
#include "server/agents/registry.h"
#include "server/agents/store_journal.h"
#include "server/agents/turn.h"
#include "server/store/store.h"

namespace phasic {

// Agents in memory and in the store, as one: who asks for an agent need not know where it is.
//
// 1. An agent that is looked for and not in memory is entered as one that sleeps, if there is a
//    store: all that is known of it is its id. Whoever has its first turn wakes it; the others
//    stand in line meanwhile, in their order, as for any turn.
// 2. To wake is to read its row, its state and the inputs since then, and to do those again. If
// there
//    is no row there is no agent, and all who stand in line are told so.
// 3. An agent that goes to sleep stays entered while anybody has it in hand; so nobody ever holds
// one
//    that is not the one.
//
// May be called from any thread. Must outlive its agents.
class Hosting final : public Home {
 public:
  // The circuit of a spec as the store has it, shared with all agents that have the same.
  using CircuitOf =
      std::function<absl::StatusOr<std::shared_ptr<const Circuit>>(const std::string& spec)>;
  // What a new agent is entered with.
  struct Newcomer {
    AgentPtr agent;
    std::string spec = {};   // its circuit's, for the store
    bool has_state = false;  // other than the one that its seed gives
  };
  using Clash = Registry::Clash;

  // Without a store agents end with the process.
  Hosting(const ServerLimits& limits, store::Store* store, StoreJournal* journal,
          CircuitOf circuit_of);

  Registry& registry() { return registry_; }
  Journal& journal() { return *journal_; }
  store::Store* store() { return store_; }
  // Agents, those that sleep too.
  int64_t agents() const { return count_.load(std::memory_order_relaxed); }

  // Null when there is none. Needs no disk; so what is found may turn out not to be.
  AgentPtr Find(std::string_view id);
  // By uid. Needs the disk for those that are not in memory.
  absl::Status Find(std::span<const uint64_t> uids, std::vector<AgentPtr>* agents);
  // Sees to it that the agent is known, or NOT_FOUND. May wait for its turn.
  absl::Status Know(const AgentPtr& agent, const Patience& patience);
  // The agent that this call made, known; or null.
  absl::StatusOr<AgentPtr> FindMadeBy(const std::string& call, const Patience& patience);
  // Whether no agent has the id.
  absl::StatusOr<bool> IsFree(const std::string& id, const Patience& patience);
  // The circuit that the store has under this key.
  absl::StatusOr<std::shared_ptr<const Circuit>> LoadCircuit(uint64_t key);

  // Enters all, or none: then with what stands in the way of which. Their ids must differ.
  absl::StatusOr<std::optional<Clash>> Add(std::span<const Newcomer> newcomers,
                                           const Patience& patience);
  // Ends the agent for all who wait or come later, and then for good. With a non-empty etag, only
  // if it holds.
  absl::Status Delete(Turn turn, const std::string& etag);

  // Room for an agent's state. Agents that nobody needs now are put to sleep for it.
  absl::StatusOr<Budget::Room> TakeRoom(const Circuit& circuit);

  // A snapshot's image. Needs the disk, and no turn. `name` is told if there is none.
  absl::StatusOr<std::string> LoadSnapshot(const HostedAgent& agent, const std::string& id,
                                           const std::string& name);

  absl::Status Wake(HostedAgent& agent) override;
  void Due(HostedAgent& agent) noexcept override;

  // What is done under a turn that the caller has. What it puts down is in
  // HostedAgent::last_ticket. Stores the state as it is.
  absl::Status Save(Turn& turn);
  // The same if an input has come since it was stored last, and that is longer ago than `period`.
  absl::Status SaveIfChanged(Turn& turn, std::chrono::milliseconds period);
  // The agent's snapshots by id; read from the disk the first time in its waking life.
  using Snapshots = std::map<std::string, SnapshotInfo>;
  absl::StatusOr<const Snapshots*> ReadSnapshots(Turn& turn);
  // Stores the state under an id that no snapshot of the agent has. `info` says note and made_by.
  absl::StatusOr<SnapshotInfo> TakeSnapshot(Turn& turn, const std::string& id, SnapshotInfo info);
  absl::Status DropSnapshot(Turn& turn, const std::string& id);
  // Goes on from a stored image of this agent, as a new incarnation.
  absl::Status Restore(Turn& turn, std::string_view image);
  // Puts down what the catalogue says of the agent: lists tell it while the agent sleeps. If that
  // fails they tell it later.
  void PutCard(Turn& turn);
  // Puts changes down in the order of the agent's inputs.
  absl::Status Put(Turn& turn, std::vector<store::Change> changes);

  // Agents in memory.
  std::vector<AgentPtr> Awake() const { return registry_.Awake(); }
  // Puts an agent to sleep if nobody needs it now and all of it is stored; begins to store it if
  // not.
  bool PutToSleep(const AgentPtr& agent);
  // Puts agents to sleep, those first that were used longest ago, until there is room for `bytes`;
  // nothing when there is none for a while.
  std::optional<Budget::Room> MakeRoom(int64_t bytes) PHASIC_EXCLUDES(room_mutex_);
  // Agents whose states should be stored, once each.
  std::vector<AgentPtr> TakeDue();
  // Forgets agents whose deletion is kept by now, and those that sleep and nobody has in hand.
  void Forget();

 private:
  absl::StatusOr<std::optional<Clash>> FindClash(std::span<const Newcomer> newcomers,
                                                 const Patience& patience);
  absl::StatusOr<uint64_t> PutCircuitOf(const Newcomer& newcomer,
                                        std::vector<store::Change>* changes);
  absl::Status Store(std::span<const Newcomer> newcomers);
  absl::Status WakeFrom(const store::AgentRow& row, HostedAgent& agent);
  absl::Status Replay(HostedAgent& agent);
  bool IsStored(const HostedAgent& agent) const;
  // Whether there may be room then, or soon.
  bool PutLongestUnusedToSleep(int64_t bytes) PHASIC_REQUIRES(room_mutex_);

  const ServerLimits limits_;
  store::Store* const store_;
  StoreJournal* const store_journal_;
  MemoryJournal memory_journal_;
  Journal* const journal_;
  const CircuitOf circuit_of_;
  Registry registry_;
  std::atomic<int64_t> count_ = 0;
  Mutex room_mutex_;  // one at a time looks for room; held while the store is waited for
  mutable Mutex mutex_;
  std::vector<std::weak_ptr<HostedAgent>> due_ PHASIC_GUARDED_BY(mutex_);
  std::vector<AgentPtr> deleted_ PHASIC_GUARDED_BY(mutex_);
  std::unordered_map<uint64_t, std::weak_ptr<const Circuit>> circuits_ PHASIC_GUARDED_BY(mutex_);
};

}  // namespace phasic

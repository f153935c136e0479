// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/agents/budget.h"
#include "server/agents/hosted_agent.h"

namespace phasic {

// The agents of this process, by id. May be called from any thread; a lock is held only to look up
// or to enter one agent, never while an agent is made, waited for or stepped. Must outlive its
// agents.
class Registry {
 public:
  explicit Registry(int64_t max_total_bytes);

  // From here on NewUid counts on from this.
  void StartUids(uint64_t first) { next_uid_ = first; }
  // A number that no agent or state has had: it counts on from the wall clock's nanoseconds at the
  // start of the process, or from StartUids.
  uint64_t NewUid() { return next_uid_.fetch_add(1, std::memory_order_relaxed); }
  // Room for agents' states is taken here before they are made.
  Budget& budget() { return budget_; }

  // Null when there is none.
  AgentPtr Find(std::string_view id) const PHASIC_EXCLUDES(mutex_);
  // The agents of these uids, in their order; null where there is none.
  void Find(std::span<const uint64_t> uids, std::vector<AgentPtr>* agents) const
      PHASIC_EXCLUDES(mutex_);
  // The agent of that id; when there is none, one that `make` gives is entered and returned.
  AgentPtr FindOrEnter(const std::string& id, const std::function<AgentPtr()>& make)
      PHASIC_EXCLUDES(mutex_);
  // From now on the agent is found by its uid too.
  void Know(const AgentPtr& agent) PHASIC_EXCLUDES(mutex_);
  // Takes the agent out if it sleeps and nobody but the caller has it in hand.
  bool Forget(const AgentPtr& agent) PHASIC_EXCLUDES(mutex_);
  // The same for all.
  void ForgetAsleep() PHASIC_EXCLUDES(mutex_);
  // The agent that this call made, or null. An empty call made none.
  AgentPtr FindMadeBy(const std::string& call) const PHASIC_EXCLUDES(mutex_);
  // Enters the agent and returns it; or returns the one that was here first: made by the same call,
  // or with the same id.
  AgentPtr Add(const AgentPtr& agent) PHASIC_EXCLUDES(mutex_);
  // Which of several stands in another's way, and whose.
  struct Clash {
    size_t index;
    AgentPtr first;
  };
  // Enters all of them; or, when one was here first, none. Their ids must differ.
  std::optional<Clash> Add(std::span<const AgentPtr> agents) PHASIC_EXCLUDES(mutex_);
  void Remove(const AgentPtr& agent) PHASIC_EXCLUDES(mutex_);
  // The agents whose states are in memory.
  std::vector<AgentPtr> Awake() const PHASIC_EXCLUDES(mutex_);
  // Up to `count` agents in the order of their ids, from the first id after `after`.
  std::vector<AgentPtr> After(std::string_view after, size_t count) const PHASIC_EXCLUDES(mutex_);

 private:
  using ById = std::map<std::string, AgentPtr, std::less<>>;
  // Whether the agent sleeps, and nobody has it in hand beside the registry and so many others.
  bool IsIdle(const HostedAgent& agent, size_t others, size_t uses) const PHASIC_REQUIRES(mutex_);
  void Erase(ById::iterator at) PHASIC_REQUIRES(mutex_);

  std::atomic<uint64_t> next_uid_;
  Budget budget_;
  mutable SharedMutex mutex_;
  ById by_id_ PHASIC_GUARDED_BY(mutex_);
  std::unordered_map<uint64_t, AgentPtr> by_uid_ PHASIC_GUARDED_BY(mutex_);
  std::map<std::string, AgentPtr> by_call_ PHASIC_GUARDED_BY(mutex_);
};

}  // namespace phasic

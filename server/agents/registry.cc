// SPDX-License-Identifier: Apache-2.0
#include "server/agents/registry.h"

#include <chrono>

namespace phasic {

Registry::Registry(int64_t max_total_bytes)
    : next_uid_(
          std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count()),
      budget_(INT64_MAX, max_total_bytes) {}

AgentPtr Registry::Find(std::string_view id) const {
  ReaderLock lock(mutex_);
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : at->second;
}

void Registry::Find(std::span<const uint64_t> uids, std::vector<AgentPtr>* agents) const {
  agents->clear();
  agents->reserve(uids.size());
  ReaderLock lock(mutex_);
  for (const uint64_t uid : uids) {
    const auto at = by_uid_.find(uid);
    agents->push_back(at == by_uid_.end() ? nullptr : at->second);
  }
}

AgentPtr Registry::FindOrEnter(const std::string& id, const std::function<AgentPtr()>& make) {
  if (AgentPtr agent = Find(id)) return agent;
  AgentPtr made = make();
  WriterLock lock(mutex_);
  return by_id_.try_emplace(id, std::move(made)).first->second;
}

void Registry::Know(const AgentPtr& agent) {
  WriterLock lock(mutex_);
  by_uid_.insert_or_assign(agent->identity().uid, agent);
}

// Who would take an agent in hand now needs the lock first: so who has not, does not get it.
bool Registry::IsIdle(const HostedAgent& agent, size_t others, size_t uses) const {
  size_t own = 1;
  if (agent.known()) {
    own += by_uid_.count(agent.identity().uid) + by_call_.count(agent.identity().made_by);
  }
  return !agent.awake() && uses <= own + others;
}

void Registry::Erase(ById::iterator at) {
  const AgentPtr agent = at->second;
  by_id_.erase(at);
  by_uid_.erase(agent->identity().uid);
  by_call_.erase(agent->identity().made_by);
}

bool Registry::Forget(const AgentPtr& agent) {
  WriterLock lock(mutex_);
  const auto at = by_id_.find(agent->id());
  if (at == by_id_.end() || at->second != agent) return false;
  if (!IsIdle(*agent, 1, static_cast<size_t>(agent.use_count()))) return false;
  Erase(at);
  return true;
}

void Registry::ForgetAsleep() {
  WriterLock lock(mutex_);
  for (auto at = by_id_.begin(); at != by_id_.end();) {
    const auto next = std::next(at);
    if (IsIdle(*at->second, 0, static_cast<size_t>(at->second.use_count()))) Erase(at);
    at = next;
  }
}

AgentPtr Registry::FindMadeBy(const std::string& call) const {
  if (call.empty()) return nullptr;
  ReaderLock lock(mutex_);
  const auto at = by_call_.find(call);
  return at == by_call_.end() ? nullptr : at->second;
}

std::optional<Registry::Clash> Registry::Add(std::span<const AgentPtr> agents) {
  // The entries are made out here, so that entering them cannot fail half way.
  decltype(by_id_) by_id;
  decltype(by_uid_) by_uid;
  decltype(by_call_) by_call;
  for (const AgentPtr& agent : agents) {
    const Identity& identity = agent->identity();
    by_id.emplace(identity.id, agent);
    by_uid.emplace(identity.uid, agent);
    if (!identity.made_by.empty()) by_call.emplace(identity.made_by, agent);
  }
  WriterLock lock(mutex_);
  for (size_t i = 0; i < agents.size(); ++i) {
    const Identity& identity = agents[i]->identity();
    if (const auto at = by_call_.find(identity.made_by); at != by_call_.end()) {
      return Clash{i, at->second};
    }
    if (const auto at = by_id_.find(identity.id); at != by_id_.end()) return Clash{i, at->second};
  }
  by_uid_.reserve(by_uid_.size() + by_uid.size());  // the last that may fail
  by_id_.merge(by_id);
  by_uid_.merge(by_uid);
  by_call_.merge(by_call);
  return std::nullopt;
}

AgentPtr Registry::Add(const AgentPtr& agent) {
  const std::optional<Clash> clash = Add({&agent, 1});
  return clash ? clash->first : agent;
}

void Registry::Remove(const AgentPtr& agent) {
  WriterLock lock(mutex_);
  const auto at = by_id_.find(agent->id());
  if (at == by_id_.end() || at->second != agent) return;
  Erase(at);
}

std::vector<AgentPtr> Registry::Awake() const {
  std::vector<AgentPtr> agents;
  ReaderLock lock(mutex_);
  agents.reserve(by_id_.size());
  for (const auto& [id, agent] : by_id_) {
    if (agent->awake()) agents.push_back(agent);
  }
  return agents;
}

std::vector<AgentPtr> Registry::After(std::string_view after, size_t count) const {
  std::vector<AgentPtr> agents;
  agents.reserve(count);
  ReaderLock lock(mutex_);
  for (auto at = by_id_.upper_bound(after); at != by_id_.end() && agents.size() < count; ++at) {
    agents.push_back(at->second);
  }
  return agents;
}

}  // namespace phasic

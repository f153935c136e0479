// SPDX-License-Identifier: Apache-2.0
#include "server/agents/registry.h"

#include <chrono>

namespace phasic {

Registry::Registry(int64_t max_agents, int64_t max_total_bytes)
    : next_uid_(
          std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count()),
      budget_(max_agents, max_total_bytes) {}

AgentPtr Registry::Find(std::string_view id) const {
  ReaderLock lock(mutex_);
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : at->second;
}

AgentPtr Registry::FindMadeBy(const std::string& call) const {
  if (call.empty()) return nullptr;
  ReaderLock lock(mutex_);
  const auto at = by_call_.find(call);
  return at == by_call_.end() ? nullptr : at->second;
}

AgentPtr Registry::Add(const AgentPtr& agent) {
  const Identity& identity = agent->identity();
  // The entries are made out here, so that entering them cannot fail half way.
  decltype(by_id_) by_id{{identity.id, agent}};
  decltype(by_call_) by_call;
  if (!identity.made_by.empty()) by_call.emplace(identity.made_by, agent);

  WriterLock lock(mutex_);
  if (const auto at = by_call_.find(identity.made_by); at != by_call_.end()) return at->second;
  by_id_.merge(by_id);
  if (!by_id.empty()) return by_id_.find(identity.id)->second;
  by_call_.merge(by_call);
  return agent;
}

void Registry::Remove(const AgentPtr& agent) {
  const Identity& identity = agent->identity();
  WriterLock lock(mutex_);
  const auto at = by_id_.find(identity.id);
  if (at == by_id_.end() || at->second != agent) return;
  by_id_.erase(at);
  by_call_.erase(identity.made_by);
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

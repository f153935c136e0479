// SPDX-License-Identifier: Apache-2.0
#include "server/agents/hosting.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/hash.h"
#include "core/base/numerics.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/agents/image.h"

namespace phasic {
namespace {

constexpr char kTenant[] = "default";

}  // namespace

Hosting::Hosting(const ServerLimits& limits, store::Store* store, StoreJournal* journal,
                 CircuitOf circuit_of)
    : limits_(limits),
      store_(store),
      store_journal_(journal),
      journal_(journal != nullptr ? static_cast<Journal*>(journal) : &memory_journal_),
      circuit_of_(std::move(circuit_of)),
      registry_(limits.max_total_bytes) {
  if (store_ == nullptr) return;
  count_ = store_->CountAgents().value_or(0);
  // Whatever the clock does, the store gives none twice. More than a process will ever use.
  constexpr uint64_t kUids = uint64_t{1} << 40;
  const absl::StatusOr<uint64_t> first = store_->ReserveUids(registry_.NewUid(), kUids);
  if (first.ok()) registry_.StartUids(*first);
}

AgentPtr Hosting::Find(std::string_view id) {
  AgentPtr agent = registry_.Find(id);
  if (agent != nullptr || store_ == nullptr) return agent;
  const std::string own(id);
  return registry_.FindOrEnter(
      own, [&] { return std::make_shared<HostedAgent>(own, this, limits_.max_waiting_turns); });
}

absl::Status Hosting::Find(std::span<const uint64_t> uids, std::vector<AgentPtr>* agents) {
  registry_.Find(uids, agents);
  if (store_ == nullptr) return absl::OkStatus();
  for (size_t i = 0; i < uids.size(); ++i) {
    if ((*agents)[i] != nullptr) continue;
    ASSIGN_OR_RETURN(const auto row, store_->FindAgent(uids[i]));
    if (row) (*agents)[i] = Find(row->id);
  }
  return absl::OkStatus();
}

absl::Status Hosting::Know(const AgentPtr& agent, const Patience& patience) {
  return agent->known() ? absl::OkStatus() : Turn::Take(agent, patience, *journal_).status();
}

absl::StatusOr<AgentPtr> Hosting::FindMadeBy(const std::string& call, const Patience& patience) {
  AgentPtr agent = registry_.FindMadeBy(call);
  if (agent != nullptr || store_ == nullptr || call.empty()) return agent;
  ASSIGN_OR_RETURN(const auto row, store_->FindMadeBy(call));
  if (!row) return nullptr;
  agent = Find(row->id);
  RETURN_IF_ERROR(Know(agent, patience));
  return agent;
}

absl::StatusOr<bool> Hosting::IsFree(const std::string& id, const Patience& patience) {
  const AgentPtr agent = registry_.Find(id);
  if (agent != nullptr) {
    const absl::Status known = Know(agent, patience);
    if (absl::IsNotFound(known)) return true;
    RETURN_IF_ERROR(known);
    return false;
  }
  if (store_ == nullptr) return true;
  ASSIGN_OR_RETURN(const auto row, store_->FindAgent(kTenant, id));
  return !row.has_value();
}

absl::StatusOr<std::shared_ptr<const Circuit>> Hosting::LoadCircuit(uint64_t key) {
  {
    MutexLock lock(mutex_);
    const auto at = circuits_.find(key);
    if (at != circuits_.end()) {
      if (auto circuit = at->second.lock()) return circuit;
    }
  }
  ASSIGN_OR_RETURN(const std::string spec, store_->LoadCircuit(key));
  ASSIGN_OR_RETURN(std::shared_ptr<const Circuit> circuit, circuit_of_(spec));
  MutexLock lock(mutex_);
  std::erase_if(circuits_, [](const auto& entry) { return entry.second.expired(); });
  circuits_[key] = circuit;
  return circuit;
}

absl::StatusOr<Budget::Room> Hosting::TakeRoom(const Circuit& circuit) {
  const int64_t bytes = HostedAgent::BytesOf(circuit);
  if (circuit.max_state_bytes() > limits_.max_agent_bytes) {
    return errors::ServerFull(
        "max_agent_bytes", absl::StrCat("the agent may need ", circuit.max_state_bytes(),
                                        " bytes, but may have at most ", limits_.max_agent_bytes));
  }
  Budget& budget = registry_.budget();
  if (auto room = budget.Take(bytes)) return *std::move(room);
  if (auto room = MakeRoom(bytes)) return *std::move(room);
  return errors::ServerFull(
      "max_total_bytes",
      absl::StrCat("the agent may need ", bytes, " bytes, but of ", limits_.max_total_bytes,
                   " only ", std::max<int64_t>(0, limits_.max_total_bytes - budget.use().bytes),
                   " are left"));
}

absl::StatusOr<std::optional<Hosting::Clash>> Hosting::FindClash(
    std::span<const Newcomer> newcomers, const Patience& patience) {
  for (size_t i = 0; i < newcomers.size(); ++i) {
    const Identity& identity = newcomers[i].agent->identity();
    ASSIGN_OR_RETURN(auto row, store_->FindAgent(kTenant, identity.id));
    if (row) {
      if (identity.made_by.empty() || row->made_by != identity.made_by) {
        return errors::AgentExists(identity.name());
      }
    } else if (!identity.made_by.empty()) {
      ASSIGN_OR_RETURN(row, store_->FindMadeBy(identity.made_by));
    }
    if (!row) continue;
    // The same call has made it before.
    registry_.Remove(newcomers[i].agent);
    const AgentPtr first = Find(row->id);
    RETURN_IF_ERROR(Know(first, patience));
    return std::optional(Clash{i, first});
  }
  return std::nullopt;
}

// The key under which the store has, or will have, the circuit. Keys are hashes; so another spec
// may have taken it.
absl::StatusOr<uint64_t> Hosting::PutCircuitOf(const Newcomer& newcomer,
                                               std::vector<store::Change>* changes) {
  for (uint64_t key = HashOf(newcomer.spec);; ++key) {
    for (const store::Change& change : *changes) {
      const auto* put = std::get_if<store::PutCircuit>(&change);
      if (put != nullptr && put->key == key && put->spec == newcomer.spec) return key;
    }
    const absl::StatusOr<std::string> spec = store_->LoadCircuit(key);
    if (spec.ok() && *spec != newcomer.spec) continue;
    if (absl::IsNotFound(spec.status())) {
      changes->push_back(store::PutCircuit{key, newcomer.spec});
    } else if (!spec.ok()) {
      return spec.status();
    }
    MutexLock lock(mutex_);
    circuits_[key] = newcomer.agent->shared_circuit();
    return key;
  }
}

absl::Status Hosting::Store(std::span<const Newcomer> newcomers) {
  std::vector<store::Change> changes;
  bool synced = false;
  const std::string* last_spec = nullptr;
  uint64_t key = 0;
  for (const Newcomer& newcomer : newcomers) {
    const HostedAgent& agent = *newcomer.agent;
    const Identity& identity = agent.identity();
    if (identity.durability == Durability::kEphemeral) continue;
    synced = synced || identity.durability == Durability::kSynced;
    if (last_spec == nullptr || *last_spec != newcomer.spec) {
      ASSIGN_OR_RETURN(key, PutCircuitOf(newcomer, &changes));
      last_spec = &newcomer.spec;
    }
    std::string card = EncodeCard(identity, agent.inside_->card);
    changes.push_back(store::PutAgent{
        {identity.uid, kTenant, identity.id, identity.made_by, key, std::move(card)}});
    if (!newcomer.has_state) continue;
    changes.push_back(store::PutState{identity.uid, agent.inside_->sequence,
                                      EncodeImage(*agent.inside_),
                                      EncodeCard(identity, agent.inside_->card)});
  }
  if (changes.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Journal::Ticket ticket, store_journal_->Put(std::move(changes), synced));
  for (const Newcomer& newcomer : newcomers) newcomer.agent->set_last_ticket(ticket);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Hosting::Clash>> Hosting::Add(std::span<const Newcomer> newcomers,
                                                           const Patience& patience) {
  std::vector<AgentPtr> agents;
  for (const Newcomer& newcomer : newcomers) agents.push_back(newcomer.agent);
  const auto total = static_cast<int64_t>(agents.size());
  if (count_.fetch_add(total) > limits_.max_agents - total) {
    count_ -= total;
    return errors::ServerFull("max_agents", absl::StrCat("it has ", count_.load(), " agents"));
  }
  // Nobody has a turn of theirs before it is certain that they are.
  std::vector<Turn> turns;
  for (const AgentPtr& agent : agents) {
    ASSIGN_OR_RETURN(Turn turn, Turn::Take(agent, {}, *journal_));
    turns.push_back(std::move(turn));
  }
  const auto end = [&](bool entered) {
    if (entered) {
      for (const AgentPtr& agent : agents) {
        agent->turnstile_.Close();
        registry_.Remove(agent);
      }
    }
    count_ -= total;
  };
  while (true) {
    std::optional<Clash> clash = registry_.Add(agents);
    if (!clash) break;
    const absl::Status known = Know(clash->first, patience);
    if (absl::IsNotFound(known)) continue;  // It was only looked for.
    end(false);
    RETURN_IF_ERROR(known);
    return clash;
  }
  if (store_ == nullptr) return std::nullopt;
  absl::StatusOr<std::optional<Clash>> clash = FindClash(newcomers, patience);
  if (clash.ok() && !*clash) {
    const absl::Status stored = Store(newcomers);
    if (stored.ok()) return std::nullopt;
    clash = stored;
  }
  end(true);
  return clash;
}

absl::Status Hosting::Delete(Turn turn, const std::string& etag) {
  RETURN_IF_ERROR(turn.CheckEtag(etag));
  const AgentPtr agent = turn.agent_;
  const Identity& identity = agent->identity();
  if (store_ != nullptr && identity.durability != Durability::kEphemeral) {
    RETURN_IF_ERROR(Put(turn, {store::DeleteAgent{identity.uid}}));
  }
  turn.Close();
  --count_;
  { const Turn ended = std::move(turn); }
  absl::Status kept = journal_->Wait(agent->last_ticket());
  if (kept.ok()) {
    registry_.Remove(agent);
  } else {
    // Until it is kept the store has it, so it stays entered, and closed.
    MutexLock lock(mutex_);
    deleted_.push_back(agent);
  }
  return kept;
}

void Hosting::Forget() {
  std::vector<AgentPtr> gone;
  {
    MutexLock lock(mutex_);
    std::erase_if(deleted_, [&](const AgentPtr& agent) {
      if (!store_journal_->IsKept(agent->last_ticket())) return false;
      gone.push_back(agent);
      return true;
    });
  }
  for (const AgentPtr& agent : gone) registry_.Remove(agent);
  registry_.ForgetAsleep();
}

absl::Status Hosting::Put(Turn& turn, std::vector<store::Change> changes) {
  HostedAgent& agent = *turn.agent_;
  const bool synced = agent.identity().durability == Durability::kSynced;
  ASSIGN_OR_RETURN(const Journal::Ticket ticket, store_journal_->Put(std::move(changes), synced));
  agent.set_last_ticket(ticket);
  return absl::OkStatus();
}

void Hosting::PutCard(Turn& turn) {
  const Identity& identity = turn.agent_->identity();
  if (store_ == nullptr || identity.durability == Durability::kEphemeral) return;
  // While there is no state, the card is where its inputs begin; it must not run ahead of them.
  if (turn.inside().stored_sequence == 0) return Save(turn).IgnoreError();
  Put(turn, {store::PutCard{identity.uid, EncodeCard(identity, turn.card())}}).IgnoreError();
}

void Hosting::Due(HostedAgent& agent) noexcept {
  MutexLock lock(mutex_);
  try {
    due_.push_back(agent.weak_from_this());
  } catch (const std::bad_alloc&) {
    // It is put down when the journal has grown too long, if not now.
  }
}

std::vector<AgentPtr> Hosting::TakeDue() {
  std::vector<std::weak_ptr<HostedAgent>> due;
  {
    MutexLock lock(mutex_);
    due.swap(due_);
  }
  std::vector<AgentPtr> agents;
  for (const auto& weak : due) {
    if (AgentPtr agent = weak.lock()) agents.push_back(std::move(agent));
  }
  return agents;
}

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
//
// How agents fall asleep and wake (hosting.h).
#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/numerics.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/agents/hosting.h"
#include "server/agents/image.h"
#include "server/agents/record.h"

namespace phasic {
namespace {

// What is kept free beyond what is needed, as a part of the whole.
constexpr int64_t kHeadroom = 32;
// Agents that somebody has for a moment are asked again after a moment, and this long in all.
constexpr std::chrono::milliseconds kMoment{2};
constexpr std::chrono::seconds kPatience{1};

}  // namespace

absl::Status Hosting::Wake(HostedAgent& agent) {
  ASSIGN_OR_RETURN(const auto row, store_->FindAgent("default", agent.id()));
  if (!row) {
    registry_.Remove(agent.shared_from_this());
    agent.turnstile_.Close();
    return errors::AgentNotFound(agent.identity().name());
  }
  return WakeFrom(*row, agent);
}

absl::Status Hosting::WakeFrom(const store::AgentRow& row, HostedAgent& agent) {
  ASSIGN_OR_RETURN(CatalogueCard catalogue, DecodeCard(row.card));
  ASSIGN_OR_RETURN(const std::shared_ptr<const Circuit> circuit, LoadCircuit(row.circuit));
  ASSIGN_OR_RETURN(Budget::Room room, TakeRoom(*circuit));
  ASSIGN_OR_RETURN(const auto state, store_->LoadState(row.uid));
  std::unique_ptr<Inside> inside;
  if (state) {
    ASSIGN_OR_RETURN(Inside read, DecodeImage(state->bytes, circuit, std::move(room)));
    inside = std::make_unique<Inside>(std::move(read));
  } else {
    const std::vector<double>& parameters = catalogue.card.settings.live_parameters;
    if (parameters.size() != circuit->live_parameters().size()) {
      return errors::Corrupt(absl::StrCat("agent ", row.id, " with other live parameters"));
    }
    inside = std::make_unique<Inside>(Agent(circuit, catalogue.identity.seed), std::move(room));
    for (size_t i = 0; i < parameters.size(); ++i) {
      inside->agent.set_live_parameter(circuit->live_parameters()[i], parameters[i]);
    }
    inside->card = std::move(catalogue.card);
  }
  AddNumerics(kNumerics, &inside->card.numerics);
  if (!agent.known()) {
    const std::string id = agent.id();
    catalogue.identity.id = id;
    catalogue.identity.uid = row.uid;
    catalogue.identity.made_by = row.made_by;
    agent.identity_ = std::move(catalogue.identity);
    agent.circuit_ = circuit;
  }
  agent.inside_ = std::move(inside);
  absl::Status replayed = Replay(agent);
  if (!replayed.ok()) {
    agent.inside_.reset();
    return replayed;
  }
  agent.Publish();
  if (!agent.known()) registry_.Know(agent.shared_from_this());
  agent.known_.store(true, std::memory_order_release);
  agent.awake_.store(true, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status Hosting::Replay(HostedAgent& agent) {
  Inside& inside = *agent.inside_;
  const AgentPtr self = agent.shared_from_this();
  DecodedInput input;
  const auto redo = [&](const store::Record& record, uint32_t numerics) -> absl::Status {
    if (record.sequence != inside.sequence + 1) {
      return errors::Corrupt(absl::StrCat("input ", record.sequence, " of agent ", agent.id(),
                                          " after input ", inside.sequence));
    }
    RETURN_IF_ERROR(input.Decode(record.bytes));
    AddNumerics(numerics, &inside.card.numerics);
    return Turn::Redo(self, input.input());
  };
  return store_->ReadRecords(agent.identity().uid, inside.sequence, redo);
}

absl::Status Hosting::Save(Turn& turn) {
  Inside& inside = turn.inside();
  const Identity& identity = turn.agent_->identity();
  if (identity.durability == Durability::kEphemeral || store_ == nullptr) return absl::OkStatus();
  RETURN_IF_ERROR(Put(turn, {store::PutState{identity.uid, inside.sequence, EncodeImage(inside),
                                             EncodeCard(identity, inside.card)}}));
  inside.stored_sequence = inside.sequence;
  inside.stored_time = std::chrono::steady_clock::now();
  inside.replay_seconds = 0;
  inside.replay_bytes = 0;
  inside.due = false;
  return absl::OkStatus();
}

absl::Status Hosting::SaveIfChanged(Turn& turn, std::chrono::milliseconds period) {
  const Inside& inside = turn.inside();
  const bool changed = inside.sequence != inside.stored_sequence;
  const bool due = std::chrono::steady_clock::now() - inside.stored_time >= period;
  return changed && due ? Save(turn) : absl::OkStatus();
}

absl::Status Hosting::Restore(Turn& turn, std::string_view image) {
  HostedAgent& agent = *turn.agent_;
  const std::shared_ptr<const Circuit>& circuit = agent.shared_circuit();
  ASSIGN_OR_RETURN(Budget::Room room, TakeRoom(*circuit));
  ASSIGN_OR_RETURN(Inside read, DecodeImage(image, circuit, std::move(room)));
  auto restored = std::make_unique<Inside>(std::move(read));
  restored->sequence = turn.inside().sequence;
  restored->snapshots = turn.inside().snapshots;
  restored->card.incarnation = registry_.NewUid();
  restored->card.stats.last_active = std::chrono::system_clock::now();
  AddNumerics(kNumerics, &restored->card.numerics);
  std::swap(agent.inside_, restored);
  absl::Status saved = Save(turn);
  if (!saved.ok()) {
    std::swap(agent.inside_, restored);
    return saved;
  }
  agent.Publish();
  turn.Tell();
  return absl::OkStatus();
}

// Under the agent's turn.
bool Hosting::IsStored(const HostedAgent& agent) const {
  return agent.inside_->sequence == agent.inside_->stored_sequence &&
         store_journal_->IsKept(agent.last_ticket());
}

bool Hosting::PutToSleep(const AgentPtr& agent) {
  if (store_ == nullptr || !agent->awake()) return false;
  if (agent->identity().durability == Durability::kEphemeral) return false;
  if (!agent->turnstile_.EnterIfFree()) return false;
  Turn turn(agent, *journal_);
  if (!agent->awake()) return false;
  if (!IsStored(*agent)) {
    // What the statistics say may have changed without an input; an agent that has stored its
    // inputs has stored them.
    if (agent->inside_->sequence != agent->inside_->stored_sequence) Save(turn).IgnoreError();
    return false;
  }
  agent->awake_.store(false, std::memory_order_release);
  agent->inside_.reset();
  return true;
}

std::optional<Budget::Room> Hosting::MakeRoom(int64_t bytes) {
  if (store_ == nullptr) return std::nullopt;
  Budget& budget = registry_.budget();
  MutexLock lock(room_mutex_);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  // Others wake meanwhile, and may take what has been freed: so each round begins with who is awake
  // then.
  bool some_may_go = true;
  while (true) {
    if (auto room = budget.Take(bytes)) return room;
    if (!some_may_go || std::chrono::steady_clock::now() >= deadline) return std::nullopt;
    some_may_go = PutLongestUnusedToSleep(bytes);
  }
}

bool Hosting::PutLongestUnusedToSleep(int64_t bytes) {
  Budget& budget = registry_.budget();
  // A few more than needed: who comes next finds room.
  const int64_t target = limits_.max_total_bytes - bytes - limits_.max_total_bytes / kHeadroom;
  std::vector<std::pair<std::chrono::system_clock::time_point, AgentPtr>> by_use;
  // Whoever is just made or woken has room, and is not awake yet.
  const int64_t places = budget.use().places;
  std::vector<AgentPtr> awake = registry_.Awake();
  const bool some_come = places > static_cast<int64_t>(awake.size());
  for (AgentPtr& agent : awake) {
    if (agent->identity().durability == Durability::kEphemeral) continue;
    const auto used = agent->card().stats.last_active;
    by_use.emplace_back(used, std::move(agent));
  }
  std::sort(by_use.begin(), by_use.end());
  // Those that are stored go at once. Of the others as many are stored as are needed, together, and
  // go in the next round, as do those that somebody has for a moment.
  int64_t freed_soon = 0;
  Journal::Ticket last = 0;
  for (const auto& [used, agent] : by_use) {
    if (budget.use().bytes - freed_soon <= target) break;
    const Journal::Ticket before = agent->last_ticket();
    if (PutToSleep(agent)) {
      registry_.Forget(agent);
      continue;
    }
    const Journal::Ticket after = agent->last_ticket();
    if (after != before || !journal_->IsKept(after)) {
      freed_soon += HostedAgent::BytesOf(agent->circuit());
      last = std::max(last, after);
    }
  }
  if (!journal_->Wait(last).ok()) return false;
  if (last == 0 && budget.use().bytes > target) std::this_thread::sleep_for(kMoment);
  return some_come || !by_use.empty();
}

}  // namespace phasic

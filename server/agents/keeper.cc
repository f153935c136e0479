// SPDX-License-Identifier: Apache-2.0
#include "server/agents/keeper.h"

#include <algorithm>

#include "core/base/status_macros.h"

namespace phasic {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr milliseconds kRound{50};
// A turn that takes longer to come is waited for in a later round.
constexpr milliseconds kPatience{2'000};
// States that are stored at a time because the journal is too long.
constexpr size_t kAtATime = 64;

}  // namespace

Keeper::Keeper(Hosting& hosting, const Habits& habits) : hosting_(hosting), habits_(habits) {
  if (hosting_.store() != nullptr) thread_ = std::thread([this] { Look(); });
}

Keeper::~Keeper() { Stop(); }

void Keeper::Stop() {
  {
    MutexLock lock(mutex_);
    stopped_ = true;
    stopping_.NotifyOne();
  }
  if (thread_.joinable()) thread_.join();
}

void Keeper::Look() {
  while (true) {
    {
      MutexLock lock(mutex_);
      if (!stopped_) stopping_.WaitUntil(mutex_, steady_clock::now() + kRound);
      if (stopped_) return;
    }
    try {
      Round();
    } catch (const std::bad_alloc&) {
      // The next round may find more memory.
    }
  }
}

void Keeper::Round() {
  SaveDue();
  ShortenJournal();
  const auto now = steady_clock::now();
  if (now < next_look_) return;
  LookAtIdle();
  // Often enough for the shortest of the times, and never busy with looking.
  const auto period = std::min(habits_.hibernate_after, habits_.snapshot_period) / 10;
  next_look_ = now + std::clamp(period, kRound, milliseconds(5'000));
}

void Keeper::SaveDue() {
  for (const AgentPtr& agent : hosting_.TakeDue()) Save(agent);
}

void Keeper::ShortenJournal() {
  if (hosting_.store()->journal_bytes() <= habits_.max_journal_bytes) return;
  Journal::Ticket last = 0;
  std::vector<AgentPtr> agents;
  const std::vector<uint64_t> oldest = hosting_.store()->OldestInJournal(kAtATime);
  if (!hosting_.Find(oldest, &agents).ok()) return;
  for (const AgentPtr& agent : agents) {
    if (agent == nullptr) continue;
    Save(agent);
    last = std::max(last, agent->last_ticket());
  }
  hosting_.journal().Wait(last).IgnoreError();
}

void Keeper::LookAtIdle() {
  const auto now = system_clock::now();
  for (const AgentPtr& agent : hosting_.Awake()) {
    const auto idle = now - agent->card().stats.last_active;
    if (idle >= habits_.hibernate_after) {
      hosting_.PutToSleep(agent);
    } else if (agent->identity().durability == Durability::kSnapshot) {
      auto turn = Turn::Take(agent, {steady_clock::now() + kPatience, {}}, hosting_.journal());
      if (turn.ok()) hosting_.SaveIfChanged(*turn, habits_.snapshot_period).IgnoreError();
    }
  }
  hosting_.Forget();
}

void Keeper::Save(const AgentPtr& agent) {
  auto turn = Turn::Take(agent, {steady_clock::now() + kPatience, {}}, hosting_.journal());
  if (!turn.ok() || !hosting_.Save(*turn).ok()) hosting_.Due(*agent);
}

absl::Status Keeper::SaveAll() {
  Stop();
  if (hosting_.store() == nullptr) return absl::OkStatus();
  Journal::Ticket last = 0;
  for (const AgentPtr& agent : hosting_.Awake()) {
    ASSIGN_OR_RETURN(Turn turn, Turn::Take(agent, {}, hosting_.journal()));
    RETURN_IF_ERROR(hosting_.SaveIfChanged(turn, {}));
    last = std::max(last, agent->last_ticket());
  }
  return hosting_.journal().Wait(last);
}

}  // namespace phasic

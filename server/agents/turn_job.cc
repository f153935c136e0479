// SPDX-License-Identifier: Apache-2.0
#include "server/agents/turn_job.h"

#include <utility>

#include "server/agents/errors.h"

namespace phasic {
namespace {

using Clock = std::chrono::steady_clock;
using Entry = Turnstile::Entry;

}  // namespace

void TurnJob::Start(AgentPtr agent, const Patience& patience, Journal& journal, Workers& workers,
                    double seconds) noexcept {
  if (!Join(std::move(agent), patience, journal, workers)) return;
  if (asleep() || (entered() && seconds > kLongSeconds)) return Defer();
  Run();
}

bool TurnJob::Join(AgentPtr agent, const Patience& patience, Journal& journal,
                   Workers& workers) noexcept {
  agent_ = std::move(agent);
  patience_ = &patience;
  deadline_ = patience.deadline;
  journal_ = &journal;
  workers_ = &workers;
  if (gone()) {
    entry_ = Entry::kGone;
    return true;
  }
  // Who has no deadline and need not wait is spared the clock, which costs as much as a small
  // agent's tick.
  if (deadline_ == Patience::kNoDeadline && agent_->turnstile_.EnterIfFree()) {
    entry_ = Entry::kEntered;
  } else {
    deadline_ = patience.By();
    const std::optional<Entry> entry = agent_->turnstile_.Join(this, deadline_);
    if (!entry) return false;
    entry_ = *entry;
  }
  return true;
}

void TurnJob::Called(Entry entry) noexcept {
  entry_ = entry;
  workers_->Add(this);
}

absl::StatusOr<Turn> TurnJob::Take(AgentPtr* refused) noexcept {
  if (entered()) {
    const bool left = gone();
    const bool late = deadline_ != Patience::kNoDeadline && Clock::now() >= deadline_;
    if (left || late) {
      agent_->turnstile_.Leave();
      entry_ = left ? Entry::kGone : Entry::kDeadline;
    }
  }
  absl::StatusOr<Turn> turn = Turn::Of(entry_, std::move(agent_), *journal_);
  *refused = std::move(agent_);
  return turn;
}

void TurnJob::Run() noexcept {
  AgentPtr refused;
  absl::StatusOr<Turn> turn = Take(&refused);
  Work(std::move(turn), std::move(refused));
}

}  // namespace phasic

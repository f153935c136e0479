// SPDX-License-Identifier: Apache-2.0
#include "server/agents/turn_job.h"

#include <utility>

#include "server/agents/errors.h"

namespace phasic {
namespace {

using Entry = Turnstile::Entry;

}  // namespace

void TurnJob::Start(AgentPtr agent, const Patience& patience, Journal& journal, Workers& workers,
                    double seconds) noexcept {
  if (!Join(std::move(agent), patience, journal, workers)) return;
  const bool long_work = seconds > kLongSeconds || !agent_->awake();
  if (entry_ == Entry::kEntered && long_work) return workers_->Add(this);
  Begin();
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

void TurnJob::Run() noexcept {
  if (entry_ == Entry::kEntered) {
    const bool left = gone();
    const bool late = std::chrono::steady_clock::now() >= deadline_;
    if (left || late) {
      agent_->turnstile_.Leave();
      entry_ = left ? Entry::kGone : Entry::kDeadline;
    }
  }
  Begin();
}

void TurnJob::Begin() noexcept {
  absl::StatusOr<Turn> turn = Turn::Of(entry_, std::move(agent_), *journal_);
  Work(std::move(turn), std::move(agent_));
}

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "server/agents/turn_job.h"

#include <utility>

#include "server/agents/errors.h"

namespace phasic {
namespace {

using Entry = Turnstile::Entry;

// Longer work goes to a worker. Handing it over costs 5 to 50 us, so shorter work would lose by it;
// and nobody notices that the wire was held up for so long.
constexpr double kLongSeconds = 500e-6;

}  // namespace

void TurnJob::Start(AgentPtr agent, const Patience& patience, Journal& journal, Workers& workers,
                    double seconds) noexcept {
  agent_ = std::move(agent);
  patience_ = patience;
  journal_ = &journal;
  workers_ = &workers;
  if (patience_.gone && patience_.gone()) return Work(errors::Cancelled());
  const std::optional<Entry> entry = agent_->turnstile_.Join(this, patience_.deadline);
  if (!entry) return;
  entry_ = *entry;
  const bool long_work = seconds > kLongSeconds || !agent_->awake();
  if (entry_ == Entry::kEntered && long_work) return workers_->Add(this);
  Begin();
}

void TurnJob::Called(Entry entry) noexcept {
  entry_ = entry;
  workers_->Add(this);
}

void TurnJob::Run() noexcept {
  if (entry_ == Entry::kEntered) {
    const bool gone = patience_.gone && patience_.gone();
    const bool late = std::chrono::steady_clock::now() >= patience_.deadline;
    if (gone || late) {
      agent_->turnstile_.Leave();
      entry_ = gone ? Entry::kGone : Entry::kDeadline;
    }
  }
  Begin();
}

void TurnJob::Begin() noexcept { Work(Turn::Of(entry_, std::move(agent_), *journal_)); }

}  // namespace phasic

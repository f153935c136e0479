// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "absl/status/statusor.h"
#include "server/agents/turn.h"
#include "server/agents/workers.h"

namespace phasic {

// Work under an agent's turn for which no thread waits: it is done at once if the turn is free and
// the work short, and else by the workers when the turn comes. It lives until Work has returned.
class TurnJob : private Turnstile::Waiter, private Workers::Job {
 public:
  TurnJob() = default;
  TurnJob(const TurnJob&) = delete;
  TurnJob& operator=(const TurnJob&) = delete;

 protected:
  ~TurnJob() override = default;
  // Sees to it that Work is called once: maybe before this returns, maybe from another thread.
  // Jobs of one agent are done in the order in which they were started. `seconds` is what the work
  // is estimated to take. `patience` must live until then; without a deadline the server's own cap
  // holds.
  void Start(AgentPtr agent, const Patience& patience, Journal& journal, Workers& workers,
             double seconds) noexcept;
  // The turn, or why there is none, as Turn::Take has it. What ends with the turn is up to the
  // work.
  virtual void Work(absl::StatusOr<Turn> turn) noexcept = 0;

 private:
  void Called(Turnstile::Entry entry) noexcept final;
  void Run() noexcept final;
  void Begin() noexcept;
  bool gone() const { return patience_->gone && patience_->gone(); }

  AgentPtr agent_;
  const Patience* patience_ = nullptr;
  std::chrono::steady_clock::time_point deadline_;
  Journal* journal_ = nullptr;
  Workers* workers_ = nullptr;
  Turnstile::Entry entry_ = Turnstile::Entry::kClosed;
};

}  // namespace phasic

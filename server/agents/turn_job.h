// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "absl/status/statusor.h"
#include "server/agents/turn.h"
#include "server/agents/workers.h"

namespace phasic {

// Work under an agent's turn for which no thread waits. It lives until Work has returned.
class TurnJob : private Turnstile::Waiter, private Workers::Job {
 public:
  TurnJob() = default;
  TurnJob(const TurnJob&) = delete;
  TurnJob& operator=(const TurnJob&) = delete;

 protected:
  ~TurnJob() override = default;
  // Longer work is for a worker. Handing it over costs 5 to 50 us, so shorter work would lose by
  // it; and nobody notices that the wire was held up for so long.
  static constexpr double kLongSeconds = 500e-6;

  // Sees to it that Work is called once: at once if the turn is free and the work, which is
  // estimated to take so many seconds, short; else by a worker, when the turn comes. Jobs of one
  // agent are done in the order in which they were started. `patience` must live until then;
  // without a deadline the server's own cap holds.
  void Start(AgentPtr agent, const Patience& patience, Journal& journal, Workers& workers,
             double seconds) noexcept;
  // In two parts. True: the turn is here, or refused, and the caller sees to it that Take or Defer
  // is called, once and in any thread. False: the agent is not free, and a worker will call Work.
  [[nodiscard]] bool Join(AgentPtr agent, const Patience& patience, Journal& journal,
                          Workers& workers) noexcept;
  // Between the two: the turn is here, but Take would have to wake the agent.
  bool asleep() const { return entered() && !agent_->awake(); }
  // As HostedAgent has them, between Join and Take.
  void FetchInside() const noexcept {
    if (entered()) agent_->FetchInside();
  }
  void FetchState() const noexcept {
    if (entered()) agent_->FetchState();
  }
  // The turn, or why there is none, as Turn::Take has it, and then the agent.
  absl::StatusOr<Turn> Take(AgentPtr* refused) noexcept;
  // A worker will call Work.
  void Defer() noexcept { workers_->Add(this); }
  // With what Take gives. What ends with the turn is up to the work.
  virtual void Work(absl::StatusOr<Turn> turn, AgentPtr refused) noexcept = 0;

 private:
  void Called(Turnstile::Entry entry) noexcept final;
  void Run() noexcept final;
  bool entered() const { return entry_ == Turnstile::Entry::kEntered; }
  bool gone() const { return patience_->gone && patience_->gone(); }

  AgentPtr agent_;
  const Patience* patience_ = nullptr;
  std::chrono::steady_clock::time_point deadline_;
  Journal* journal_ = nullptr;
  Workers* workers_ = nullptr;
  Turnstile::Entry entry_ = Turnstile::Entry::kClosed;
};

}  // namespace phasic

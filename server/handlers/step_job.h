// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "phasic/v1/agent_service.pb.h"
#include "server/agents/turn_job.h"
#include "server/convert/step.h"
#include "server/handlers/call.h"

namespace phasic::handlers {

// Who waits for a job's end, without a thread.
class Completion {
 public:
  // Called once, when the job needs neither request nor response any more; the job may be started
  // again from here. An error leaves the response undefined and every agent as it was.
  virtual void Done(absl::Status status) noexcept = 0;

 protected:
  ~Completion() = default;
};

// The method Step. One job does one step at a time, and as many as it likes one after the other.
class StepJob final : private TurnJob, private Journal::Waiter {
 public:
  // All four must live until `completion` is told, which may be before this returns. Steps of one
  // agent are done in the order in which they were started. The response may be one that was used
  // before, whose memory it keeps.
  void Start(const Call& call, const v1::StepRequest& request, v1::StepResponse* response,
             Completion* completion) noexcept;

 private:
  absl::Status Prepare();
  void Work(absl::StatusOr<Turn> turn, AgentPtr refused) noexcept override;
  double Seconds() const;
  absl::Status Do(Turn turn, Journal::Ticket* ticket);
  absl::Status Step(Turn turn, StepAnswer* answer);
  void Kept(const absl::Status& status) noexcept override;
  void End(absl::Status status) noexcept;

  const Call* call_ = nullptr;
  const v1::StepRequest* request_ = nullptr;
  v1::StepResponse* response_ = nullptr;
  Completion* completion_ = nullptr;
  AgentPtr agent_;
  convert::StepCall step_;
  bool read_ = false;  // the request, into step_
  StepRoom room_;
  absl::Status status_;
};

// How many of these rewards were no duplicates.
int64_t Delivered(std::span<const Disposition> dispositions);
// Keeps the server's count of what was done.
void Count(Env& env, int64_t steps, int64_t rewards);

}  // namespace phasic::handlers

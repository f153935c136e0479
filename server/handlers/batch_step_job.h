// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>

#include "phasic/v1/agent_service.pb.h"
#include "server/agents/turn_job.h"
#include "server/convert/batch_step.h"
#include "server/handlers/call.h"
#include "server/handlers/step_job.h"

namespace phasic::handlers {

// The method BatchStep: each item waits for its own agent's turn and is done, or fails, by itself.
// No item holds a turn while another waits, so batches that share agents cannot block each other.
// One job does one batch at a time.
class BatchStepJob : private Journal::Waiter {
 public:
  BatchStepJob() = default;
  BatchStepJob(const BatchStepJob&) = delete;
  BatchStepJob& operator=(const BatchStepJob&) = delete;

  // As StepJob::Start. Done with an error when the batch as a whole is malformed: then no item was
  // done.
  void Start(const Call& call, const v1::BatchStepRequest& request, v1::BatchStepResponse* response,
             Completion* completion) noexcept;

 private:
  class Item final : public TurnJob {
   public:
    void Start(BatchStepJob* batch, int index) noexcept;
    const absl::Status& status() const { return status_; }
    Journal::Ticket ticket() const { return ticket_; }

   private:
    void Work(absl::StatusOr<Turn> turn) noexcept override;
    BatchStepJob* batch_ = nullptr;
    int index_ = 0;
    absl::Status status_;
    Journal::Ticket ticket_ = 0;
    StepRoom room_;
  };

  absl::Status Prepare();
  absl::StatusOr<const Circuit*> FindCircuit() const;
  absl::Status Step(int item, Turn turn, StepRoom* room, Journal::Ticket* ticket);
  // An item has ended; with the last one the batch has.
  void EndItem() noexcept;
  void Kept(const absl::Status& status) noexcept override;
  absl::Status Respond(const absl::Status& kept);

  const Call* call_ = nullptr;
  v1::BatchStepResponse* response_ = nullptr;
  Completion* completion_ = nullptr;
  convert::BatchStepCall batch_;
  std::vector<AgentPtr> agents_;
  std::unique_ptr<Item[]> items_;
  int capacity_ = 0;
  std::atomic<int> left_ = 0;
};

}  // namespace phasic::handlers

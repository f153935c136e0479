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
// No item waits for a turn while it has one, so batches that share agents cannot block each other.
// A batch that takes long is done by all workers together. One job does one batch at a time.
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
    // As TurnJob has them. Without an agent the item fails.
    void Start(BatchStepJob* batch, int index) noexcept;
    bool Join(BatchStepJob* batch, int index) noexcept;
    using TurnJob::kLongSeconds;
    using TurnJob::Resume;

    const absl::Status& status() const { return status_; }
    Journal::Ticket ticket() const { return ticket_; }
    int64_t steps() const { return steps_; }      // that were done
    int64_t rewards() const { return rewards_; }  // and taken

   private:
    // The agent, or null: then the item has failed.
    AgentPtr Begin(BatchStepJob* batch, int index) noexcept;
    void Work(absl::StatusOr<Turn> turn, AgentPtr refused) noexcept override;
    absl::Status Step(Turn turn);
    BatchStepJob* batch_ = nullptr;
    int index_ = 0;
    absl::Status status_;
    Journal::Ticket ticket_ = 0;
    int64_t steps_ = 0, rewards_ = 0;
    StepRoom room_;
  };
  // A worker's part in a batch that takes long.
  class Hand final : public Workers::Job {
   public:
    void set_batch(BatchStepJob* batch) { batch_ = batch; }

   private:
    void Run() noexcept override { batch_->DoJoined(); }
    BatchStepJob* batch_ = nullptr;
  };

  absl::Status Prepare();
  absl::StatusOr<const Circuit*> FindCircuit() const;
  double SecondsOf(int item) const noexcept;
  void StartTogether() noexcept;
  void DoJoined() noexcept;
  // An item, or a hand, has ended; with the last one the batch has.
  void End() noexcept;
  void Count() noexcept;
  void Kept(const absl::Status& status) noexcept override;
  absl::Status Respond(const absl::Status& kept);

  const Call* call_ = nullptr;
  v1::BatchStepResponse* response_ = nullptr;
  Completion* completion_ = nullptr;
  convert::BatchStepCall batch_;
  std::vector<AgentPtr> agents_;  // until their items begin
  std::unique_ptr<Item[]> items_;
  int capacity_ = 0;
  std::atomic<int> left_ = 0;
  // Of a batch that takes long: the items whose turns are here, and the first that no hand has.
  std::unique_ptr<Hand[]> hands_;
  std::vector<int> joined_;
  std::atomic<size_t> next_ = 0;
};

}  // namespace phasic::handlers

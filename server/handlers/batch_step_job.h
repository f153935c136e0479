// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "phasic/v1/agent_service.pb.h"
#include "server/agents/turn_job.h"
#include "server/convert/batch_step.h"
#include "server/handlers/call.h"
#include "server/handlers/step_job.h"

namespace phasic::handlers {

// The method BatchStep: each item waits for its own agent's turn and is done, or fails, by itself;
// those whose turns are here are stepped side by side, some at a time. No thread waits for a turn
// while it has one, so batches that share agents cannot block each other. A batch that takes long
// is done by all workers together. One job does one batch at a time.
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
  struct Place;
  class Item final : public TurnJob {
   public:
    // As TurnJob has it. Without an agent the item fails.
    bool Join(BatchStepJob* batch, int index) noexcept;
    using TurnJob::asleep;
    using TurnJob::Defer;
    using TurnJob::FetchInside;
    using TurnJob::FetchState;
    using TurnJob::kLongSeconds;
    // False: the item has ended already, for it failed, or was answered from memory.
    bool BeginStep(Place* place) noexcept;
    void EndStep(Place* place) noexcept;

    const absl::Status& status() const { return status_; }
    Journal::Ticket ticket() const { return ticket_; }
    int64_t steps() const { return steps_; }      // that were done
    int64_t rewards() const { return rewards_; }  // and taken

   private:
    void Work(absl::StatusOr<Turn> turn, AgentPtr refused) noexcept override;
    bool BeginStep(absl::StatusOr<Turn> turn, const AgentPtr& refused, Place* place) noexcept;
    absl::Status Answer(const StepAnswer& answer);
    BatchStepJob* batch_ = nullptr;
    int index_ = 0;
    absl::Status status_;
    Journal::Ticket ticket_ = 0;
    int64_t steps_ = 0, rewards_ = 0;
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
  // Without hands, or with all of them.
  void DoAll() noexcept;
  void HandOut() noexcept;
  void DoJoined() noexcept;
  // Of this thread.
  static std::span<Place> Places();
  // Items whose turns are here, and whose agents are awake.
  void Do(std::span<const int> items) noexcept;
  static void StepAndEnd(std::span<Place> begun) noexcept;
  // So many items and hands have ended; with the last one the batch has.
  void End(int count) noexcept;
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
  size_t together_ = 1;  // items that are stepped side by side
  bool far_ = false;     // their memory is in no cache, likely
  // Of a batch that takes long: the items whose turns are here, a share of them for each hand, and
  // the first of each share that nobody has.
  struct alignas(64) Share {
    std::atomic<size_t> next = 0;
    size_t end = 0;
  };
  std::unique_ptr<Hand[]> hands_;
  std::unique_ptr<Share[]> shares_;
  size_t share_count_ = 0;
  std::vector<int> joined_, asleep_;
};

}  // namespace phasic::handlers

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "phasic/v1/agent_service.pb.h"
#include "server/handlers/batch_step_job.h"
#include "server/handlers/step_job.h"
#include "server/wire/gate.h"
#include "server/wire/reused_request.h"

namespace phasic::wire {

class InteractStream;

// One request of a stream and its response. It is used again, so that its messages keep their
// memory.
class InteractItem final : private handlers::Completion {
 public:
  explicit InteractItem(InteractStream& stream) : stream_(stream) {}

  // Items one after the other.
  class Queue {
   public:
    bool empty() const { return first_ == nullptr; }
    InteractItem* first() const { return first_; }
    void Push(InteractItem* item) {
      item->next = nullptr;
      (last_ == nullptr ? first_ : last_->next) = item;
      last_ = item;
    }
    InteractItem* Pop() {
      InteractItem* const item = first_;
      first_ = item->next;
      if (first_ == nullptr) last_ = nullptr;
      return item;
    }

   private:
    InteractItem* first_ = nullptr;
    InteractItem* last_ = nullptr;
  };

  ReusedRequest request;
  v1::InteractResponse response;
  size_t bytes = 0;   // of both
  bool done = false;  // the response is ready
  InteractItem* next = nullptr;

  // Does what the request asks and hands itself to InteractStream::Answer, maybe before this
  // returns.
  // `call` must live until then.
  void Start(const Call& call, Gate& gate) noexcept;
  // Ready for the next request. Both messages keep their memory: the next ones are likely to be of
  // the same kind.
  void Clear();

 private:
  void Done(absl::Status status) noexcept override;

  InteractStream& stream_;
  std::optional<Gate::Pass> pass_;
  handlers::StepJob step_;
  handlers::BatchStepJob batch_step_;
};

}  // namespace phasic::wire

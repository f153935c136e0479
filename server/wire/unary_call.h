// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_unary_call.h>

#include <atomic>
#include <optional>

#include "server/agents/errors.h"
#include "server/agents/limits.h"
#include "server/handlers/batch_step_job.h"
#include "server/handlers/step_job.h"
#include "server/wire/call_queue.h"
#include "server/wire/deadline.h"
#include "server/wire/status.h"
#include "server/wire/tag.h"

namespace phasic::wire {

struct StepMethod {
  using Request = v1::StepRequest;
  using Response = v1::StepResponse;
  using Job = handlers::StepJob;
  static constexpr auto kListen = &AsyncAgentService::RequestStep;
  static constexpr auto kListening = &CallQueue::listening_steps;
};
struct BatchStepMethod {
  using Request = v1::BatchStepRequest;
  using Response = v1::BatchStepResponse;
  using Job = handlers::BatchStepJob;
  static constexpr auto kListen = &AsyncAgentService::RequestBatchStep;
  static constexpr auto kListening = &CallQueue::listening_batches;
};

// A call of one request and one response. It is used for one caller after the other, so that its
// messages keep their memory.
template <class Method>
class UnaryCall final : private handlers::Completion {
 public:
  // Waits for callers in as many calls as there should be.
  static void Listen(CallQueue& queue) {
    while (queue.*Method::kListening < CallQueue::kListeners) {
      auto* const call = new (std::nothrow) UnaryCall(queue);
      if (call == nullptr) return;
      call->Listen();
    }
  }

 private:
  explicit UnaryCall(CallQueue& queue) : queue_(queue) {}
  ~UnaryCall() = default;

  void Listen() {
    ++(queue_.*Method::kListening);
    request_.Clear();
    cancelled_.store(false, std::memory_order_relaxed);
    ends_ = 0;
    context_.emplace();
    responder_.emplace(&*context_);
    context_->AsyncNotifyWhenDone(&done_);
    (queue_.shared.service.*Method::kListen)(&*context_, &request_, &*responder_, queue_.get(),
                                             queue_.get(), &called_);
  }

  void Called(bool ok) {
    --(queue_.*Method::kListening);
    if (!ok) {  // The server is shut down; of a call that never was, gRPC does not tell the end.
      delete this;
      return;
    }
    Listen(queue_);
    pass_.emplace(queue_.shared.gate);
    if (!pass_->entered()) return Done(errors::Draining());
    call_.emplace(
        Call{queue_.shared.env, {DeadlineOf(*context_), [this] { return cancelled_.load(); }}});
    job_.Start(*call_, request_, &response_, this);
  }

  // From any thread.
  void Done(absl::Status status) noexcept override {
    if (status.ok()) {
      responder_->Finish(response_, grpc::Status::OK, &finished_);
    } else {
      responder_->FinishWithError(ToGrpc(status), &finished_);
    }
  }

  void Finished(bool) { End(); }
  // The caller has the answer, or has gone.
  void CallDone(bool) {
    cancelled_ = context_->IsCancelled();
    End();
  }
  void End() {
    if (++ends_ < 2) return;
    pass_.reset();
    call_.reset();
    const bool small =
        request_.ByteSizeLong() + response_.ByteSizeLong() <= limits::kKeptMessageBytes;
    if (small && queue_.*Method::kListening < CallQueue::kListeners) return Listen();
    CallQueue& queue = queue_;
    delete this;
    Listen(queue);
  }

  CallQueue& queue_;
  const CallQueue::Stay stay_{queue_};
  MethodTag<UnaryCall, &UnaryCall::Called> called_{this};
  MethodTag<UnaryCall, &UnaryCall::Finished> finished_{this};
  MethodTag<UnaryCall, &UnaryCall::CallDone> done_{this};
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncResponseWriter<typename Method::Response>> responder_;
  typename Method::Request request_;
  typename Method::Response response_;
  typename Method::Job job_;
  std::optional<Gate::Pass> pass_;
  std::optional<Call> call_;
  std::atomic<bool> cancelled_{false};
  int ends_ = 0;  // of Finished and CallDone
};

}  // namespace phasic::wire

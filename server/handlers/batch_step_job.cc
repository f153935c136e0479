// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/batch_step_job.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/convert/status.h"
#include "server/handlers/guard.h"

namespace phasic::handlers {

void BatchStepJob::Start(const Call& call, const v1::BatchStepRequest& request,
                         v1::BatchStepResponse* response, Completion* completion) noexcept {
  call_ = &call;
  response_ = response;
  completion_ = completion;
  const absl::Status status = Guarded([&] {
    RETURN_IF_ERROR(batch_.Read(request));
    return Prepare();
  });
  if (!status.ok()) {
    agents_.clear();
    return completion_->Done(status);
  }
  const int size = batch_.size();
  // One more, so that the batch cannot end, and this with it, before every item has begun.
  left_.store(size + 1, std::memory_order_relaxed);
  for (int i = 0; i < size; ++i) items_[i].Start(this, i);
  EndItem();
}

absl::Status BatchStepJob::Prepare() {
  call_->env.registry.Find(batch_.uids(), &agents_);
  if (capacity_ < batch_.size()) {
    items_ = std::make_unique<Item[]>(batch_.size());
    capacity_ = batch_.size();
  }
  const auto known = std::find_if(agents_.begin(), agents_.end(),
                                  [](const AgentPtr& agent) { return agent != nullptr; });
  batch_.Prepare(known == agents_.end() ? nullptr : &(*known)->circuit(), response_);
  return absl::OkStatus();
}

void BatchStepJob::Item::Start(BatchStepJob* batch, int index) noexcept {
  batch_ = batch;
  index_ = index;
  status_ = absl::OkStatus();
  const AgentPtr& agent = batch->agents_[index];
  if (agent == nullptr) {
    status_ = errors::AgentNotFound(absl::StrCat("uid ", batch->batch_.uids()[index]));
    return batch->EndItem();
  }
  const Circuit& circuit = agent->circuit();
  const int asked = batch->batch_.ticks();
  const double seconds = circuit.TurnSeconds(asked == 0 ? circuit.spec().ticks_per_step : asked,
                                             batch->batch_.rewards_per_item());
  const Call& call = *batch->call_;
  TurnJob::Start(agent, call.patience, call.env.journal, call.env.workers, seconds);
}

void BatchStepJob::Item::Work(absl::StatusOr<Turn> turn) noexcept {
  status_ =
      turn.ok() ? Guarded([&] { return batch_->Step(index_, *std::move(turn)); }) : turn.status();
  batch_->EndItem();
}

absl::Status BatchStepJob::Step(int item, Turn turn) {
  const Circuit& circuit = agents_[item]->circuit();
  StepArguments arguments;
  RewardArguments reward;
  const absl::Status valid = batch_.Arguments(item, circuit, &arguments, &reward);
  absl::StatusOr<StepAnswer> done = turn.Step(arguments, valid);
  if (!done.ok()) return batch_.InWordsOfRequest(item, done.status());
  { const Turn ended = std::move(turn); }
  if (!done->repeated) CountStep(call_->env, *done->outcome);
  RETURN_IF_ERROR(call_->env.journal.Wait(done->ticket));
  batch_.ToProto(item, *done->outcome, response_);
  return absl::OkStatus();
}

void BatchStepJob::EndItem() noexcept {
  if (left_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  absl::Status status = Guarded([this] { return Respond(); });
  agents_.clear();
  completion_->Done(std::move(status));
}

absl::Status BatchStepJob::Respond() {
  for (int i = 0; i < batch_.size(); ++i) {
    if (items_[i].status().ok()) continue;
    v1::BatchStepResponse::Failure* const failure = response_->add_failures();
    failure->set_item(i);
    convert::ToProto(items_[i].status(), failure->mutable_status());
  }
  return absl::OkStatus();
}

}  // namespace phasic::handlers

// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/batch_step_job.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/convert/status.h"
#include "server/handlers/guard.h"
#include "server/handlers/names.h"

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
  RETURN_IF_ERROR(call_->env.hosting.Find(batch_.uids(), &agents_));
  if (capacity_ < batch_.size()) {
    items_ = std::make_unique<Item[]>(batch_.size());
    capacity_ = batch_.size();
  }
  ASSIGN_OR_RETURN(const Circuit* const circuit, FindCircuit());
  batch_.Prepare(circuit, response_);
  return absl::OkStatus();
}

// The circuit of one of the agents; null when there is none.
absl::StatusOr<const Circuit*> BatchStepJob::FindCircuit() const {
  for (const AgentPtr& agent : agents_) {
    if (agent != nullptr && agent->known()) return &agent->circuit();
  }
  // All of them sleep. This thread waits until one is awake, once in the agents' lives: another
  // thread would let a later item of the same stream overtake this one.
  for (const AgentPtr& agent : agents_) {
    if (agent == nullptr) continue;
    const Patience patience{call_->patience.By(), call_->patience.gone};
    const absl::Status known = call_->env.hosting.Know(agent, patience);
    if (known.ok()) return &agent->circuit();
    if (!absl::IsNotFound(known)) return known;
  }
  return nullptr;
}

void BatchStepJob::Item::Start(BatchStepJob* batch, int index) noexcept {
  batch_ = batch;
  index_ = index;
  status_ = absl::OkStatus();
  ticket_ = 0;
  const AgentPtr& agent = batch->agents_[index];
  if (agent == nullptr) {
    status_ = errors::AgentNotFound(absl::StrCat("uid ", batch->batch_.uids()[index]));
    return batch->EndItem();
  }
  double seconds = 0;  // To wake an agent takes longer than most steps.
  if (agent->known()) {
    const Circuit& circuit = agent->circuit();
    const int asked = batch->batch_.ticks();
    seconds = circuit.TurnSeconds(asked == 0 ? circuit.spec().ticks_per_step : asked,
                                  batch->batch_.rewards_per_item());
  }
  const Call& call = *batch->call_;
  TurnJob::Start(agent, call.patience, call.env.journal, call.env.workers, seconds);
}

void BatchStepJob::Item::Work(absl::StatusOr<Turn> turn) noexcept {
  if (turn.ok()) {
    status_ = Guarded([&] { return batch_->Step(index_, *std::move(turn), &room_, &ticket_); });
  } else {
    status_ = turn.status();
    ticket_ = EndOf(*batch_->agents_[index_], status_);
  }
  batch_->EndItem();
}

absl::Status BatchStepJob::Step(int item, Turn turn, StepRoom* room, Journal::Ticket* ticket) {
  const Circuit& circuit = agents_[item]->circuit();
  StepArguments arguments;
  RewardArguments reward;
  const absl::Status valid = batch_.Arguments(item, circuit, &arguments, &reward);
  absl::StatusOr<StepAnswer> done = turn.Step(arguments, valid, room);
  if (!done.ok()) return batch_.InWordsOfRequest(item, done.status());
  { const Turn ended = std::move(turn); }
  if (!done->repeated) CountStep(call_->env, *done->outcome);
  *ticket = done->ticket;
  batch_.ToProto(item, *done->outcome, response_);
  return absl::OkStatus();
}

void BatchStepJob::EndItem() noexcept {
  if (left_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  // The last ticket's promise comes after those of all others.
  Journal::Ticket last = 0;
  for (int i = 0; i < batch_.size(); ++i) last = std::max(last, items_[i].ticket());
  if (const auto kept = call_->env.journal.Join(last, this)) Kept(*kept);
}

void BatchStepJob::Kept(const absl::Status& status) noexcept {
  absl::Status done = Guarded([&] { return Respond(status); });
  agents_.clear();
  completion_->Done(std::move(done));
}

absl::Status BatchStepJob::Respond(const absl::Status& kept) {
  for (int i = 0; i < batch_.size(); ++i) {
    absl::Status status = items_[i].status();
    if (!kept.ok() && !call_->env.journal.IsKept(items_[i].ticket())) {
      if (status.ok()) batch_.Clear(i, response_);
      status = kept;
    }
    if (status.ok()) continue;
    v1::BatchStepResponse::Failure* const failure = response_->add_failures();
    failure->set_item(i);
    convert::ToProto(status, failure->mutable_status());
  }
  return absl::OkStatus();
}

}  // namespace phasic::handlers

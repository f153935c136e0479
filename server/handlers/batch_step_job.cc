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
  double seconds = 0;
  for (int i = 0; i < size; ++i) seconds += SecondsOf(i);
  // One more, so that the batch cannot end, and this with it, before every item has begun.
  left_.store(size + 1, std::memory_order_relaxed);
  if (seconds > Item::kLongSeconds) {
    StartTogether();
  } else {
    for (int i = 0; i < size; ++i) items_[i].Start(this, i);
  }
  End();
}

double BatchStepJob::SecondsOf(int item) const noexcept {
  const AgentPtr& agent = agents_[item];
  if (agent == nullptr || !agent->known()) return 0;
  const Circuit& circuit = agent->circuit();
  const int ticks = batch_.ticks() == 0 ? circuit.spec().ticks_per_step : batch_.ticks();
  return circuit.TurnSeconds(ticks, batch_.rewards_per_item());
}

// All items stand in their lines before any is done, so that no later batch overtakes one.
void BatchStepJob::StartTogether() noexcept {
  joined_.clear();
  for (int i = 0; i < batch_.size(); ++i) {
    if (items_[i].Join(this, i)) joined_.push_back(i);
  }
  next_.store(0, std::memory_order_relaxed);
  Workers& workers = call_->env.workers;
  const int hands = std::min(workers.threads(), static_cast<int>(joined_.size()));
  left_.fetch_add(hands, std::memory_order_relaxed);
  for (int h = 0; h < hands; ++h) workers.Add(&hands_[h]);
}

void BatchStepJob::DoJoined() noexcept {
  while (true) {
    const size_t next = next_.fetch_add(1, std::memory_order_relaxed);
    if (next >= joined_.size()) break;
    items_[joined_[next]].Resume();
  }
  End();
}

absl::Status BatchStepJob::Prepare() {
  RETURN_IF_ERROR(call_->env.hosting.Find(batch_.uids(), &agents_));
  if (capacity_ < batch_.size()) {
    items_ = std::make_unique<Item[]>(batch_.size());
    capacity_ = batch_.size();
    joined_.reserve(batch_.size());
  }
  if (hands_ == nullptr) {
    const int hands = call_->env.workers.threads();
    hands_ = std::make_unique<Hand[]>(hands);
    for (int h = 0; h < hands; ++h) hands_[h].set_batch(this);
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

AgentPtr BatchStepJob::Item::Begin(BatchStepJob* batch, int index) noexcept {
  batch_ = batch;
  index_ = index;
  status_ = absl::OkStatus();
  ticket_ = 0;
  steps_ = rewards_ = 0;
  AgentPtr agent = std::move(batch->agents_[index]);
  if (agent == nullptr) {
    status_ = errors::AgentNotFound(absl::StrCat("uid ", batch->batch_.uids()[index]));
    batch->End();
  }
  return agent;
}

void BatchStepJob::Item::Start(BatchStepJob* batch, int index) noexcept {
  AgentPtr agent = Begin(batch, index);
  if (agent == nullptr) return;
  const Call& call = *batch->call_;
  constexpr double kShort = 0;  // as the whole batch is
  TurnJob::Start(std::move(agent), call.patience, call.env.journal, call.env.workers, kShort);
}

bool BatchStepJob::Item::Join(BatchStepJob* batch, int index) noexcept {
  AgentPtr agent = Begin(batch, index);
  if (agent == nullptr) return false;
  const Call& call = *batch->call_;
  return TurnJob::Join(std::move(agent), call.patience, call.env.journal, call.env.workers);
}

void BatchStepJob::Item::Work(absl::StatusOr<Turn> turn, AgentPtr refused) noexcept {
  if (turn.ok()) {
    status_ = Guarded([&] { return Step(*std::move(turn)); });
  } else {
    status_ = turn.status();
    ticket_ = EndOf(*refused, status_);
    refused = nullptr;
  }
  batch_->End();
}

absl::Status BatchStepJob::Item::Step(Turn turn) {
  const convert::BatchStepCall& batch = batch_->batch_;
  StepArguments arguments;
  RewardArguments reward;
  const absl::Status valid = batch.Arguments(index_, turn.circuit(), &arguments, &reward);
  absl::StatusOr<StepAnswer> done = turn.Step(arguments, valid, &room_);
  if (!done.ok()) return batch.InWordsOfRequest(index_, done.status());
  { const Turn ended = std::move(turn); }
  ticket_ = done->ticket;
  if (!done->repeated) {
    steps_ = 1;
    rewards_ = Delivered(done->outcome->dispositions);
  }
  batch.ToProto(index_, *done->outcome, batch_->response_);
  return absl::OkStatus();
}

void BatchStepJob::End() noexcept {
  if (left_.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  // The last ticket's promise comes after those of all others.
  Journal::Ticket last = 0;
  for (int i = 0; i < batch_.size(); ++i) last = std::max(last, items_[i].ticket());
  if (const auto kept = call_->env.journal.Join(last, this)) Kept(*kept);
}

void BatchStepJob::Count() noexcept {
  int64_t steps = 0, rewards = 0;
  for (int i = 0; i < batch_.size(); ++i) {
    steps += items_[i].steps();
    rewards += items_[i].rewards();
  }
  handlers::Count(call_->env, steps, rewards);
}

void BatchStepJob::Kept(const absl::Status& status) noexcept {
  Count();
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

// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/batch_step_job.h"

#include <algorithm>
#include <utility>

#include "core/base/status_macros.h"
#include "server/convert/status.h"
#include "server/handlers/guard.h"

namespace phasic::handlers {
namespace {

// What is estimated to take longer is done by all workers together: that is sooner although to hand
// it out costs some 10 us, and the estimates are for slow machines.
constexpr double kSharedSeconds = 200e-6;
// When the room that agents have taken in the budget, which is more than they use, is larger, most
// are in no cache: then a batch asks for all its agents' memory, instead of waiting for one line
// after the other.
constexpr int64_t kCachedBytes = 32 << 20;

}  // namespace

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
  // Items that take long are done one by one, so that the shares of all workers are even.
  const double fitting = Item::kLongSeconds * size / std::max(seconds, Item::kLongSeconds);
  together_ = std::clamp<size_t>(static_cast<size_t>(fitting), 1, Turn::kMostTogether);
  far_ = call.env.registry.budget().use().bytes > kCachedBytes;
  // One more, so that the batch cannot end, and this with it, before every item has begun.
  left_.store(size + 1, std::memory_order_relaxed);
  const bool shared = std::min(size, call.env.workers.threads()) > 1;
  if (seconds > (shared ? kSharedSeconds : Item::kLongSeconds)) {
    HandOut();
  } else {
    DoAll();
  }
  End(1);
}

double BatchStepJob::SecondsOf(int item) const noexcept {
  const AgentPtr& agent = agents_[item];
  if (agent == nullptr || !agent->known()) return 0;
  const Circuit& circuit = agent->circuit();
  const int ticks = batch_.ticks() == 0 ? circuit.spec().ticks_per_step : batch_.ticks();
  return circuit.TurnSeconds(ticks, batch_.rewards_per_item());
}

void BatchStepJob::DoAll() noexcept {
  const int size = batch_.size();
  int here[Turn::kMostTogether];
  for (int i = 0; i < size;) {
    size_t count = 0;
    for (; i < size && count < together_; ++i) {
      if (!items_[i].Join(this, i)) continue;
      if (items_[i].asleep()) {
        items_[i].Defer();
      } else {
        here[count++] = i;
      }
    }
    Do({here, count});
  }
}

// Each item stands in its agent's line before this returns, so that no later batch overtakes one.
// A hand begins with the share of the worker that it is: the same agents, if the batch comes again,
// whose states are still near that core. Agents that sleep are woken last, for that takes long and
// the turns of all others are held.
void BatchStepJob::HandOut() noexcept {
  joined_.clear();
  asleep_.clear();
  for (int i = 0; i < batch_.size(); ++i) {
    if (items_[i].Join(this, i)) (items_[i].asleep() ? asleep_ : joined_).push_back(i);
  }
  Workers& workers = call_->env.workers;
  share_count_ = std::min<size_t>(workers.threads(), joined_.size());
  for (size_t s = 0; s < share_count_; ++s) {
    shares_[s].next.store(joined_.size() * s / share_count_, std::memory_order_relaxed);
    shares_[s].end = joined_.size() * (s + 1) / share_count_;
  }
  left_.fetch_add(static_cast<int>(share_count_), std::memory_order_relaxed);
  for (size_t h = 0; h < share_count_; ++h) workers.Add(&hands_[h]);
  for (const int i : asleep_) items_[i].Defer();
}

void BatchStepJob::DoJoined() noexcept {
  for (size_t s = 0; s < share_count_; ++s) {
    Share& share = shares_[(Workers::index() + s) % share_count_];
    while (true) {
      const size_t first = share.next.fetch_add(together_, std::memory_order_relaxed);
      if (first >= share.end) break;
      Do(std::span(joined_).subspan(first, std::min(together_, share.end - first)));
    }
  }
  End(1);
}

absl::Status BatchStepJob::Prepare() {
  RETURN_IF_ERROR(call_->env.hosting.Find(batch_.uids(), &agents_));
  if (capacity_ < batch_.size()) {
    joined_.reserve(batch_.size());
    asleep_.reserve(batch_.size());
    items_ = std::make_unique<Item[]>(batch_.size());
    capacity_ = batch_.size();
  }
  if (shares_ == nullptr) {
    const int hands = call_->env.workers.threads();
    hands_ = std::make_unique<Hand[]>(hands);
    for (int h = 0; h < hands; ++h) hands_[h].set_batch(this);
    shares_ = std::make_unique<Share[]>(hands);  // the last that may fail
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

void BatchStepJob::End(int count) noexcept {
  if (left_.fetch_sub(count, std::memory_order_acq_rel) > count) return;
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

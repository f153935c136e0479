// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/step_job.h"

#include <algorithm>
#include <utility>

#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/convert/text.h"
#include "server/handlers/guard.h"
#include "server/handlers/names.h"

namespace phasic::handlers {

int64_t Delivered(std::span<const Disposition> dispositions) {
  return std::count_if(dispositions.begin(), dispositions.end(),
                       [](Disposition d) { return d != Disposition::kDuplicate; });
}

void Count(Env& env, int64_t steps, int64_t rewards) {
  if (steps > 0) env.steps.fetch_add(steps, std::memory_order_relaxed);
  if (rewards > 0) env.rewards.fetch_add(rewards, std::memory_order_relaxed);
}

void StepJob::Start(const Call& call, const v1::StepRequest& request, v1::StepResponse* response,
                    Completion* completion) noexcept {
  call_ = &call;
  request_ = &request;
  response_ = response;
  completion_ = completion;
  const absl::Status status = Guarded([this] { return Prepare(); });
  if (!status.ok()) return End(status);
  TurnJob::Start(agent_, call.patience, call.env.journal, call.env.workers, Seconds());
}

absl::Status StepJob::Prepare() {
  std::vector<Violation> violations;
  convert::CheckLength(request_->request_id(), "request_id", &violations);
  if (!violations.empty()) return InvalidFields(errors::kBadField, std::move(violations));
  ASSIGN_OR_RETURN(agent_, FindAgent(*call_, request_->name()));
  read_ = agent_->known();
  if (read_) step_.Read(*request_, agent_->circuit());
  return absl::OkStatus();
}

// How long the step will take, as estimated. To wake an agent takes longer than most steps.
double StepJob::Seconds() const {
  if (!agent_->known()) return 0;
  const Circuit& circuit = agent_->circuit();
  const int ticks = request_->ticks() == 0 ? circuit.spec().ticks_per_step : request_->ticks();
  return circuit.TurnSeconds(ticks, request_->rewards_size());
}

void StepJob::Work(absl::StatusOr<Turn> turn, AgentPtr) noexcept {
  Journal::Ticket ticket = 0;
  if (turn.ok()) {
    status_ = Guarded([&] { return Do(*std::move(turn), &ticket); });
  } else {
    status_ = turn.status();
    ticket = EndOf(*agent_, status_);
  }
  // The answer leaves when what was promised for the step holds.
  if (const auto kept = call_->env.journal.Join(ticket, this)) Kept(*kept);
}

void StepJob::Kept(const absl::Status& status) noexcept {
  if (status.ok()) {
    End(std::move(status_));
  } else {
    End(status);
  }
}

absl::Status StepJob::Do(Turn turn, Journal::Ticket* ticket) {
  StepAnswer answer;
  RETURN_IF_ERROR(Step(std::move(turn), &answer));
  *ticket = answer.ticket;
  if (!answer.repeated) Count(call_->env, 1, Delivered(answer.outcome->dispositions));
  convert::ToProto(*answer.outcome, agent_->circuit(), response_);
  return absl::OkStatus();
}

// The turn ends with this.
absl::Status StepJob::Step(Turn turn, StepAnswer* answer) {
  // Woken by this turn.
  if (!read_) step_.Read(*request_, agent_->circuit());
  absl::StatusOr<StepAnswer> done = turn.Step(step_.arguments(), step_.valid(), &room_);
  if (!done.ok()) return step_.InWordsOfRequest(done.status());
  *answer = *std::move(done);
  return absl::OkStatus();
}

void StepJob::End(absl::Status status) noexcept {
  agent_ = nullptr;
  completion_->Done(std::move(status));
}

}  // namespace phasic::handlers

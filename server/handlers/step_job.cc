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

void CountRewards(Env& env, std::span<const Disposition> dispositions) {
  const auto delivered = std::count_if(dispositions.begin(), dispositions.end(),
                                       [](Disposition d) { return d != Disposition::kDuplicate; });
  if (delivered > 0) env.rewards.fetch_add(delivered, std::memory_order_relaxed);
}

void CountStep(Env& env, const StepOutcome& outcome) {
  env.steps.fetch_add(1, std::memory_order_relaxed);
  CountRewards(env, outcome.dispositions);
}

void StepJob::Start(const Call& call, const v1::StepRequest& request, v1::StepResponse* response,
                    Completion* completion) noexcept {
  call_ = &call;
  request_ = &request;
  response_ = response;
  completion_ = completion;
  const absl::Status status = Guarded([this] { return Prepare(); });
  if (!status.ok()) return End(status);
  const Circuit& circuit = agent_->circuit();
  const int ticks = request.ticks() == 0 ? circuit.spec().ticks_per_step : request.ticks();
  const double seconds = circuit.TurnSeconds(ticks, request.rewards_size());
  TurnJob::Start(agent_, call.patience, call.env.journal, call.env.workers, seconds);
}

absl::Status StepJob::Prepare() {
  std::vector<Violation> violations;
  convert::CheckLength(request_->request_id(), "request_id", &violations);
  if (!violations.empty()) return InvalidFields(errors::kBadField, std::move(violations));
  ASSIGN_OR_RETURN(agent_, FindAgent(*call_, request_->name()));
  step_.emplace(*request_, agent_->circuit());
  return absl::OkStatus();
}

void StepJob::Work(absl::StatusOr<Turn> turn) noexcept {
  if (!turn.ok()) return End(turn.status());
  End(Guarded([&] {
    StepAnswer answer;
    RETURN_IF_ERROR(Step(*std::move(turn), &answer));
    return Respond(answer);
  }));
}

// The turn ends with this.
absl::Status StepJob::Step(Turn turn, StepAnswer* answer) const {
  absl::StatusOr<StepAnswer> done = turn.Step(step_->arguments(), step_->valid());
  if (!done.ok()) return step_->InWordsOfRequest(done.status());
  *answer = *std::move(done);
  return absl::OkStatus();
}

absl::Status StepJob::Respond(const StepAnswer& answer) const {
  if (!answer.repeated) CountStep(call_->env, *answer.outcome);
  RETURN_IF_ERROR(call_->env.journal.Wait(answer.ticket));
  convert::ToProto(*answer.outcome, agent_->circuit(), response_);
  return absl::OkStatus();
}

void StepJob::End(absl::Status status) noexcept {
  step_.reset();
  agent_ = nullptr;
  completion_->Done(std::move(status));
}

}  // namespace phasic::handlers

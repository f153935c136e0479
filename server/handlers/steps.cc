// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/convert/step.h"
#include "server/convert/text.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"

namespace phasic::handlers {
namespace {

void CountRewards(const Call& call, const std::vector<Disposition>& dispositions) {
  const auto delivered = std::count_if(dispositions.begin(), dispositions.end(),
                                       [](Disposition d) { return d != Disposition::kDuplicate; });
  if (delivered > 0) call.env.rewards.fetch_add(delivered, std::memory_order_relaxed);
}

}  // namespace

absl::Status Step(const Call& call, const v1::StepRequest& request, v1::StepResponse* response) {
  std::vector<Violation> violations;
  convert::CheckLength(request.request_id(), "request_id", &violations);
  if (!violations.empty()) return InvalidFields(errors::kBadField, std::move(violations));
  ASSIGN_OR_RETURN(const AgentPtr agent, FindAgent(call, request.name()));
  const convert::StepCall step(request, agent->circuit());
  StepAnswer answer;
  {
    ASSIGN_OR_RETURN(Turn turn, TakeTurn(call, agent));
    absl::StatusOr<StepAnswer> done = turn.Step(step.arguments(), step.valid());
    if (!done.ok()) return step.InWordsOfRequest(done.status());
    answer = *std::move(done);
  }
  if (!answer.repeated) {
    call.env.steps.fetch_add(1, std::memory_order_relaxed);
    CountRewards(call, answer.outcome->dispositions);
  }
  RETURN_IF_ERROR(call.env.journal.Wait(answer.ticket));
  convert::ToProto(*answer.outcome, agent->circuit(), response);
  return absl::OkStatus();
}

absl::Status Reward(const Call& call, const v1::RewardRequest& request,
                    v1::RewardResponse* response) {
  ASSIGN_OR_RETURN(const AgentPtr agent, FindAgent(call, request.name()));
  std::vector<Violation> violations;
  convert::RewardList list;
  list.Read(request.rewards(), agent->circuit(), &violations);
  if (request.rewards_size() == 0) violations.push_back({"rewards", "must be at least one"});
  if (!violations.empty()) return InvalidFields(errors::kBadField, std::move(violations));
  RewardAnswer answer;
  {
    ASSIGN_OR_RETURN(Turn turn, TakeTurn(call, agent));
    ASSIGN_OR_RETURN(answer, turn.Reward(list.rewards()));
  }
  CountRewards(call, answer.dispositions);
  RETURN_IF_ERROR(call.env.journal.Wait(answer.ticket));
  for (const Disposition disposition : answer.dispositions) {
    response->add_dispositions(convert::ToProto(disposition));
  }
  return absl::OkStatus();
}

absl::Status ResetEpisode(const Call& call, const v1::ResetEpisodeRequest& request,
                          v1::ResetEpisodeResponse* response) {
  ASSIGN_OR_RETURN(const AgentPtr agent, FindAgent(call, request.name()));
  std::optional<uint64_t> step;
  if (request.has_step()) step = request.step();
  Journal::Ticket ticket;
  {
    ASSIGN_OR_RETURN(Turn turn, TakeTurn(call, agent));
    ASSIGN_OR_RETURN(ticket, turn.ResetEpisode(step));
    response->set_episode(turn.card().stats.episodes);
  }
  return call.env.journal.Wait(ticket);
}

}  // namespace phasic::handlers

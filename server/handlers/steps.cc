// SPDX-License-Identifier: Apache-2.0
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/convert/rewards.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"
#include "server/handlers/step_job.h"

namespace phasic::handlers {
absl::Status Reward(const Call& call, const v1::RewardRequest& request,
                    v1::RewardResponse* response) {
  ASSIGN_OR_RETURN(const AgentPtr agent, KnownAgent(call, request.name()));
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
  Count(call.env, 0, Delivered(answer.dispositions));
  RETURN_IF_ERROR(call.env.journal.Wait(answer.ticket));
  for (const Disposition disposition : answer.dispositions) {
    response->add_dispositions(convert::ToProto(disposition));
  }
  return absl::OkStatus();
}

absl::Status ResetEpisode(const Call& call, const v1::ResetEpisodeRequest& request,
                          v1::ResetEpisodeResponse* response) {
  ASSIGN_OR_RETURN(const AgentPtr agent, KnownAgent(call, request.name()));
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

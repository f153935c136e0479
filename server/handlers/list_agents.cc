// SPDX-License-Identifier: Apache-2.0
#include "core/base/status_macros.h"
#include "server/convert/agent.h"
#include "server/handlers/filter.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"
#include "server/handlers/paging.h"

namespace phasic::handlers {
namespace {

// How many agents are looked up at a time: the registry's lock is never held for long.
constexpr size_t kLookUp = 256;

}  // namespace

absl::Status ListAgents(const Call& call, const v1::ListAgentsRequest& request,
                        v1::ListAgentsResponse* response) {
  RETURN_IF_ERROR(CheckParent(call, request.parent()));
  ASSIGN_OR_RETURN(const LabelFilter filter, LabelFilter::Parse(request.filter()));
  ASSIGN_OR_RETURN(const int page_size, PageSizeOf(request.page_size()));
  const std::string question = "agents/" + request.filter();
  ASSIGN_OR_RETURN(std::string after, ReadPageToken(request.page_token(), question));
  // A page of agents with huge spaces is cut short, so that it stays a message that may be sent.
  const size_t max_bytes = call.env.limits.max_message_bytes / 2;
  size_t bytes = 0;
  while (true) {
    const std::vector<AgentPtr> agents = call.env.registry.After(after, kLookUp);
    if (agents.empty()) return absl::OkStatus();
    for (const AgentPtr& agent : agents) {
      const Card card = agent->card();
      if (filter.Matches(card.settings.labels)) {
        // One more than fits: so there is a next page.
        if (response->agents_size() == page_size || bytes > max_bytes) {
          response->set_next_page_token(MakePageToken(after, question));
          return absl::OkStatus();
        }
        v1::Agent* proto = response->add_agents();
        convert::ToProto(agent->identity(), agent->circuit(), card, proto);
        bytes += proto->ByteSizeLong();
      }
      after = agent->identity().id;
    }
  }
}

}  // namespace phasic::handlers

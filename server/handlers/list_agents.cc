// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "core/base/status_macros.h"
#include "server/agents/image.h"
#include "server/convert/agent.h"
#include "server/handlers/filter.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"
#include "server/handlers/paging.h"

namespace phasic::handlers {
namespace {

// How many agents are looked up at a time: no lock is held for long.
constexpr size_t kLookUp = 256;

// An agent of a list, as far as it is needed to tell of it.
struct Listed {
  Identity identity;
  Card card;
  std::shared_ptr<const Circuit> circuit;  // null: see key
  uint64_t key = 0;                        // of the circuit in the store
  bool awake = false;
};

Listed Read(const HostedAgent& agent) {
  return {agent.identity(), agent.card(), agent.shared_circuit(), 0, agent.awake()};
}

absl::StatusOr<Listed> Read(store::AgentRow row) {
  ASSIGN_OR_RETURN(CatalogueCard catalogue, DecodeCard(row.card));
  Listed listed{std::move(catalogue.identity), std::move(catalogue.card), nullptr, row.circuit};
  listed.identity.id = std::move(row.id);
  listed.identity.uid = row.uid;
  return listed;
}

using Page = std::map<std::string, Listed>;

// The agents that come next after an id, of those in memory and those in the store; none: that was
// the last.
absl::StatusOr<Page> LookUp(const Call& call, const std::string& after) {
  Page page;
  std::string last;  // what comes after this may be missing from one of the two
  const std::vector<AgentPtr> agents = call.env.registry.After(after, kLookUp);
  for (const AgentPtr& agent : agents) {
    // Of those that are not known, the store tells.
    if (agent->known()) page.emplace(agent->id(), Read(*agent));
  }
  if (agents.size() == kLookUp) last = agents.back()->id();
  if (call.env.store == nullptr) return page;
  ASSIGN_OR_RETURN(auto rows, call.env.store->ListAgents(call.tenant, after, kLookUp));
  if (rows.size() == kLookUp && (last.empty() || rows.back().id < last)) last = rows.back().id;
  for (store::AgentRow& row : rows) {
    if (page.contains(row.id)) continue;
    ASSIGN_OR_RETURN(Listed listed, Read(std::move(row)));
    std::string id = listed.identity.id;
    page.emplace(std::move(id), std::move(listed));
  }
  if (!last.empty()) page.erase(page.upper_bound(last), page.end());
  return page;
}

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
    ASSIGN_OR_RETURN(const Page page, LookUp(call, after));
    if (page.empty()) return absl::OkStatus();
    for (const auto& [id, listed] : page) {
      if (filter.Matches(listed.card.settings.labels)) {
        // One more than fits: so there is a next page.
        if (response->agents_size() == page_size || bytes > max_bytes) {
          response->set_next_page_token(MakePageToken(after, question));
          return absl::OkStatus();
        }
        std::shared_ptr<const Circuit> circuit = listed.circuit;
        if (circuit == nullptr) {
          ASSIGN_OR_RETURN(circuit, call.env.hosting.LoadCircuit(listed.key));
        }
        v1::Agent* proto = response->add_agents();
        convert::ToProto(listed.identity, *circuit, listed.card, listed.awake, proto);
        bytes += proto->ByteSizeLong();
      }
      after = id;
    }
  }
}

}  // namespace phasic::handlers

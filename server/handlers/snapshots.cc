// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/convert/agent.h"
#include "server/convert/text.h"
#include "server/handlers/handlers.h"
#include "server/handlers/names.h"
#include "server/handlers/new_agent.h"
#include "server/handlers/paging.h"

namespace phasic::handlers {
namespace {

std::string NameOf(const HostedAgent& agent, const std::string& id) {
  return absl::StrCat(agent.identity().name(), "/snapshots/", id);
}

// An agent of which snapshots are kept.
absl::StatusOr<AgentPtr> KeptAgent(const Call& call, const std::string& name,
                                   const std::string& field) {
  ASSIGN_OR_RETURN(AgentPtr agent, KnownAgent(call, name, field));
  if (agent->identity().durability == Durability::kEphemeral) {
    return errors::NoStore(agent->identity().name());
  }
  return agent;
}

// A snapshot of an agent that is there.
struct Found {
  AgentPtr agent;
  std::string id;
  SnapshotInfo info;
};

absl::StatusOr<Found> FindSnapshot(const Call& call, Turn& turn, const AgentPtr& agent,
                                   const std::string& id) {
  ASSIGN_OR_RETURN(const Hosting::Snapshots* snapshots, call.env.hosting.ReadSnapshots(turn));
  const auto at = snapshots->find(id);
  if (at == snapshots->end()) return errors::SnapshotNotFound(NameOf(*agent, id));
  return Found{agent, id, at->second};
}

// An id that no snapshot of the agent has; null info: it is to be made.
absl::StatusOr<std::optional<Found>> FindMade(const Hosting::Snapshots& snapshots,
                                              const AgentPtr& agent, const std::string& id,
                                              const std::string& made_by) {
  for (const auto& [other, info] : snapshots) {
    if (!made_by.empty() && info.made_by == made_by) return Found{agent, other, info};
  }
  if (snapshots.contains(id)) return errors::SnapshotExists(NameOf(*agent, id));
  if (snapshots.size() >= limits::kMaxSnapshots) {
    return errors::TooManySnapshots(agent->identity().name());
  }
  return std::nullopt;
}

void Tell(const Found& found, v1::Snapshot* response) {
  convert::ToProto(NameOf(*found.agent, found.id), found.info, response);
}

}  // namespace

absl::Status CreateSnapshot(const Call& call, const v1::CreateSnapshotRequest& request,
                            v1::Snapshot* response) {
  std::vector<Violation> violations;
  if (!request.snapshot_id().empty() && !IsId(request.snapshot_id())) {
    violations.push_back({"snapshot_id",
                          "is no id: a lower-case letter, then lower-case letters, digits and "
                          "hyphens, up to 63 characters"});
  }
  convert::CheckLength(request.note(), "note", &violations);
  convert::CheckLength(request.request_id(), "request_id", &violations);
  if (!violations.empty()) return InvalidFields(errors::kBadField, std::move(violations));
  ASSIGN_OR_RETURN(const AgentPtr agent, KeptAgent(call, request.parent(), "parent"));
  std::string id = request.snapshot_id();
  const std::string made_by = CallKey("snapshot", id, request.request_id());
  std::optional<Found> found;
  {
    ASSIGN_OR_RETURN(Turn turn, TakeTurn(call, agent));
    ASSIGN_OR_RETURN(const Hosting::Snapshots* snapshots, call.env.hosting.ReadSnapshots(turn));
    while (id.empty() || (request.snapshot_id().empty() && snapshots->contains(id))) {
      id = absl::StrCat("snapshot-", absl::Hex(DrawSeed()));
    }
    ASSIGN_OR_RETURN(found, FindMade(*snapshots, agent, id, made_by));
    if (!found) {
      ASSIGN_OR_RETURN(
          SnapshotInfo info,
          call.env.hosting.TakeSnapshot(turn, id, {.note = request.note(), .made_by = made_by}));
      found = Found{agent, id, std::move(info)};
    }
  }
  RETURN_IF_ERROR(call.env.journal.Wait(agent->last_ticket()));
  Tell(*found, response);
  return absl::OkStatus();
}

absl::Status GetSnapshot(const Call& call, const v1::GetSnapshotRequest& request,
                         v1::Snapshot* response) {
  ASSIGN_OR_RETURN(const SnapshotPath path, SnapshotPathOf(request.name()));
  ASSIGN_OR_RETURN(const AgentPtr agent, KeptAgent(call, path.agent, "name"));
  ASSIGN_OR_RETURN(Turn turn, TakeTurn(call, agent));
  ASSIGN_OR_RETURN(const Found found, FindSnapshot(call, turn, agent, path.snapshot));
  Tell(found, response);
  return absl::OkStatus();
}

absl::Status ListSnapshots(const Call& call, const v1::ListSnapshotsRequest& request,
                           v1::ListSnapshotsResponse* response) {
  ASSIGN_OR_RETURN(const AgentPtr agent, KeptAgent(call, request.parent(), "parent"));
  ASSIGN_OR_RETURN(const size_t page_size, PageSizeOf(request.page_size()));
  const std::string question = "snapshots/" + agent->id();
  ASSIGN_OR_RETURN(const std::string after, ReadPageToken(request.page_token(), question));
  ASSIGN_OR_RETURN(Turn turn, TakeTurn(call, agent));
  ASSIGN_OR_RETURN(const Hosting::Snapshots* snapshots, call.env.hosting.ReadSnapshots(turn));
  for (auto at = snapshots->upper_bound(after); at != snapshots->end(); ++at) {
    if (static_cast<size_t>(response->snapshots_size()) == page_size) {
      response->set_next_page_token(MakePageToken(std::prev(at)->first, question));
      break;
    }
    Tell({agent, at->first, at->second}, response->add_snapshots());
  }
  return absl::OkStatus();
}

absl::Status DeleteSnapshot(const Call& call, const v1::DeleteSnapshotRequest& request,
                            google::protobuf::Empty*) {
  ASSIGN_OR_RETURN(const SnapshotPath path, SnapshotPathOf(request.name()));
  ASSIGN_OR_RETURN(const AgentPtr agent, KeptAgent(call, path.agent, "name"));
  {
    ASSIGN_OR_RETURN(Turn turn, TakeTurn(call, agent));
    RETURN_IF_ERROR(FindSnapshot(call, turn, agent, path.snapshot).status());
    RETURN_IF_ERROR(call.env.hosting.DropSnapshot(turn, path.snapshot));
  }
  return call.env.journal.Wait(agent->last_ticket());
}

absl::Status RestoreSnapshot(const Call& call, const v1::RestoreSnapshotRequest& request,
                             v1::Agent* response) {
  ASSIGN_OR_RETURN(const SnapshotPath path, SnapshotPathOf(request.name()));
  ASSIGN_OR_RETURN(const AgentPtr agent, KeptAgent(call, path.agent, "name"));
  {
    ASSIGN_OR_RETURN(Turn turn, TakeTurn(call, agent));
    RETURN_IF_ERROR(turn.CheckEtag(request.etag()));
    RETURN_IF_ERROR(FindSnapshot(call, turn, agent, path.snapshot).status());
  }
  ASSIGN_OR_RETURN(
      const std::string image,
      call.env.hosting.LoadSnapshot(*agent, path.snapshot, NameOf(*agent, path.snapshot)));
  {
    ASSIGN_OR_RETURN(Turn turn, TakeTurn(call, agent));
    RETURN_IF_ERROR(turn.CheckEtag(request.etag()));
    RETURN_IF_ERROR(call.env.hosting.Restore(turn, image));
  }
  return Answer(call, agent, response);
}

}  // namespace phasic::handlers

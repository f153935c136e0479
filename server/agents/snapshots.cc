// SPDX-License-Identifier: Apache-2.0
//
// Snapshots of agents (hosting.h). What an agent has is decided in its turn, from memory; so it is
// right also of what is still on its way to the disk.
#include <utility>

#include "core/base/status_macros.h"
#include "server/agents/errors.h"
#include "server/agents/hosting.h"
#include "server/agents/image.h"

namespace phasic {

absl::StatusOr<const Hosting::Snapshots*> Hosting::ReadSnapshots(Turn& turn) {
  Inside& inside = turn.inside();
  if (!inside.snapshots) {
    ASSIGN_OR_RETURN(const auto rows, store_->ListSnapshots(turn.agent_->identity().uid));
    Snapshots snapshots;
    for (const store::SnapshotRow& row : rows) {
      ASSIGN_OR_RETURN(snapshots[row.id], DecodeInfo(row.info));
    }
    inside.snapshots = std::move(snapshots);
  }
  return &*inside.snapshots;
}

absl::StatusOr<SnapshotInfo> Hosting::TakeSnapshot(Turn& turn, const std::string& id,
                                                   SnapshotInfo info) {
  Inside& inside = turn.inside();
  std::string image = EncodeImage(inside);
  info.create_time = std::chrono::system_clock::now();
  info.steps = inside.agent.steps();
  info.incarnation = inside.card.incarnation;
  info.digest = inside.agent.Digest();
  info.bytes = static_cast<int64_t>(image.size());
  Snapshots entry;  // made out here, so that entering it cannot fail
  entry.emplace(id, info);
  RETURN_IF_ERROR(Put(turn, {store::PutSnapshot{turn.agent_->identity().uid,
                                                {id, EncodeInfo(info), std::move(image)}}}));
  inside.snapshots->merge(entry);
  return info;
}

absl::Status Hosting::DropSnapshot(Turn& turn, const std::string& id) {
  RETURN_IF_ERROR(Put(turn, {store::DeleteSnapshot{turn.agent_->identity().uid, id}}));
  turn.inside().snapshots->erase(id);
  return absl::OkStatus();
}

absl::StatusOr<std::string> Hosting::LoadSnapshot(const HostedAgent& agent, const std::string& id,
                                                  const std::string& name) {
  // It may still be on its way to the disk.
  RETURN_IF_ERROR(journal_->Wait(agent.last_ticket()));
  ASSIGN_OR_RETURN(auto row, store_->LoadSnapshot(agent.identity().uid, id));
  if (!row) return errors::SnapshotNotFound(name);
  return std::move(row->bytes);
}

}  // namespace phasic

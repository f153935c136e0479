// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "google/protobuf/empty.pb.h"
#include "phasic/v1/agent_service.pb.h"
#include "phasic/v1/circuit_service.pb.h"
#include "phasic/v1/server_service.pb.h"
#include "server/handlers/call.h"

// What each method of the contract does; Step and BatchStep are jobs (step_job.h,
// batch_step_job.h), for which no thread waits. An error leaves the response undefined and every
// agent as it was.
namespace phasic::handlers {

// Where a handler sends the messages of a stream.
template <class Message>
class Writer {
 public:
  virtual ~Writer() = default;
  // False when nobody reads any more: then stop.
  virtual bool Write(const Message& message) = 0;
};

// Where a handler gets the messages of a stream from.
template <class Message>
class Reader {
 public:
  virtual ~Reader() = default;
  // False when there are no more.
  virtual bool Read(Message* message) = 0;
};

// create.cc
absl::Status CreateAgent(const Call& call, const v1::CreateAgentRequest& request,
                         v1::Agent* response);
absl::Status BatchCreateAgents(const Call& call, const v1::BatchCreateAgentsRequest& request,
                               v1::BatchCreateAgentsResponse* response);

// agents.cc
absl::Status GetAgent(const Call& call, const v1::GetAgentRequest& request, v1::Agent* response);
absl::Status DeleteAgent(const Call& call, const v1::DeleteAgentRequest& request,
                         google::protobuf::Empty* response);
absl::Status CloneAgent(const Call& call, const v1::CloneAgentRequest& request,
                        v1::Agent* response);

// list_agents.cc, update_agent.cc
absl::Status ListAgents(const Call& call, const v1::ListAgentsRequest& request,
                        v1::ListAgentsResponse* response);
absl::Status UpdateAgent(const Call& call, const v1::UpdateAgentRequest& request,
                         v1::Agent* response);

// steps.cc
absl::Status Reward(const Call& call, const v1::RewardRequest& request,
                    v1::RewardResponse* response);
absl::Status ResetEpisode(const Call& call, const v1::ResetEpisodeRequest& request,
                          v1::ResetEpisodeResponse* response);

// snapshots.cc
absl::Status CreateSnapshot(const Call& call, const v1::CreateSnapshotRequest& request,
                            v1::Snapshot* response);
absl::Status GetSnapshot(const Call& call, const v1::GetSnapshotRequest& request,
                         v1::Snapshot* response);
absl::Status ListSnapshots(const Call& call, const v1::ListSnapshotsRequest& request,
                           v1::ListSnapshotsResponse* response);
absl::Status DeleteSnapshot(const Call& call, const v1::DeleteSnapshotRequest& request,
                            google::protobuf::Empty* response);
absl::Status RestoreSnapshot(const Call& call, const v1::RestoreSnapshotRequest& request,
                             v1::Agent* response);

// store.cc
absl::Status BackupStore(const Call& call, const v1::BackupStoreRequest& request,
                         Writer<v1::BackupStoreResponse>* writer);
absl::Status CheckStore(const Call& call, const v1::CheckStoreRequest& request,
                        v1::CheckStoreResponse* response);

// inspect.cc
absl::Status Inspect(const Call& call, const v1::InspectRequest& request,
                     Writer<v1::InspectResponse>* writer);

// watch.cc
absl::Status Watch(const Call& call, const v1::WatchRequest& request,
                   Writer<v1::WatchResponse>* writer);

// write_state.cc
absl::Status WriteState(const Call& call, const v1::WriteStateRequest& request,
                        v1::WriteStateResponse* response);

// export.cc, import.cc
absl::Status ExportAgent(const Call& call, const v1::ExportAgentRequest& request,
                         Writer<v1::ExportAgentResponse>* writer);
absl::Status ImportAgent(const Call& call, Reader<v1::ImportAgentRequest>& reader,
                         v1::Agent* response);

// circuits.cc
absl::Status ListCircuits(const Call& call, const v1::ListCircuitsRequest& request,
                          v1::ListCircuitsResponse* response);
absl::Status GetCircuit(const Call& call, const v1::GetCircuitRequest& request,
                        v1::Circuit* response);
absl::Status ListComponents(const Call& call, const v1::ListComponentsRequest& request,
                            v1::ListComponentsResponse* response);
absl::Status ValidateCircuit(const Call& call, const v1::ValidateCircuitRequest& request,
                             v1::ValidateCircuitResponse* response);

// server_info.cc
absl::Status GetServerInfo(const Call& call, const v1::GetServerInfoRequest& request,
                           v1::ServerInfo* response);

}  // namespace phasic::handlers

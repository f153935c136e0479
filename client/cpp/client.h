// SPDX-License-Identifier: Apache-2.0
//
// A client of a phasic server: one method for each call of the contract. The messages
// are those of proto/phasic/v1, whose comments say what each field holds, in which units and range,
// and which errors a call may answer; error.h reads their details. For turn after turn with one
// agent there is AgentHandle, with many at once AgentBatch, without waiting for answers Stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cpp/stream.h"
#include "client/cpp/transfer.h"
#include "client/cpp/variable.h"
#include "phasic/v1/agent_service.pb.h"
#include "phasic/v1/circuit_service.pb.h"
#include "phasic/v1/server_service.pb.h"

namespace phasic::client {

class Connection;

struct Options {
  // A call, its retries included, ends with DEADLINE_EXCEEDED after so long. Streams do not.
  absl::Duration timeout = absl::Seconds(30);
  // The same for calls that move whole agents or stores, or read through them: ExportAgent,
  // ImportAgent, BackupStore and CheckStore.
  absl::Duration transfer_timeout = absl::InfiniteDuration();
  // Tries of a call that can be repeated safely, the first included; 1: never again.
  int max_tries = 8;
  // How long Connect waits for a server that is not there yet.
  absl::Duration wait = absl::ZeroDuration();
  // How the server's logs call this program.
  std::string user_agent = "phasic-cpp";
};

// Where a server is unless said otherwise, and the environment's variable that may say so.
inline constexpr char kDefaultTarget[] = "127.0.0.1:50051";
inline constexpr char kTargetVariable[] = "PHASIC_SERVER";
// The variable's value, else kDefaultTarget.
std::string DefaultTarget();

// INVALID_ARGUMENT when it is neither HOST:PORT nor unix:/PATH.
absl::Status CheckTarget(const std::string& target);

// A connection to one server. Safe for many threads. Copies share the connection, which lasts as
// long as any of them, or any handle or stream made from them.
//
// Retries. A call that ends with UNAVAILABLE, or with RESOURCE_EXHAUSTED and a time to wait, is
// tried again where nothing can be done twice by that: calls that only look; those with
// a `request_id` (CreateAgent, BatchCreateAgents, CloneAgent and CreateSnapshot are given one when
// they have none), a `step` (Step, BatchStep, ResetEpisode, and WriteState without an etag), or a
// `reward_id` for each reward; UpdateAgent without an etag; ExportAgent, BackupStore and Watch
// until something has come. DeleteAgent, DeleteSnapshot, RestoreSnapshot and ImportAgent are tried
// once. The wait doubles from try to try, from about 50 ms to 5 s, and is never shorter than the
// server asks for.
class Client {
 public:
  // A connection to a server that answers. UNAVAILABLE (DEADLINE_EXCEEDED after `wait`) when none
  // does, INVALID_ARGUMENT as CheckTarget.
  static absl::StatusOr<Client> Connect(const std::string& target = DefaultTarget(),
                                        const Options& options = {});
  // The same without asking: the first call connects.
  explicit Client(const std::string& target, const Options& options = {});

  // Agents.

  absl::StatusOr<v1::Agent> CreateAgent(v1::CreateAgentRequest request) const;
  // All, or none. They answer in the order of the requests.
  absl::StatusOr<v1::BatchCreateAgentsResponse> BatchCreateAgents(
      v1::BatchCreateAgentsRequest request) const;
  absl::StatusOr<v1::Agent> GetAgent(const v1::GetAgentRequest& request) const;
  // One page.
  absl::StatusOr<v1::ListAgentsResponse> ListAgents(const v1::ListAgentsRequest& request) const;
  // The agents of every page, by id, at most `limit` of them. `page_size` and `page_token` are set
  // here. DATA_LOSS when the server loses its place.
  absl::StatusOr<v1::ListAgentsResponse> AllAgents(v1::ListAgentsRequest request = {},
                                                   uint64_t limit = UINT64_MAX) const;
  absl::StatusOr<v1::Agent> UpdateAgent(const v1::UpdateAgentRequest& request) const;
  absl::Status DeleteAgent(const v1::DeleteAgentRequest& request) const;
  absl::StatusOr<v1::Agent> CloneAgent(v1::CloneAgentRequest request) const;

  // Turns.

  absl::StatusOr<v1::StepResponse> Step(const v1::StepRequest& request) const;
  // Into `response`, which may be used again and again and then allocates nothing.
  absl::Status BatchStep(const v1::BatchStepRequest& request,
                         v1::BatchStepResponse* response) const;
  absl::StatusOr<v1::RewardResponse> Reward(const v1::RewardRequest& request) const;
  absl::StatusOr<v1::ResetEpisodeResponse> ResetEpisode(
      const v1::ResetEpisodeRequest& request) const;
  Stream Interact() const;
  // The variables asked for, in the server's order, all as they were at one step.
  absl::StatusOr<std::vector<Variable>> Inspect(const v1::InspectRequest& request) const;
  // Hands on every message until the agent, the server or the onlooker ends it; an error of the
  // onlooker is given back. Tried again until the first message has come.
  using Onlooker = std::function<absl::Status(const v1::WatchResponse&)>;
  absl::Status Watch(const v1::WatchRequest& request, const Onlooker& onlooker) const;

  // States as a whole.

  absl::StatusOr<v1::WriteStateResponse> WriteState(const v1::WriteStateRequest& request) const;
  absl::StatusOr<v1::Snapshot> CreateSnapshot(v1::CreateSnapshotRequest request) const;
  absl::StatusOr<v1::Snapshot> GetSnapshot(const v1::GetSnapshotRequest& request) const;
  // One page.
  absl::StatusOr<v1::ListSnapshotsResponse> ListSnapshots(
      const v1::ListSnapshotsRequest& request) const;
  // The snapshots of every page, by id. As AllAgents.
  absl::StatusOr<v1::ListSnapshotsResponse> AllSnapshots(v1::ListSnapshotsRequest request) const;
  absl::Status DeleteSnapshot(const v1::DeleteSnapshotRequest& request) const;
  absl::StatusOr<v1::Agent> RestoreSnapshot(const v1::RestoreSnapshotRequest& request) const;
  // Into the sink, whose error ends the call. After an error the sink may have had some bytes.
  absl::Status ExportAgent(const v1::ExportAgentRequest& request, const Sink& sink) const;
  // `first` says what to make; given a `request_id`, the call may be made again with the whole
  // file.
  absl::StatusOr<v1::Agent> ImportAgent(v1::ImportAgentRequest first, const Source& source) const;

  // Circuits.

  // One page.
  absl::StatusOr<v1::ListCircuitsResponse> ListCircuits(
      const v1::ListCircuitsRequest& request) const;
  // The presets of every page.
  absl::StatusOr<v1::ListCircuitsResponse> AllCircuits() const;
  absl::StatusOr<v1::Circuit> GetCircuit(const v1::GetCircuitRequest& request) const;
  absl::StatusOr<v1::ListComponentsResponse> ListComponents(
      const v1::ListComponentsRequest& request) const;
  absl::StatusOr<v1::ValidateCircuitResponse> ValidateCircuit(
      const v1::ValidateCircuitRequest& request) const;

  // The server.

  absl::StatusOr<v1::ServerInfo> GetServerInfo() const;
  // As ExportAgent.
  absl::Status BackupStore(const Sink& sink) const;
  absl::StatusOr<v1::CheckStoreResponse> CheckStore() const;

 private:
  std::shared_ptr<Connection> connection_;
};

}  // namespace phasic::client

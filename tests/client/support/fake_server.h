// SPDX-License-Identifier: Apache-2.0
//
// A server of the contract that says what a test tells it to say, and keeps what it was asked.
#pragma once

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "phasic/rpc/error_details.pb.h"
#include "phasic/v1/agent_service.grpc.pb.h"
#include "phasic/v1/circuit_service.grpc.pb.h"
#include "phasic/v1/server_service.grpc.pb.h"

namespace phasic {

// What one method does: the nth call gets the nth answer, and the last answer stays.
template <class Request, class Response>
struct Method {
  std::vector<Request> requests;
  // The first calls fail with these, one each, and get no answer.
  std::vector<grpc::Status> failures;
  std::vector<Response> answers;
  // When not OK, every call gets this.
  grpc::Status status;

  grpc::Status Call(const Request& request, Response* response) {
    requests.push_back(request);
    if (requests.size() <= failures.size()) return failures[requests.size() - 1];
    if (!status.ok()) return status;
    const size_t answered = requests.size() - failures.size();
    if (!answers.empty()) *response = answers[std::min(answered, answers.size()) - 1];
    return grpc::Status::OK;
  }
};

// A method that answers with a file: every call gets the same chunks, and then `status`.
template <class Request>
struct Download {
  std::vector<Request> requests;
  // The first calls fail with these, one each, and get no chunk.
  std::vector<grpc::Status> failures;
  std::vector<std::string> chunks;
  grpc::Status status;

  template <class Response>
  grpc::Status Call(const Request& request, grpc::ServerWriter<Response>* writer) {
    requests.push_back(request);
    if (requests.size() <= failures.size()) return failures[requests.size() - 1];
    for (const std::string& chunk : chunks) {
      Response response;
      response.set_data(chunk);
      writer->Write(response);
    }
    return status;
  }
};

class FakeAgents final : public v1::AgentService::Service {
 public:
  Method<v1::CreateAgentRequest, v1::Agent> create;
  Method<v1::BatchCreateAgentsRequest, v1::BatchCreateAgentsResponse> batch_create;
  Method<v1::GetAgentRequest, v1::Agent> get;
  Method<v1::ListAgentsRequest, v1::ListAgentsResponse> list;
  Method<v1::UpdateAgentRequest, v1::Agent> update;
  Method<v1::DeleteAgentRequest, google::protobuf::Empty> remove;
  Method<v1::CloneAgentRequest, v1::Agent> clone;
  Method<v1::StepRequest, v1::StepResponse> step;
  Method<v1::BatchStepRequest, v1::BatchStepResponse> batch_step;
  Method<v1::RewardRequest, v1::RewardResponse> reward;
  Method<v1::ResetEpisodeRequest, v1::ResetEpisodeResponse> reset;
  std::vector<v1::InspectRequest> inspections;
  // Fills the messages of one answer.
  std::function<grpc::Status(const v1::InspectRequest&, std::vector<v1::InspectResponse>*)> inspect;
  std::vector<v1::WatchRequest> watches;
  // Fills the messages of one answer.
  std::function<grpc::Status(const v1::WatchRequest&, std::vector<v1::WatchResponse>*)> watch;
  Method<v1::WriteStateRequest, v1::WriteStateResponse> write;
  Method<v1::CreateSnapshotRequest, v1::Snapshot> snapshot;
  Method<v1::GetSnapshotRequest, v1::Snapshot> get_snapshot;
  Method<v1::ListSnapshotsRequest, v1::ListSnapshotsResponse> list_snapshots;
  Method<v1::DeleteSnapshotRequest, google::protobuf::Empty> remove_snapshot;
  Method<v1::RestoreSnapshotRequest, v1::Agent> restore;
  Download<v1::ExportAgentRequest> exports;
  // Of an import: its first message, with the data of all.
  Method<v1::ImportAgentRequest, v1::Agent> import;
  using Line = grpc::ServerReaderWriter<v1::InteractResponse, v1::InteractRequest>;
  // Serves one stream.
  std::function<grpc::Status(Line&)> interact;

 private:
  using Call = grpc::ServerContext;
  grpc::Status CreateAgent(Call*, const v1::CreateAgentRequest*, v1::Agent*) override;
  grpc::Status BatchCreateAgents(Call*, const v1::BatchCreateAgentsRequest*,
                                 v1::BatchCreateAgentsResponse*) override;
  grpc::Status GetAgent(Call*, const v1::GetAgentRequest*, v1::Agent*) override;
  grpc::Status ListAgents(Call*, const v1::ListAgentsRequest*, v1::ListAgentsResponse*) override;
  grpc::Status UpdateAgent(Call*, const v1::UpdateAgentRequest*, v1::Agent*) override;
  grpc::Status DeleteAgent(Call*, const v1::DeleteAgentRequest*, google::protobuf::Empty*) override;
  grpc::Status CloneAgent(Call*, const v1::CloneAgentRequest*, v1::Agent*) override;
  grpc::Status Step(Call*, const v1::StepRequest*, v1::StepResponse*) override;
  grpc::Status BatchStep(Call*, const v1::BatchStepRequest*, v1::BatchStepResponse*) override;
  grpc::Status Interact(Call*, Line* line) override;
  grpc::Status Reward(Call*, const v1::RewardRequest*, v1::RewardResponse*) override;
  grpc::Status ResetEpisode(Call*, const v1::ResetEpisodeRequest*,
                            v1::ResetEpisodeResponse*) override;
  grpc::Status Inspect(Call*, const v1::InspectRequest*,
                       grpc::ServerWriter<v1::InspectResponse>*) override;
  grpc::Status Watch(Call*, const v1::WatchRequest*,
                     grpc::ServerWriter<v1::WatchResponse>*) override;
  grpc::Status WriteState(Call*, const v1::WriteStateRequest*, v1::WriteStateResponse*) override;
  grpc::Status CreateSnapshot(Call*, const v1::CreateSnapshotRequest*, v1::Snapshot*) override;
  grpc::Status GetSnapshot(Call*, const v1::GetSnapshotRequest*, v1::Snapshot*) override;
  grpc::Status ListSnapshots(Call*, const v1::ListSnapshotsRequest*,
                             v1::ListSnapshotsResponse*) override;
  grpc::Status DeleteSnapshot(Call*, const v1::DeleteSnapshotRequest*,
                              google::protobuf::Empty*) override;
  grpc::Status RestoreSnapshot(Call*, const v1::RestoreSnapshotRequest*, v1::Agent*) override;
  grpc::Status ExportAgent(Call*, const v1::ExportAgentRequest*,
                           grpc::ServerWriter<v1::ExportAgentResponse>*) override;
  grpc::Status ImportAgent(Call*, grpc::ServerReader<v1::ImportAgentRequest>*, v1::Agent*) override;
};

class FakeCircuits final : public v1::CircuitService::Service {
 public:
  Method<v1::ListCircuitsRequest, v1::ListCircuitsResponse> list;
  Method<v1::GetCircuitRequest, v1::Circuit> get;
  Method<v1::ListComponentsRequest, v1::ListComponentsResponse> components;
  Method<v1::ValidateCircuitRequest, v1::ValidateCircuitResponse> validate;

 private:
  using Call = grpc::ServerContext;
  grpc::Status ListCircuits(Call*, const v1::ListCircuitsRequest*,
                            v1::ListCircuitsResponse*) override;
  grpc::Status GetCircuit(Call*, const v1::GetCircuitRequest*, v1::Circuit*) override;
  grpc::Status ListComponents(Call*, const v1::ListComponentsRequest*,
                              v1::ListComponentsResponse*) override;
  grpc::Status ValidateCircuit(Call*, const v1::ValidateCircuitRequest*,
                               v1::ValidateCircuitResponse*) override;
};

class FakeInfo final : public v1::ServerService::Service {
 public:
  Method<v1::GetServerInfoRequest, v1::ServerInfo> info;
  Download<v1::BackupStoreRequest> backup;
  Method<v1::CheckStoreRequest, v1::CheckStoreResponse> check;

 private:
  using Call = grpc::ServerContext;
  grpc::Status GetServerInfo(Call*, const v1::GetServerInfoRequest*, v1::ServerInfo*) override;
  grpc::Status BackupStore(Call*, const v1::BackupStoreRequest*,
                           grpc::ServerWriter<v1::BackupStoreResponse>*) override;
  grpc::Status CheckStore(Call*, const v1::CheckStoreRequest*, v1::CheckStoreResponse*) override;
};

// Listens on a port of its own on the loopback, or at the address given.
class FakeServer {
 public:
  explicit FakeServer(const std::string& address = "127.0.0.1:0");

  const std::string& address() const { return address_; }
  // Goes away: ends what runs, and listens no more.
  void Stop();

  FakeAgents agents;
  FakeCircuits circuits;
  FakeInfo server;

 private:
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

// The details of an error, as a phasic server sends them.
class ErrorMaker {
 public:
  ErrorMaker(grpc::StatusCode code, const std::string& message, const std::string& reason);
  ErrorMaker& Metadata(const std::string& key, const std::string& value);
  ErrorMaker& Violation(const std::string& field, const std::string& description);
  // Any other detail: a message of phasic.rpc.
  ErrorMaker& Detail(const google::protobuf::Message& detail);
  grpc::Status Make() const;

 private:
  grpc::StatusCode code_;
  std::string message_;
  rpc::ErrorInfo info_;
  rpc::BadRequest bad_request_;
  rpc::Status status_;
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "tests/client/support/fake_server.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace phasic {
namespace {

void Pack(const google::protobuf::Message& detail, rpc::Status* status) {
  google::protobuf::Any& any = *status->add_details();
  any.set_type_url("type.googleapis.com/google.rpc." + detail.GetDescriptor()->name());
  any.set_value(detail.SerializeAsString());
}

// Notes the request and sends what `fill` puts into the answer.
template <class Fill, class Request, class Response>
grpc::Status Stream(const Fill& fill, const Request& request, std::vector<Request>* requests,
                    grpc::ServerWriter<Response>* writer) {
  requests->push_back(request);
  std::vector<Response> messages;
  grpc::Status status = fill(request, &messages);
  for (const Response& message : messages) writer->Write(message);
  return status;
}

}  // namespace

grpc::Status FakeAgents::CreateAgent(Call*, const v1::CreateAgentRequest* request,
                                     v1::Agent* response) {
  return create.Call(*request, response);
}
grpc::Status FakeAgents::BatchCreateAgents(Call*, const v1::BatchCreateAgentsRequest* request,
                                           v1::BatchCreateAgentsResponse* response) {
  return batch_create.Call(*request, response);
}
grpc::Status FakeAgents::GetAgent(Call*, const v1::GetAgentRequest* request, v1::Agent* response) {
  return get.Call(*request, response);
}
grpc::Status FakeAgents::ListAgents(Call*, const v1::ListAgentsRequest* request,
                                    v1::ListAgentsResponse* response) {
  return list.Call(*request, response);
}
grpc::Status FakeAgents::UpdateAgent(Call*, const v1::UpdateAgentRequest* request,
                                     v1::Agent* response) {
  return update.Call(*request, response);
}
grpc::Status FakeAgents::DeleteAgent(Call*, const v1::DeleteAgentRequest* request,
                                     google::protobuf::Empty* response) {
  return remove.Call(*request, response);
}
grpc::Status FakeAgents::CloneAgent(Call*, const v1::CloneAgentRequest* request,
                                    v1::Agent* response) {
  return clone.Call(*request, response);
}
grpc::Status FakeAgents::Step(Call*, const v1::StepRequest* request, v1::StepResponse* response) {
  return step.Call(*request, response);
}
grpc::Status FakeAgents::BatchStep(Call*, const v1::BatchStepRequest* request,
                                   v1::BatchStepResponse* response) {
  return batch_step.Call(*request, response);
}
grpc::Status FakeAgents::Interact(Call*, Line* line) { return interact(*line); }
grpc::Status FakeAgents::Reward(Call*, const v1::RewardRequest* request,
                                v1::RewardResponse* response) {
  return reward.Call(*request, response);
}
grpc::Status FakeAgents::ResetEpisode(Call*, const v1::ResetEpisodeRequest* request,
                                      v1::ResetEpisodeResponse* response) {
  return reset.Call(*request, response);
}
grpc::Status FakeAgents::Inspect(Call*, const v1::InspectRequest* request,
                                 grpc::ServerWriter<v1::InspectResponse>* writer) {
  return Stream(inspect, *request, &inspections, writer);
}
grpc::Status FakeAgents::Watch(Call*, const v1::WatchRequest* request,
                               grpc::ServerWriter<v1::WatchResponse>* writer) {
  return Stream(watch, *request, &watches, writer);
}

grpc::Status FakeAgents::WriteState(Call*, const v1::WriteStateRequest* request,
                                    v1::WriteStateResponse* response) {
  return write.Call(*request, response);
}
grpc::Status FakeAgents::CreateSnapshot(Call*, const v1::CreateSnapshotRequest* request,
                                        v1::Snapshot* response) {
  return snapshot.Call(*request, response);
}
grpc::Status FakeAgents::GetSnapshot(Call*, const v1::GetSnapshotRequest* request,
                                     v1::Snapshot* response) {
  return get_snapshot.Call(*request, response);
}
grpc::Status FakeAgents::ListSnapshots(Call*, const v1::ListSnapshotsRequest* request,
                                       v1::ListSnapshotsResponse* response) {
  return list_snapshots.Call(*request, response);
}
grpc::Status FakeAgents::DeleteSnapshot(Call*, const v1::DeleteSnapshotRequest* request,
                                        google::protobuf::Empty* response) {
  return remove_snapshot.Call(*request, response);
}
grpc::Status FakeAgents::RestoreSnapshot(Call*, const v1::RestoreSnapshotRequest* request,
                                         v1::Agent* response) {
  return restore.Call(*request, response);
}
grpc::Status FakeAgents::ExportAgent(Call*, const v1::ExportAgentRequest* request,
                                     grpc::ServerWriter<v1::ExportAgentResponse>* writer) {
  return exports.Call(*request, writer);
}
grpc::Status FakeAgents::ImportAgent(Call*, grpc::ServerReader<v1::ImportAgentRequest>* reader,
                                     v1::Agent* response) {
  v1::ImportAgentRequest whole;
  v1::ImportAgentRequest part;
  reader->Read(&whole);
  while (reader->Read(&part)) whole.mutable_data()->append(part.data());
  return import.Call(whole, response);
}

grpc::Status FakeCircuits::ListCircuits(Call*, const v1::ListCircuitsRequest* request,
                                        v1::ListCircuitsResponse* response) {
  return list.Call(*request, response);
}
grpc::Status FakeCircuits::GetCircuit(Call*, const v1::GetCircuitRequest* request,
                                      v1::Circuit* response) {
  return get.Call(*request, response);
}
grpc::Status FakeCircuits::ListComponents(Call*, const v1::ListComponentsRequest* request,
                                          v1::ListComponentsResponse* response) {
  return components.Call(*request, response);
}
grpc::Status FakeCircuits::ValidateCircuit(Call*, const v1::ValidateCircuitRequest* request,
                                           v1::ValidateCircuitResponse* response) {
  return validate.Call(*request, response);
}

grpc::Status FakeInfo::GetServerInfo(Call*, const v1::GetServerInfoRequest* request,
                                     v1::ServerInfo* response) {
  return info.Call(*request, response);
}
grpc::Status FakeInfo::BackupStore(Call*, const v1::BackupStoreRequest* request,
                                   grpc::ServerWriter<v1::BackupStoreResponse>* writer) {
  return backup.Call(*request, writer);
}
grpc::Status FakeInfo::CheckStore(Call*, const v1::CheckStoreRequest* request,
                                  v1::CheckStoreResponse* response) {
  return check.Call(*request, response);
}

FakeServer::FakeServer(const std::string& address) {
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&agents);
  builder.RegisterService(&circuits);
  builder.RegisterService(&server);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port == 0) {
    std::fprintf(stderr, "cannot listen on %s\n", address.c_str());
    std::abort();
  }
  const size_t colon = address.rfind(":0");
  address_ =
      colon == std::string::npos ? address : address.substr(0, colon + 1) + std::to_string(port);
}

void FakeServer::Stop() { server_->Shutdown(std::chrono::system_clock::now()); }

ErrorMaker::ErrorMaker(grpc::StatusCode code, const std::string& message, const std::string& reason)
    : code_(code), message_(message) {
  info_.set_reason(reason);
  info_.set_domain("phasic");
}

ErrorMaker& ErrorMaker::Metadata(const std::string& key, const std::string& value) {
  (*info_.mutable_metadata())[key] = value;
  return *this;
}

ErrorMaker& ErrorMaker::Violation(const std::string& field, const std::string& description) {
  auto& violation = *bad_request_.add_field_violations();
  violation.set_field(field);
  violation.set_description(description);
  return *this;
}

ErrorMaker& ErrorMaker::Detail(const google::protobuf::Message& detail) {
  Pack(detail, &status_);
  return *this;
}

grpc::Status ErrorMaker::Make() const {
  rpc::Status status = status_;
  status.set_code(code_);
  status.set_message(message_);
  Pack(info_, &status);
  if (!bad_request_.field_violations().empty()) Pack(bad_request_, &status);
  return {code_, message_, status.SerializeAsString()};
}

}  // namespace phasic

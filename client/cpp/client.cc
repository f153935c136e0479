// SPDX-License-Identifier: Apache-2.0
#include "client/cpp/client.h"

#include <google/protobuf/empty.pb.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cpp/connection.h"
#include "client/cpp/request_id.h"

namespace phasic::client {
namespace {

using Agents = v1::AgentService::Stub;
using Circuits = v1::CircuitService::Stub;
using Server = v1::ServerService::Stub;

// The most that a page may have.
constexpr int32_t kPageSize = 1000;

Repeat SafeIf(bool safe) { return safe ? Repeat::kSafe : Repeat::kUnsafe; }

// All pages as one. `more` says whether to go on after what there is already.
template <class Stub, class Request, class Response, class More>
absl::StatusOr<Response> AllPages(Connection& connection,
                                  Connection::Method<Stub, Request, Response> method,
                                  Request request, const More& more) {
  request.clear_page_token();
  Response all;
  for (;;) {
    absl::StatusOr<Response> page = connection.Call(method, request, Repeat::kSafe);
    if (!page.ok()) return page;
    const std::string next = std::exchange(*page->mutable_next_page_token(), {});
    all.MergeFrom(*page);
    if (next.empty() || !more(all)) return all;
    if (next == request.page_token()) {
      return absl::DataLossError("the server sent the same page token twice");
    }
    request.set_page_token(next);
  }
}

}  // namespace

std::string DefaultTarget() {
  const char* target = std::getenv(kTargetVariable);
  return target != nullptr && *target != '\0' ? target : kDefaultTarget;
}

absl::Status CheckTarget(const std::string& target) {
  // gRPC would take a bare host for one with the port of https.
  if (target.find(':') != std::string::npos) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("\"", target, "\" is neither HOST:PORT nor unix:/PATH"));
}

absl::StatusOr<Client> Client::Connect(const std::string& target, const Options& options) {
  absl::Status status = CheckTarget(target);
  if (!status.ok()) return status;
  Client client(target, options);
  status = client.connection_->AwaitServer(options.wait);
  if (!status.ok()) return status;
  return client;
}

Client::Client(const std::string& target, const Options& options)
    : connection_(std::make_shared<Connection>(target, options)) {}

absl::StatusOr<v1::Agent> Client::CreateAgent(v1::CreateAgentRequest request) const {
  NameIfNeedBe(request);
  return connection_->Call(&Agents::CreateAgent, request, Repeat::kSafe);
}

absl::StatusOr<v1::BatchCreateAgentsResponse> Client::BatchCreateAgents(
    v1::BatchCreateAgentsRequest request) const {
  for (v1::CreateAgentRequest& one : *request.mutable_requests()) NameIfNeedBe(one);
  return connection_->Call(&Agents::BatchCreateAgents, request, Repeat::kSafe);
}

absl::StatusOr<v1::Agent> Client::GetAgent(const v1::GetAgentRequest& request) const {
  return connection_->Call(&Agents::GetAgent, request, Repeat::kSafe);
}

absl::StatusOr<v1::ListAgentsResponse> Client::ListAgents(
    const v1::ListAgentsRequest& request) const {
  return connection_->Call(&Agents::ListAgents, request, Repeat::kSafe);
}

absl::StatusOr<v1::ListAgentsResponse> Client::AllAgents(v1::ListAgentsRequest request,
                                                         uint64_t limit) const {
  request.set_page_size(static_cast<int32_t>(std::min<uint64_t>(limit, kPageSize)));
  absl::StatusOr<v1::ListAgentsResponse> all =
      AllPages(*connection_, &Agents::ListAgents, std::move(request),
               [limit](const v1::ListAgentsResponse& so_far) {
                 return static_cast<uint64_t>(so_far.agents_size()) < limit;
               });
  if (all.ok() && static_cast<uint64_t>(all->agents_size()) > limit) {
    const int kept = static_cast<int>(limit);
    all->mutable_agents()->DeleteSubrange(kept, all->agents_size() - kept);
  }
  return all;
}

absl::StatusOr<v1::Agent> Client::UpdateAgent(const v1::UpdateAgentRequest& request) const {
  return connection_->Call(&Agents::UpdateAgent, request, SafeIf(request.agent().etag().empty()));
}

absl::Status Client::DeleteAgent(const v1::DeleteAgentRequest& request) const {
  google::protobuf::Empty response;
  return connection_->Call(&Agents::DeleteAgent, request, &response, Repeat::kUnsafe);
}

absl::StatusOr<v1::Agent> Client::CloneAgent(v1::CloneAgentRequest request) const {
  NameIfNeedBe(request);
  return connection_->Call(&Agents::CloneAgent, request, Repeat::kSafe);
}

absl::StatusOr<v1::StepResponse> Client::Step(const v1::StepRequest& request) const {
  const bool safe = request.has_step() || !request.request_id().empty();
  return connection_->Call(&Agents::Step, request, SafeIf(safe));
}

absl::Status Client::BatchStep(const v1::BatchStepRequest& request,
                               v1::BatchStepResponse* response) const {
  const bool safe = request.step_size() > 0 || !request.request_id().empty();
  return connection_->Call(&Agents::BatchStep, request, response, SafeIf(safe));
}

absl::StatusOr<v1::RewardResponse> Client::Reward(const v1::RewardRequest& request) const {
  const bool safe = std::all_of(request.rewards().begin(), request.rewards().end(),
                                [](const v1::Reward& one) { return !one.reward_id().empty(); });
  return connection_->Call(&Agents::Reward, request, SafeIf(safe));
}

absl::StatusOr<v1::ResetEpisodeResponse> Client::ResetEpisode(
    const v1::ResetEpisodeRequest& request) const {
  return connection_->Call(&Agents::ResetEpisode, request,
                           request.has_step() ? Repeat::kSafe : Repeat::kUnsafe);
}

Stream Client::Interact() const { return Stream(connection_); }

absl::StatusOr<std::vector<Variable>> Client::Inspect(const v1::InspectRequest& request) const {
  // The first message of each variable, with the data of all.
  std::vector<v1::InspectResponse> parts;
  const absl::Status status = connection_->Read(
      &Agents::Inspect, request, [&parts] { parts.clear(); },
      [&parts](const v1::InspectResponse& message) {
        // Only the first message of a variable has the summary.
        if (!parts.empty() && !message.has_summary()) {
          parts.back().mutable_data()->append(message.data());
        } else {
          parts.push_back(message);
        }
      });
  if (!status.ok()) return status;

  std::vector<Variable> variables;
  for (v1::InspectResponse& part : parts) {
    absl::StatusOr<Numbers> numbers =
        Numbers::Make(part.dtype(), std::exchange(*part.mutable_data(), {}));
    if (!numbers.ok()) return numbers.status();
    variables.push_back({std::move(part), *std::move(numbers)});
  }
  return variables;
}

absl::Status Client::Watch(const v1::WatchRequest& request, const Onlooker& onlooker) const {
  return connection_->Follow(absl::InfiniteDuration(), &Agents::Watch, request, onlooker);
}

absl::StatusOr<v1::WriteStateResponse> Client::WriteState(
    const v1::WriteStateRequest& request) const {
  return connection_->Call(&Agents::WriteState, request,
                           SafeIf(request.has_step() && request.etag().empty()));
}

absl::StatusOr<v1::Snapshot> Client::CreateSnapshot(v1::CreateSnapshotRequest request) const {
  NameIfNeedBe(request);
  return connection_->Call(&Agents::CreateSnapshot, request, Repeat::kSafe);
}

absl::StatusOr<v1::Snapshot> Client::GetSnapshot(const v1::GetSnapshotRequest& request) const {
  return connection_->Call(&Agents::GetSnapshot, request, Repeat::kSafe);
}

absl::StatusOr<v1::ListSnapshotsResponse> Client::ListSnapshots(
    const v1::ListSnapshotsRequest& request) const {
  return connection_->Call(&Agents::ListSnapshots, request, Repeat::kSafe);
}

absl::StatusOr<v1::ListSnapshotsResponse> Client::AllSnapshots(
    v1::ListSnapshotsRequest request) const {
  request.set_page_size(kPageSize);
  return AllPages(*connection_, &Agents::ListSnapshots, std::move(request),
                  [](const v1::ListSnapshotsResponse&) { return true; });
}

absl::Status Client::DeleteSnapshot(const v1::DeleteSnapshotRequest& request) const {
  google::protobuf::Empty response;
  return connection_->Call(&Agents::DeleteSnapshot, request, &response, Repeat::kUnsafe);
}

absl::StatusOr<v1::Agent> Client::RestoreSnapshot(const v1::RestoreSnapshotRequest& request) const {
  return connection_->Call(&Agents::RestoreSnapshot, request, Repeat::kUnsafe);
}

absl::Status Client::ExportAgent(const v1::ExportAgentRequest& request, const Sink& sink) const {
  return connection_->Receive(&Agents::ExportAgent, request, sink);
}

absl::StatusOr<v1::Agent> Client::ImportAgent(v1::ImportAgentRequest first,
                                              const Source& source) const {
  NameIfNeedBe(first);
  v1::Agent agent;
  const absl::Status status = connection_->Send(&Agents::ImportAgent, first, source, &agent);
  if (!status.ok()) return status;
  return agent;
}

absl::StatusOr<v1::ListCircuitsResponse> Client::ListCircuits(
    const v1::ListCircuitsRequest& request) const {
  return connection_->Call(&Circuits::ListCircuits, request, Repeat::kSafe);
}

absl::StatusOr<v1::ListCircuitsResponse> Client::AllCircuits() const {
  v1::ListCircuitsRequest request;
  request.set_page_size(kPageSize);
  return AllPages(*connection_, &Circuits::ListCircuits, std::move(request),
                  [](const v1::ListCircuitsResponse&) { return true; });
}

absl::StatusOr<v1::Circuit> Client::GetCircuit(const v1::GetCircuitRequest& request) const {
  return connection_->Call(&Circuits::GetCircuit, request, Repeat::kSafe);
}

absl::StatusOr<v1::ListComponentsResponse> Client::ListComponents(
    const v1::ListComponentsRequest& request) const {
  return connection_->Call(&Circuits::ListComponents, request, Repeat::kSafe);
}

absl::StatusOr<v1::ValidateCircuitResponse> Client::ValidateCircuit(
    const v1::ValidateCircuitRequest& request) const {
  return connection_->Call(&Circuits::ValidateCircuit, request, Repeat::kSafe);
}

absl::StatusOr<v1::ServerInfo> Client::GetServerInfo() const {
  return connection_->Call(&Server::GetServerInfo, v1::GetServerInfoRequest(), Repeat::kSafe);
}

absl::Status Client::BackupStore(const Sink& sink) const {
  return connection_->Receive(&Server::BackupStore, v1::BackupStoreRequest(), sink);
}

absl::StatusOr<v1::CheckStoreResponse> Client::CheckStore() const {
  v1::CheckStoreResponse response;
  const absl::Status status = connection_->CallUnhurried(
      &Server::CheckStore, v1::CheckStoreRequest(), &response, Repeat::kSafe);
  if (!status.ok()) return status;
  return response;
}

}  // namespace phasic::client

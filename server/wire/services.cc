// SPDX-License-Identifier: Apache-2.0
#include "server/wire/services.h"

#include "phasic/v1/agent_service.grpc.pb.h"
#include "phasic/v1/circuit_service.grpc.pb.h"
#include "phasic/v1/server_service.grpc.pb.h"
#include "server/handlers/handlers.h"
#include "server/wire/runner.h"

namespace phasic::wire {
namespace {

template <class Message>
class StreamWriter final : public handlers::Writer<Message> {
 public:
  StreamWriter(grpc::ServerWriter<Message>* writer, grpc::ServerContext* context,
               SilenceGuard& guard)
      : writer_(writer), context_(context), guard_(guard) {}
  // Waits while the client's window is full: that is the back-pressure.
  bool Write(const Message& message) override {
    const SilenceGuard::Wait wait(guard_, [this] { context_->TryCancel(); });
    return writer_->Write(message);
  }

 private:
  grpc::ServerWriter<Message>* const writer_;
  grpc::ServerContext* const context_;
  SilenceGuard& guard_;
};

template <class Message>
class StreamReader final : public handlers::Reader<Message> {
 public:
  StreamReader(grpc::ServerReader<Message>* reader, grpc::ServerContext* context,
               SilenceGuard& guard)
      : reader_(reader), context_(context), guard_(guard) {}
  bool Read(Message* message) override {
    const SilenceGuard::Wait wait(guard_, [this] { context_->TryCancel(); });
    return reader_->Read(message);
  }

 private:
  grpc::ServerReader<Message>* const reader_;
  grpc::ServerContext* const context_;
  SilenceGuard& guard_;
};

#define PHASIC_UNARY(Method, Request, Response)                                                 \
  grpc::Status Method(grpc::ServerContext* context, const Request* request, Response* response) \
      override {                                                                                \
    return runner_.Run(context, handlers::Method, request, response);                           \
  }

#define PHASIC_READ(Method, Request, Response)                              \
  grpc::Status Method(grpc::ServerContext* context, const Request* request, \
                      grpc::ServerWriter<Response>* stream) override {      \
    StreamWriter<Response> writer(stream, context, guard_);                 \
    return runner_.Run(context, handlers::Method, request, &writer);        \
  }

class AgentService final : public AsyncAgentService {
 public:
  AgentService(const Runner& runner, SilenceGuard& guard) : runner_(runner), guard_(guard) {}
  PHASIC_UNARY(CreateAgent, v1::CreateAgentRequest, v1::Agent)
  PHASIC_UNARY(BatchCreateAgents, v1::BatchCreateAgentsRequest, v1::BatchCreateAgentsResponse)
  PHASIC_UNARY(GetAgent, v1::GetAgentRequest, v1::Agent)
  PHASIC_UNARY(ListAgents, v1::ListAgentsRequest, v1::ListAgentsResponse)
  PHASIC_UNARY(UpdateAgent, v1::UpdateAgentRequest, v1::Agent)
  PHASIC_UNARY(DeleteAgent, v1::DeleteAgentRequest, google::protobuf::Empty)
  PHASIC_UNARY(CloneAgent, v1::CloneAgentRequest, v1::Agent)
  PHASIC_UNARY(Reward, v1::RewardRequest, v1::RewardResponse)
  PHASIC_UNARY(ResetEpisode, v1::ResetEpisodeRequest, v1::ResetEpisodeResponse)
  PHASIC_UNARY(WriteState, v1::WriteStateRequest, v1::WriteStateResponse)

  PHASIC_READ(Inspect, v1::InspectRequest, v1::InspectResponse)
  PHASIC_READ(Watch, v1::WatchRequest, v1::WatchResponse)
  PHASIC_UNARY(CreateSnapshot, v1::CreateSnapshotRequest, v1::Snapshot)
  PHASIC_UNARY(GetSnapshot, v1::GetSnapshotRequest, v1::Snapshot)
  PHASIC_UNARY(ListSnapshots, v1::ListSnapshotsRequest, v1::ListSnapshotsResponse)
  PHASIC_UNARY(DeleteSnapshot, v1::DeleteSnapshotRequest, google::protobuf::Empty)
  PHASIC_UNARY(RestoreSnapshot, v1::RestoreSnapshotRequest, v1::Agent)
  PHASIC_READ(ExportAgent, v1::ExportAgentRequest, v1::ExportAgentResponse)

  grpc::Status ImportAgent(grpc::ServerContext* context,
                           grpc::ServerReader<v1::ImportAgentRequest>* stream,
                           v1::Agent* response) override {
    StreamReader<v1::ImportAgentRequest> reader(stream, context, guard_);
    return runner_.Run(context, handlers::ImportAgent, &reader, response);
  }

 private:
  Runner runner_;
  SilenceGuard& guard_;
};

class CircuitService final : public v1::CircuitService::Service {
 public:
  explicit CircuitService(const Runner& runner) : runner_(runner) {}
  PHASIC_UNARY(ListCircuits, v1::ListCircuitsRequest, v1::ListCircuitsResponse)
  PHASIC_UNARY(GetCircuit, v1::GetCircuitRequest, v1::Circuit)
  PHASIC_UNARY(ListComponents, v1::ListComponentsRequest, v1::ListComponentsResponse)
  PHASIC_UNARY(ValidateCircuit, v1::ValidateCircuitRequest, v1::ValidateCircuitResponse)

 private:
  Runner runner_;
};

class ServerService final : public v1::ServerService::Service {
 public:
  ServerService(const Runner& runner, SilenceGuard& guard) : runner_(runner), guard_(guard) {}
  PHASIC_UNARY(GetServerInfo, v1::GetServerInfoRequest, v1::ServerInfo)
  PHASIC_READ(BackupStore, v1::BackupStoreRequest, v1::BackupStoreResponse)
  PHASIC_UNARY(CheckStore, v1::CheckStoreRequest, v1::CheckStoreResponse)

 private:
  Runner runner_;
  SilenceGuard& guard_;
};

#undef PHASIC_UNARY
#undef PHASIC_READ

}  // namespace

Services::Services(Env& env, Gate& gate) : guard_(std::chrono::seconds(limits::kSilentSeconds)) {
  const Runner runner(env, gate);
  auto agents = std::make_unique<AgentService>(runner, guard_);
  agents_ = agents.get();
  services_.push_back(std::move(agents));
  services_.push_back(std::make_unique<CircuitService>(runner));
  services_.push_back(std::make_unique<ServerService>(runner, guard_));
}

Services::~Services() = default;

std::vector<grpc::Service*> Services::all() const {
  std::vector<grpc::Service*> services;
  for (const auto& service : services_) services.push_back(service.get());
  return services;
}

std::set<std::string> Services::Names() {
  return {v1::AgentService::service_full_name(), v1::CircuitService::service_full_name(),
          v1::ServerService::service_full_name()};
}

}  // namespace phasic::wire

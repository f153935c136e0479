// SPDX-License-Identifier: Apache-2.0
#include "server/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "core/base/numerics.h"
#include "core/base/status_macros.h"
#include "server/handlers/call.h"
#include "server/unix_socket.h"
#include "server/wire/data_plane.h"
#include "server/wire/gate.h"
#include "server/wire/health.h"
#include "server/wire/services.h"

namespace phasic {
namespace {

// Each call in flight holds a thread. A distant backstop, never admission: near its quota gRPC 1.51
// counts wrong.
constexpr int kMaxThreads = 4'096;
// What remains after the last call is reflection, which ends only when it is cancelled.
constexpr std::chrono::milliseconds kLastWords{200};

void SetArguments(const Config& config, grpc::ServerBuilder* builder) {
  // By default a second server could listen on the same port and take a half of the connections.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  const int max_message = static_cast<int>(config.limits.max_message_bytes);
  builder->SetMaxReceiveMessageSize(max_message);
  builder->SetMaxSendMessageSize(max_message);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 1'024);
  // A peer that died without a word is found within 80 s, not two hours.
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  // Clients may ping every 10 s; by default they would be sent away for more than one in 5 minutes.
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  using Option = grpc::ServerBuilder::SyncServerOption;
  const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  builder->SetSyncServerOption(Option::NUM_CQS, std::min(4, cores));
  builder->SetSyncServerOption(Option::MIN_POLLERS, 1);
  // With one poller, twice as slow: no one would listen while it runs a call.
  builder->SetSyncServerOption(Option::MAX_POLLERS, 2);
  grpc::ResourceQuota quota("phasicd");
  quota.SetMaxThreads(kMaxThreads);
  builder->SetResourceQuota(quota);
}

}  // namespace

// In the order in which they must begin; they end in the opposite one.
struct Server::Inside {
  Inside(const Config& config, std::unique_ptr<store::Store> store)
      : health(wire::Services::Names()),
        env(
            config.limits, std::move(store),
            [this](const absl::Status& status) { WatchStore(status); }, config.habits),
        services(env, gate) {}

  // Who has just lost what it needs to keep its promises should get no new work.
  void WatchStore(const absl::Status& status) {
    std::fprintf(stderr, "phasicd: %s\n",
                 status.ok() ? "the store is good again" : std::string(status.message()).c_str());
    MutexLock lock(health_mutex);
    store_good = status.ok();
    TellHealth();
  }
  void TellHealth() PHASIC_REQUIRES(health_mutex) { health.Set(store_good && !draining); }

  Mutex health_mutex;
  wire::Health health;
  bool store_good PHASIC_GUARDED_BY(health_mutex) = true;
  bool draining PHASIC_GUARDED_BY(health_mutex) = false;
  std::optional<SocketClaim> socket;
  Env env;
  wire::Gate gate;
  wire::Services services;
  std::vector<std::string> addresses;
  std::optional<wire::DataPlane> data_plane;
  std::unique_ptr<grpc::Server> grpc;

  void Shutdown(std::chrono::milliseconds last_words) {
    health.End();
    grpc->Shutdown(std::chrono::system_clock::now() + last_words);
    grpc->Wait();
    data_plane->Stop();
  }
};

Server::Server(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Server::~Server() {
  if (inside_->grpc != nullptr) inside_->Shutdown({});
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Config& config) {
  // Debian's gRPC is built with Abseil's deadlock detector on, at a cost in every lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  ASSIGN_OR_RETURN(std::unique_ptr<store::Store> store,
                   store::Open(config.store, {.numerics = kNumerics}));
  auto inside = std::make_unique<Inside>(config, std::move(store));
  if (!config.unix_path.empty()) {
    ASSIGN_OR_RETURN(inside->socket, SocketClaim::Take(config.unix_path));
  }
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetArguments(config, &builder);
  for (grpc::Service* service : inside->services.all()) builder.RegisterService(service);
  builder.RegisterService(&inside->health);

  const auto credentials = grpc::InsecureServerCredentials();
  std::vector<int> ports(config.listen.size());
  for (size_t i = 0; i < ports.size(); ++i) {
    builder.AddListeningPort(config.listen[i], credentials, &ports[i]);
  }
  int bound = 0;
  const std::string unix_address = absl::StrCat("unix:", config.unix_path);
  if (inside->socket) builder.AddListeningPort(unix_address, credentials, &bound);

  inside->data_plane.emplace(inside->env, inside->gate, inside->services.agents(), config.pollers,
                             &builder);

  inside->grpc = builder.BuildAndStart();
  for (size_t i = 0; i < ports.size(); ++i) {
    if (inside->grpc == nullptr || ports[i] == 0) {
      if (ports[i] != 0) continue;
      return absl::UnavailableError(absl::StrCat("cannot listen on ", config.listen[i],
                                                 ": the address is taken or not of this machine"));
    }
    const std::string& address = config.listen[i];
    inside->addresses.push_back(absl::StrCat(address.substr(0, address.rfind(':') + 1), ports[i]));
  }
  if (inside->grpc == nullptr || (inside->socket && bound == 0)) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", unix_address));
  }
  if (inside->socket) inside->addresses.push_back(unix_address);
  {
    MutexLock lock(inside->health_mutex);
    inside->TellHealth();
  }
  inside->data_plane->Start();
  return std::unique_ptr<Server>(new Server(std::move(inside)));
}

const std::vector<std::string>& Server::addresses() const { return inside_->addresses; }

absl::Status Server::Drain(double seconds) {
  {
    MutexLock lock(inside_->health_mutex);
    inside_->draining = true;
    inside_->TellHealth();
  }
  inside_->env.draining = true;
  inside_->gate.Close();
  inside_->data_plane->Drain();
  inside_->gate.WaitEmpty(std::chrono::steady_clock::now() +
                          std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                              std::chrono::duration<double>(seconds)));
  inside_->Shutdown(kLastWords);
  return inside_->env.keeper.SaveAll();
}

}  // namespace phasic

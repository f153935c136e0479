// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "grpc/health/v1/health.grpc.pb.h"
#include "server/base/sync.h"

namespace phasic::wire {

// Whether the server serves: all of its services, or none. gRPC has such a service of its own, but
// with two threads that compete for every message of the others.
class Health final : public grpc::health::v1::Health::Service {
 public:
  // `services`: their full names.
  explicit Health(std::set<std::string> services) : services_(std::move(services)) {}

  void Set(bool serving) PHASIC_EXCLUDES(mutex_);
  // Whoever watches is told that the server ends. Nobody watches from then on.
  void End() PHASIC_EXCLUDES(mutex_);

  grpc::Status Check(grpc::ServerContext* context,
                     const grpc::health::v1::HealthCheckRequest* request,
                     grpc::health::v1::HealthCheckResponse* response) override;
  grpc::Status Watch(grpc::ServerContext* context,
                     const grpc::health::v1::HealthCheckRequest* request,
                     grpc::ServerWriter<grpc::health::v1::HealthCheckResponse>* writer) override;

 private:
  bool Knows(const std::string& service) const;
  // What a watcher is to be told who has been told this: returns when it is something else, or
  // after a while. Nothing when the server ends.
  std::optional<grpc::health::v1::HealthCheckResponse::ServingStatus> Await(
      grpc::health::v1::HealthCheckResponse::ServingStatus told, bool known)
      PHASIC_EXCLUDES(mutex_);

  const std::set<std::string> services_;
  Mutex mutex_;
  CondVar changed_;
  bool serving_ PHASIC_GUARDED_BY(mutex_) = false;
  bool ended_ PHASIC_GUARDED_BY(mutex_) = false;
  int watchers_ PHASIC_GUARDED_BY(mutex_) = 0;
};

}  // namespace phasic::wire

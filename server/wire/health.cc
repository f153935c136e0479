// SPDX-License-Identifier: Apache-2.0
#include "server/wire/health.h"

#include "server/agents/limits.h"

namespace phasic::wire {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

namespace {

// How soon a watcher that has gone gives its thread back.
constexpr std::chrono::milliseconds kGone{500};

HealthCheckResponse::ServingStatus StatusOf(bool serving) {
  return serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

}  // namespace

void Health::Set(bool serving) {
  MutexLock lock(mutex_);
  serving_ = serving;
  changed_.NotifyAll();
}

void Health::End() {
  MutexLock lock(mutex_);
  ended_ = true;
  changed_.NotifyAll();
}

bool Health::Knows(const std::string& service) const {
  return service.empty() || services_.contains(service);
}

grpc::Status Health::Check(grpc::ServerContext*, const HealthCheckRequest* request,
                           HealthCheckResponse* response) {
  if (!Knows(request->service())) return {grpc::StatusCode::NOT_FOUND, "no such service"};
  MutexLock lock(mutex_);
  response->set_status(StatusOf(serving_));
  return grpc::Status::OK;
}

std::optional<HealthCheckResponse::ServingStatus> Health::Await(
    HealthCheckResponse::ServingStatus told, bool known) {
  const auto until = std::chrono::steady_clock::now() + kGone;
  MutexLock lock(mutex_);
  while (true) {
    const auto now = known ? StatusOf(serving_) : HealthCheckResponse::SERVICE_UNKNOWN;
    if (now != told) return now;
    if (ended_) return std::nullopt;
    if (std::chrono::steady_clock::now() >= until) return now;
    changed_.WaitUntil(mutex_, until);
  }
}

grpc::Status Health::Watch(grpc::ServerContext* context, const HealthCheckRequest* request,
                           grpc::ServerWriter<HealthCheckResponse>* writer) {
  {
    MutexLock lock(mutex_);
    if (watchers_ == limits::kMaxHealthWatchers) {
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "too many watch the server's health"};
    }
    ++watchers_;
  }
  const bool known = Knows(request->service());
  auto told = HealthCheckResponse::UNKNOWN;
  bool open = true;
  while (open && !context->IsCancelled()) {
    const auto now = Await(told, known);
    if (!now) break;
    if (*now == told) continue;
    told = *now;
    HealthCheckResponse response;
    response.set_status(told);
    open = writer->Write(response);
  }
  MutexLock lock(mutex_);
  --watchers_;
  return {grpc::StatusCode::CANCELLED, "the server ends"};
}

}  // namespace phasic::wire

// SPDX-License-Identifier: Apache-2.0
#include "server/wire/data_plane.h"

#include "server/wire/call_queue.h"

namespace phasic::wire {

DataPlane::DataPlane(Env& env, Gate& gate, AsyncAgentService& service, int queues,
                     grpc::ServerBuilder* builder) {
  for (int i = 0; i < queues; ++i) {
    queues_.push_back(std::make_unique<CallQueue>(CallQueue::Shared{env, gate, service},
                                                  builder->AddCompletionQueue()));
  }
}

DataPlane::~DataPlane() = default;

void DataPlane::Start() {
  for (const auto& queue : queues_) queue->Start();
}

void DataPlane::Drain() {
  for (const auto& queue : queues_) queue->Drain();
}

void DataPlane::Stop() {
  for (const auto& queue : queues_) queue->Stop();
}

}  // namespace phasic::wire

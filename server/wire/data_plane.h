// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/server_builder.h>

#include <memory>
#include <vector>

#include "server/handlers/call.h"
#include "server/wire/async_service.h"
#include "server/wire/gate.h"

namespace phasic::wire {

class CallQueue;

// Step, BatchStep and Interact, on completion queues. Each queue has one thread, which runs
// handlers inline: to hand a short step to another thread would cost more than the step.
class DataPlane {
 public:
  // Before the server is built: gives the builder the queues. All must outlive this.
  DataPlane(Env& env, Gate& gate, AsyncAgentService& service, int queues,
            grpc::ServerBuilder* builder);
  // Stop has returned, or Start has not been called.
  ~DataPlane();

  // Once the server runs: takes calls.
  void Start();
  // Reads no further from open streams: what they have asked is answered, then they end.
  void Drain();
  // Once the server is shut down: returns when no call is left.
  void Stop();

 private:
  std::vector<std::unique_ptr<CallQueue>> queues_;
};

}  // namespace phasic::wire

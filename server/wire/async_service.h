// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/async_stream.h>

#include "phasic/v1/agent_service.grpc.pb.h"
#include "server/wire/reused_request.h"

namespace phasic::wire {

// AgentService with the data plane's methods on completion queues and all others synchronous.
class AsyncAgentService
    : public v1::AgentService::WithAsyncMethod_Step<v1::AgentService::WithAsyncMethod_BatchStep<
          v1::AgentService::WithAsyncMethod_Interact<v1::AgentService::Service>>> {
 public:
  using Interaction = grpc::ServerAsyncReaderWriter<v1::InteractResponse, ReusedRequest>;

  // As the generated RequestInteract, but requests are read into memory that is used again.
  void ListenForInteract(grpc::ServerContext* context, Interaction* stream,
                         grpc::ServerCompletionQueue* queue, void* tag) {
    static const int method = v1::InteractRequest::descriptor()
                                  ->file()
                                  ->FindServiceByName("AgentService")
                                  ->FindMethodByName("Interact")
                                  ->index();
    RequestAsyncBidiStreaming(method, context, stream, queue, queue, tag);
  }
};

}  // namespace phasic::wire

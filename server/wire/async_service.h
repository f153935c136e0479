// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "phasic/v1/agent_service.grpc.pb.h"

namespace phasic::wire {

// AgentService with the data plane's methods on completion queues and all others synchronous.
using AsyncAgentService =
    v1::AgentService::WithAsyncMethod_Step<v1::AgentService::WithAsyncMethod_BatchStep<
        v1::AgentService::WithAsyncMethod_Interact<v1::AgentService::Service>>>;

}  // namespace phasic::wire

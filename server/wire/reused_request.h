// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/impl/codegen/serialization_traits.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include "phasic/v1/agent_service.pb.h"

namespace phasic::wire {

// A request of a stream that is read into the memory of the one before. Protobuf would free that:
// to clear a message is to delete what its oneof holds.
struct ReusedRequest {
  v1::InteractRequest message;
  size_t bytes = 0;  // as it came
};

}  // namespace phasic::wire

namespace grpc {

template <>
class SerializationTraits<phasic::wire::ReusedRequest, void> {
 public:
  static Status Deserialize(ByteBuffer* buffer, phasic::wire::ReusedRequest* request);
};

}  // namespace grpc

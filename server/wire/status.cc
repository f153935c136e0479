// SPDX-License-Identifier: Apache-2.0
#include "server/wire/status.h"

#include "server/convert/status.h"

namespace phasic::wire {

grpc::Status ToGrpc(const absl::Status& status) noexcept {
  if (status.ok()) return grpc::Status::OK;
  try {
    rpc::Status proto;
    convert::ToProto(status, &proto);
    return {static_cast<grpc::StatusCode>(proto.code()), proto.message(),
            proto.SerializeAsString()};
  } catch (...) {  // No memory for the reason.
    return {static_cast<grpc::StatusCode>(status.code()), ""};
  }
}

}  // namespace phasic::wire

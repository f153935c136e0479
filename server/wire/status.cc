// SPDX-License-Identifier: Apache-2.0
#include "server/wire/status.h"

#include "server/convert/status.h"

namespace phasic::wire {

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  rpc::Status proto;
  convert::ToProto(status, &proto);
  return {static_cast<grpc::StatusCode>(proto.code()), proto.message(), proto.SerializeAsString()};
}

}  // namespace phasic::wire

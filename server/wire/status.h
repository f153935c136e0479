// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace phasic::wire {

// The error as gRPC carries it: convert::ToProto in the trailer "grpc-status-details-bin".
grpc::Status ToGrpc(const absl::Status& status) noexcept;

}  // namespace phasic::wire

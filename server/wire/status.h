// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace phasic::wire {

// The error as gRPC carries it: the same code; the message cut at 1 KiB; in the details
// google.rpc.ErrorInfo and, where they apply, BadRequest, ResourceInfo, RetryInfo, QuotaFailure or
// PreconditionFailure. All of it stays well below the 8 KiB that clients take as trailers.
grpc::Status ToGrpc(const absl::Status& status);

}  // namespace phasic::wire

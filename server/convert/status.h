// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "phasic/rpc/error_details.pb.h"

namespace phasic::convert {

// The error as clients read it: the same code; the message cut at 1 KiB; in the details
// google.rpc.ErrorInfo and, where they apply, BadRequest, ResourceInfo, RetryInfo, QuotaFailure or
// PreconditionFailure. All of it stays well below the 8 KiB that clients take as trailers. OK: an
// empty message.
void ToProto(const absl::Status& status, rpc::Status* proto);

}  // namespace phasic::convert

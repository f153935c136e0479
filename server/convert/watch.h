// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <vector>

#include "absl/status/statusor.h"
#include "core/circuit/circuit.h"
#include "phasic/v1/agent_service.pb.h"
#include "server/agents/watcher.h"

namespace phasic::convert {

// What a WatchRequest asks for.
struct WatchWish {
  WatchChoice choice;
  std::vector<ColumnId> traces, weights;         // whose sizes are told
  std::chrono::steady_clock::duration period{};  // from one message to the next, at least
};
absl::StatusOr<WatchWish> FromProto(const v1::WatchRequest& request, const Circuit& circuit);

void ToProto(const Moment& moment, const Circuit& circuit, v1::WatchResponse::Moment* proto);

}  // namespace phasic::convert

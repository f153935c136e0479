// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/server_context.h>

#include <algorithm>
#include <chrono>

#include "server/agents/limits.h"

namespace phasic::wire {

// A call's deadline by a clock that nobody sets. Without one the server's own cap holds.
inline std::chrono::steady_clock::time_point DeadlineOf(const grpc::ServerContext& context) {
  using std::chrono::steady_clock;
  using std::chrono::system_clock;
  const steady_clock::time_point now = steady_clock::now();
  const steady_clock::time_point cap = now + std::chrono::seconds(limits::kUnaryDeadlineSeconds);
  const system_clock::time_point asked = context.deadline();
  if (asked == system_clock::time_point::max()) return cap;
  // Far ahead is as good as never, and cannot overflow.
  const auto left =
      std::min<system_clock::duration>(asked - system_clock::now(), std::chrono::hours(24));
  return now + std::chrono::duration_cast<steady_clock::duration>(left);
}

}  // namespace phasic::wire

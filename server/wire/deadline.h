// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/server_context.h>

#include <algorithm>
#include <chrono>

#include "server/agents/turnstile.h"

namespace phasic::wire {

// A call's deadline, if it has one, by a clock that nobody sets.
inline Patience::Time DeadlineOf(const grpc::ServerContext& context) {
  using std::chrono::steady_clock;
  using std::chrono::system_clock;
  const system_clock::time_point asked = context.deadline();
  if (asked == system_clock::time_point::max()) return Patience::kNoDeadline;
  // Far ahead is as good as never, and cannot overflow.
  const auto left =
      std::min<system_clock::duration>(asked - system_clock::now(), std::chrono::hours(24));
  return steady_clock::now() + std::chrono::duration_cast<steady_clock::duration>(left);
}

}  // namespace phasic::wire

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "server/agents/budget.h"
#include "server/agents/journal.h"
#include "server/agents/limits.h"
#include "server/agents/registry.h"
#include "server/agents/turnstile.h"
#include "server/agents/workers.h"
#include "server/handlers/shared_circuits.h"

namespace phasic {

// What handlers share. May be used from any thread; must outlive every call.
struct Env {
  explicit Env(const ServerLimits& bounds)
      : limits(bounds),
        registry(bounds.max_agents, bounds.max_total_bytes),
        circuits(registry.budget()),
        copies(INT64_MAX, limits::kMaxInspectBytes) {}

  const ServerLimits limits;
  const std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  MemoryJournal journal;
  Registry registry;
  handlers::SharedCircuits circuits;
  Budget copies;  // of state that Inspect is sending
  Workers workers{static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))};
  // Since the start.
  std::atomic<uint64_t> steps{0}, rewards{0};
};

// One call: what it may use, and how long it may wait.
struct Call {
  Env& env;
  Patience patience;
  std::string tenant = "default";  // whose the caller is
};

}  // namespace phasic

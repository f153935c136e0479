// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "server/agents/budget.h"
#include "server/agents/hosting.h"
#include "server/agents/keeper.h"
#include "server/agents/limits.h"
#include "server/agents/turnstile.h"
#include "server/agents/workers.h"
#include "server/handlers/shared_circuits.h"

namespace phasic {

// What handlers share. May be used from any thread; must outlive every call.
struct Env {
  // Without a store agents end with the process.
  explicit Env(
      const ServerLimits& bounds, std::unique_ptr<store::Store> kept = nullptr,
      StoreJournal::Watch watch = [](const absl::Status&) {}, const Keeper::Habits& habits = {});

  const ServerLimits limits;
  const std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  // They end in the opposite order.
  const std::unique_ptr<store::Store> store;
  const std::unique_ptr<StoreJournal> store_journal;
  Hosting hosting;
  Registry& registry = hosting.registry();
  Journal& journal = hosting.journal();
  handlers::SharedCircuits circuits;
  Budget copies;  // of state that Inspect and Watch are reading
  Budget watchers{limits::kMaxWatchers, INT64_MAX};
  Keeper keeper;
  Workers workers{static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))};
  // Since the start.
  std::atomic<uint64_t> steps{0}, rewards{0};
  // Calls that would go on for ever end.
  std::atomic<bool> draining{false};
};

// One call: what it may use, and how long it may wait.
struct Call {
  Env& env;
  Patience patience;
  std::string tenant = "default";  // whose the caller is
};

}  // namespace phasic

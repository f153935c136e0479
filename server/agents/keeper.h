// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <thread>

#include "server/agents/hosting.h"
#include "server/base/sync.h"

namespace phasic {

// Looks after agents that nobody looks at: stores states before doing the inputs since then again
// would take long, or the journal grows too large; stores those of SNAPSHOT agents from time to
// time; and puts to sleep who has not been used for long.
class Keeper {
 public:
  struct Habits {
    std::chrono::milliseconds hibernate_after{600'000};  // without a turn
    std::chrono::milliseconds snapshot_period{60'000};   // of SNAPSHOT agents
    int64_t max_journal_bytes = 256 << 20;
  };

  // Does nothing when nothing is stored.
  Keeper(Hosting& hosting, const Habits& habits);
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  // No more turns come: stores every state that is not, and returns when that is kept or cannot be.
  absl::Status SaveAll() PHASIC_EXCLUDES(mutex_);

 private:
  void Look() PHASIC_EXCLUDES(mutex_);
  void Round();
  void SaveDue();
  void ShortenJournal();
  void LookAtIdle();
  void Save(const AgentPtr& agent);
  void Stop() PHASIC_EXCLUDES(mutex_);

  Hosting& hosting_;
  const Habits habits_;
  std::chrono::steady_clock::time_point next_look_ = {};
  Mutex mutex_;
  CondVar stopping_;
  bool stopped_ PHASIC_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace phasic

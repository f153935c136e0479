// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <vector>

#include "core/circuit/agent.h"
#include "server/base/sync.h"

namespace phasic {

// What of an agent's turns somebody wants to be told.
struct WatchChoice {
  uint64_t stride = 1;  // of the steps, those whose index is a multiple
  bool rewards = false, actions = false;
  std::vector<ColumnId> levels = {};  // Real columns whose numbers are told
  std::vector<ColumnId> spikes = {};  // Real columns of which is told where they are not 0
};

// What a turn did, as far as it was chosen.
struct Moment {
  struct SeenReward {
    int channel = 0;
    std::vector<double> values;
    Disposition disposition = Disposition::kApplied;
  };
  struct Level {
    ColumnId column = kNoColumn;
    std::vector<Real> values;
  };
  struct Spikes {
    ColumnId column = kNoColumn;
    std::vector<uint32_t> units;
  };

  bool stepped = false;  // else rewards came by themselves
  uint64_t step = 0;     // its index; else that of the next
  uint64_t episode = 0;
  double time = 0;  // simulated ms, after it
  End end = End::kNone;
  std::vector<SeenReward> rewards;
  std::vector<float> action;
  std::vector<Level> levels;
  std::vector<Spikes> spikes;

  size_t bytes() const;
};

// Between an agent's turns, which put moments down here and never wait, and one who takes them.
// When too many lie here the oldest go, and are counted.
class Watcher {
 public:
  explicit Watcher(WatchChoice choice) : choice_(std::move(choice)) {}
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  const WatchChoice& choice() const { return choice_; }

  // For turns.
  void Tell(Moment moment) noexcept PHASIC_EXCLUDES(mutex_);
  // The state has changed; of how, nothing was chosen, or it could not be told (`missed`).
  void Stir(bool missed = false) noexcept PHASIC_EXCLUDES(mutex_);
  // The agent has ended.
  void End() noexcept PHASIC_EXCLUDES(mutex_);
  // Nobody takes anything here any more.
  bool left() const { return left_.load(std::memory_order_acquire); }

  // For the one who takes.
  struct News {
    std::deque<Moment> moments;  // oldest first
    uint64_t dropped = 0;        // moments before those that are not told
    bool stirred = false;        // something has happened
    bool ended = false;
  };
  // Returns when something has happened, but not before `earliest`; or at `latest`; or at once when
  // the agent has ended.
  using Time = std::chrono::steady_clock::time_point;
  News Await(Time earliest, Time latest) PHASIC_EXCLUDES(mutex_);
  void Leave() { left_.store(true, std::memory_order_release); }

 private:
  const WatchChoice choice_;
  std::atomic<bool> left_ = false;
  Mutex mutex_;
  CondVar changed_;
  News news_ PHASIC_GUARDED_BY(mutex_);
  size_t bytes_ PHASIC_GUARDED_BY(mutex_) = 0;  // of the moments
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "server/agents/watcher.h"

#include <algorithm>
#include <new>
#include <utility>

#include "server/agents/limits.h"

namespace phasic {

size_t Moment::bytes() const {
  size_t bytes = sizeof(Moment) + action.size() * sizeof(float);
  for (const SeenReward& reward : rewards) {
    bytes += sizeof reward + reward.values.size() * sizeof(double);
  }
  for (const Level& level : levels) bytes += sizeof level + level.values.size() * sizeof(Real);
  for (const Spikes& some : spikes) bytes += sizeof some + some.units.size() * sizeof(uint32_t);
  return bytes;
}

void Watcher::Tell(Moment moment) noexcept {
  const size_t bytes = moment.bytes();
  MutexLock lock(mutex_);
  std::deque<Moment>& moments = news_.moments;
  news_.stirred = true;
  try {
    moments.push_back(std::move(moment));
    bytes_ += bytes;
  } catch (const std::bad_alloc&) {
    ++news_.dropped;
  }
  // The newest stays, however large.
  while (moments.size() > limits::kMaxMoments ||
         (bytes_ > limits::kMaxMomentBytes && moments.size() > 1)) {
    bytes_ -= moments.front().bytes();
    moments.pop_front();
    ++news_.dropped;
  }
  changed_.NotifyAll();
}

void Watcher::Stir(bool missed) noexcept {
  MutexLock lock(mutex_);
  news_.stirred = true;
  if (missed) ++news_.dropped;
  changed_.NotifyAll();
}

void Watcher::End() noexcept {
  MutexLock lock(mutex_);
  news_.ended = true;
  changed_.NotifyAll();
}

Watcher::News Watcher::Await(Time earliest, Time latest) {
  MutexLock lock(mutex_);
  while (!news_.ended) {
    const Time now = std::chrono::steady_clock::now();
    if (news_.stirred && now >= earliest) break;
    if (now >= latest) return {};
    changed_.WaitUntil(mutex_, news_.stirred ? std::min(earliest, latest) : latest);
  }
  bytes_ = 0;
  News news = std::exchange(news_, {});
  news_.ended = news.ended;
  return news;
}

}  // namespace phasic

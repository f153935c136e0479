// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <thread>
#include <vector>

#include "server/base/sync.h"

namespace phasic {

// Threads for turns that must not be done where they begin: long ones, which would stall the wire,
// and those whose turn has come in somebody else's thread. May be used from any thread.
class Workers {
 public:
  // Something to do. It lives until it has been done.
  class Job {
   public:
    virtual ~Job() = default;
    virtual void Run() noexcept = 0;

   private:
    friend class Workers;
    Job* next_ = nullptr;
  };

  explicit Workers(int threads);
  // Does first what has been added.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int threads() const { return static_cast<int>(threads_.size()); }
  // Which of its workers' threads this is, from 0; 0 in any other thread.
  static int index() { return index_; }
  // Jobs begin in the order in which they are added. Takes no memory, so it cannot fail.
  void Add(Job* job) noexcept PHASIC_EXCLUDES(mutex_);

 private:
  void Work() PHASIC_EXCLUDES(mutex_);

  static thread_local int index_;
  Mutex mutex_;
  CondVar added_;
  bool ending_ PHASIC_GUARDED_BY(mutex_) = false;
  Job* first_ PHASIC_GUARDED_BY(mutex_) = nullptr;
  Job* last_ PHASIC_GUARDED_BY(mutex_) = nullptr;
  std::vector<std::thread> threads_;
};

}  // namespace phasic

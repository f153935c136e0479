// SPDX-License-Identifier: Apache-2.0
#include "server/agents/workers.h"

namespace phasic {

thread_local int Workers::index_ = 0;

Workers::Workers(int threads) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this, i] {
      index_ = i;
      Work();
    });
  }
}

Workers::~Workers() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
  }
  added_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::Add(Job* job) noexcept {
  {
    MutexLock lock(mutex_);
    job->next_ = nullptr;
    (last_ == nullptr ? first_ : last_->next_) = job;
    last_ = job;
  }
  added_.NotifyOne();
}

void Workers::Work() {
  while (true) {
    Job* job = nullptr;
    {
      MutexLock lock(mutex_);
      while (first_ == nullptr && !ending_) added_.Wait(mutex_);
      if (first_ == nullptr) return;
      job = first_;
      first_ = job->next_;
      if (first_ == nullptr) last_ = nullptr;
    }
    job->Run();
  }
}

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>

// The standard library's locks under clang's thread-safety analysis. Not Abseil's: Debian's Abseil
// is not instrumented, so ThreadSanitizer would report each correct use of it.

#if defined(__clang__)
#define PHASIC_ATTRIBUTE(x) __attribute__((x))
#else
#define PHASIC_ATTRIBUTE(x)
#endif

#define PHASIC_GUARDED_BY(mutex) PHASIC_ATTRIBUTE(guarded_by(mutex))
#define PHASIC_REQUIRES(mutex) PHASIC_ATTRIBUTE(requires_capability(mutex))
#define PHASIC_EXCLUDES(mutex) PHASIC_ATTRIBUTE(locks_excluded(mutex))

namespace phasic {

class PHASIC_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void Lock() PHASIC_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void Unlock() PHASIC_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class PHASIC_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) PHASIC_ATTRIBUTE(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.Lock();
  }
  ~MutexLock() PHASIC_ATTRIBUTE(release_capability()) { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Many readers or one writer.
class PHASIC_ATTRIBUTE(capability("mutex")) SharedMutex {
 public:
  void Lock() PHASIC_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void Unlock() PHASIC_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  void LockShared() PHASIC_ATTRIBUTE(acquire_shared_capability()) { mutex_.lock_shared(); }
  void UnlockShared() PHASIC_ATTRIBUTE(release_shared_capability()) { mutex_.unlock_shared(); }

 private:
  std::shared_mutex mutex_;
};

class PHASIC_ATTRIBUTE(scoped_lockable) WriterLock {
 public:
  explicit WriterLock(SharedMutex& mutex) PHASIC_ATTRIBUTE(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.Lock();
  }
  ~WriterLock() PHASIC_ATTRIBUTE(release_capability()) { mutex_.Unlock(); }
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  SharedMutex& mutex_;
};

class PHASIC_ATTRIBUTE(scoped_lockable) ReaderLock {
 public:
  explicit ReaderLock(SharedMutex& mutex) PHASIC_ATTRIBUTE(acquire_shared_capability(mutex))
      : mutex_(mutex) {
    mutex_.LockShared();
  }
  ~ReaderLock() PHASIC_ATTRIBUTE(release_capability()) { mutex_.UnlockShared(); }
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;

 private:
  SharedMutex& mutex_;
};

class CondVar {
 public:
  // May wake early. The mutex is held before and after.
  void WaitUntil(Mutex& mutex, std::chrono::steady_clock::time_point time) PHASIC_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait_until(lock, time);
    lock.release();
  }
  void Wait(Mutex& mutex) PHASIC_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace phasic

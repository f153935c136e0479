// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/completion_queue.h>

#include <memory>
#include <set>
#include <thread>

#include "server/base/sync.h"
#include "server/handlers/call.h"
#include "server/wire/async_service.h"
#include "server/wire/gate.h"

namespace phasic::wire {

class InteractStream;

// A completion queue of the data plane, its thread, and what its calls share.
class CallQueue {
 public:
  // What its calls use.
  struct Shared {
    Env& env;
    Gate& gate;
    AsyncAgentService& service;
  };

  CallQueue(const Shared& with, std::unique_ptr<grpc::ServerCompletionQueue> queue)
      : shared(with), queue_(std::move(queue)) {}

  void Start();
  void Drain() PHASIC_EXCLUDES(mutex_);
  void Stop();

  grpc::ServerCompletionQueue* get() { return queue_.get(); }
  // A call is here, from its beginning to its end: until the last has gone, the queue must stay.
  class Stay {
   public:
    explicit Stay(CallQueue& queue) : queue_(queue) { queue_.Count(1); }
    ~Stay() { queue_.Count(-1); }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;

   private:
    CallQueue& queue_;
  };
  // Open streams, so that Drain reaches them.
  void Add(InteractStream* stream) PHASIC_EXCLUDES(mutex_);
  void Remove(InteractStream* stream) PHASIC_EXCLUDES(mutex_);

  const Shared shared;
  // Calls of each method that wait for a caller; of the queue's thread. More callers than these
  // wait in gRPC until one has been taken.
  static constexpr int kListeners = 32;
  int listening_steps = 0, listening_batches = 0;

 private:
  void Poll();
  void Count(int calls) PHASIC_EXCLUDES(mutex_);

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::thread thread_;
  Mutex mutex_;
  CondVar gone_;
  int calls_ PHASIC_GUARDED_BY(mutex_) = 0;
  std::set<InteractStream*> streams_ PHASIC_GUARDED_BY(mutex_);
};

}  // namespace phasic::wire

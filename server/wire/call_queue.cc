// SPDX-License-Identifier: Apache-2.0
#include "server/wire/call_queue.h"

#include "server/wire/interact_stream.h"
#include "server/wire/tag.h"
#include "server/wire/unary_call.h"

namespace phasic::wire {

void CallQueue::Start() {
  UnaryCall<StepMethod>::Listen(*this);
  UnaryCall<BatchStepMethod>::Listen(*this);
  InteractStream::Listen(*this);
  thread_ = std::thread([this] { Poll(); });
}

void CallQueue::Poll() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<Tag*>(tag)->Proceed(ok);
}

void CallQueue::Drain() {
  MutexLock lock(mutex_);
  for (InteractStream* const stream : streams_) stream->Drain();
}

// The server is shut down, so whoever listens is told that nobody comes, and leaves. Until all have
// left, somebody may still listen anew, which a queue that is shut down would not bear.
void CallQueue::Stop() {
  if (thread_.joinable()) {
    MutexLock lock(mutex_);
    while (calls_ > 0) gone_.Wait(mutex_);
  }
  queue_->Shutdown();
  if (thread_.joinable()) {
    thread_.join();
  } else {
    Poll();
  }
}

void CallQueue::Count(int calls) {
  MutexLock lock(mutex_);
  calls_ += calls;
  if (calls_ == 0) gone_.NotifyAll();
}

void CallQueue::Add(InteractStream* stream) {
  MutexLock lock(mutex_);
  streams_.insert(stream);
}

void CallQueue::Remove(InteractStream* stream) {
  MutexLock lock(mutex_);
  streams_.erase(stream);
}

}  // namespace phasic::wire

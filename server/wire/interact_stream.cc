// SPDX-License-Identifier: Apache-2.0
#include "server/wire/interact_stream.h"

#include <utility>

#include "server/agents/errors.h"
#include "server/agents/limits.h"
#include "server/wire/deadline.h"
#include "server/wire/status.h"

namespace phasic::wire {
InteractStream::InteractStream(CallQueue& queue) : queue_(queue) {
  context_.AsyncNotifyWhenDone(&call_done_);
}

InteractStream::~InteractStream() {
  queue_.Remove(this);
  while (spare_ != nullptr) delete std::exchange(spare_, spare_->next);
}

void InteractStream::Listen(CallQueue& queue) {
  auto* const stream = new (std::nothrow) InteractStream(queue);
  if (stream == nullptr) return;
  queue.shared.service.RequestInteract(&stream->context_, &stream->stream_, queue.get(),
                                       queue.get(), &stream->called_);
}

void InteractStream::Called(bool ok) {
  if (!ok) {  // The server is shut down; of a call that never was, gRPC does not tell the end.
    delete this;
    return;
  }
  Listen(queue_);
  queue_.Add(this);
  const Gate::Pass pass(queue_.shared.gate);
  MutexLock lock(mutex_);
  ++under_way_;  // until CallDone
  if (pass.entered()) return Read();
  open_ = false;
  end_ = errors::Draining();
  Finish();
}

void InteractStream::Read() {
  if (!open_ || reading_ != nullptr) return;
  if (unanswered_ >= limits::kMaxUnansweredItems ||
      unanswered_bytes_ > limits::kMaxUnansweredBytes) {
    return;
  }
  reading_ = NewItem();
  if (reading_ == nullptr) {
    open_ = false;
    end_ = errors::OutOfMemory();
    return Finish();
  }
  ++under_way_;
  stream_.Read(&reading_->request, &read_done_);
}

void InteractStream::ReadDone(bool ok) {
  InteractItem* item = nullptr;
  {
    MutexLock lock(mutex_);
    item = std::exchange(reading_, nullptr);
    if (!ok || finishing_) {
      Keep(std::exchange(item, nullptr));
      open_ = false;
      Finish();
    } else {
      item->bytes = item->request.ByteSizeLong();
      unanswered_bytes_ += item->bytes;
      ++unanswered_;
      ++under_way_;
      items_.Push(item);
    }
  }
  if (item != nullptr) {
    item->Start(queue_.shared.env, queue_.shared.gate,
                {DeadlineOf(context_), [this] { return cancelled_.load(); }});
    MutexLock lock(mutex_);
    Read();
  }
  Release(1);
}

void InteractStream::Answer(InteractItem* item) noexcept {
  int dropped = 0;
  {
    MutexLock lock(mutex_);
    const size_t bytes = item->response.ByteSizeLong();
    item->bytes += bytes;
    unanswered_bytes_ += bytes;
    item->done = true;
    dropped = Write();
    Finish();
  }
  // With its last answer on the way, the stream may be gone by now.
  if (dropped > 0) Release(dropped);
}

int InteractStream::Write() {
  int dropped = 0;
  while (writing_ == nullptr && !items_.empty() && items_.first()->done) {
    InteractItem* const item = items_.Pop();
    if (broken_) {
      Answered(item);
      ++dropped;
      continue;
    }
    writing_ = item;
    ++under_way_;
    // Without a buffer hint: gRPC 1.51 ends a hinted write only when more has been written, which
    // waits for that end.
    stream_.Write(item->response, &write_done_);
  }
  return dropped;
}

void InteractStream::WriteDone(bool ok) {
  int ended = 2;  // the write and its item
  {
    MutexLock lock(mutex_);
    Answered(std::exchange(writing_, nullptr));
    if (!ok) broken_ = true;
    ended += Write();
    Read();
    Finish();
  }
  Release(ended);
}

void InteractStream::Answered(InteractItem* item) {
  --unanswered_;
  unanswered_bytes_ -= item->bytes;
  Keep(item);
}

void InteractStream::Finish() {
  if (open_ || unanswered_ > 0 || finishing_) return;
  finishing_ = true;
  ++under_way_;
  stream_.Finish(ToGrpc(end_), &finished_);
}

void InteractStream::Finished(bool) { Release(1); }

void InteractStream::CallDone(bool) {
  cancelled_ = context_.IsCancelled();
  Release(1);
}

void InteractStream::Drain() {
  MutexLock lock(mutex_);
  if (!open_) return;
  open_ = false;
  end_ = errors::Draining();
  Finish();
}

InteractItem* InteractStream::NewItem() {
  if (spare_ != nullptr) return std::exchange(spare_, spare_->next);
  return new (std::nothrow) InteractItem(*this);
}

void InteractStream::Keep(InteractItem* item) {
  if (item->bytes > limits::kKeptMessageBytes) {
    delete item;
    return;
  }
  item->Clear();
  item->next = std::exchange(spare_, item);
}

void InteractStream::Release(int ended) {
  {
    MutexLock lock(mutex_);
    under_way_ -= ended;
    if (under_way_ > 0 || ended == 0) return;
  }
  delete this;
}

}  // namespace phasic::wire

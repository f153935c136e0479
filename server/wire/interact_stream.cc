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
  queue.shared.service.ListenForInteract(&stream->context_, &stream->stream_, queue.get(),
                                         &stream->called_);
}

void InteractStream::Called(bool ok) {
  if (!ok) {  // The server is shut down; of a call that never was, gRPC does not tell the end.
    delete this;
    return;
  }
  Listen(queue_);
  queue_.Add(this);
  call_.emplace(
      Call{queue_.shared.env, {DeadlineOf(context_), [this] { return cancelled_.load(); }}});
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
  bool last = false;
  {
    MutexLock lock(mutex_);
    item = std::exchange(reading_, nullptr);
    if (ok && !finishing_) {
      item->bytes = item->request.bytes;
      unanswered_bytes_ += item->bytes;
      ++unanswered_;
      items_.Push(item);  // What was under way is so still: now it is the item.
      Read();
    } else {
      Keep(std::exchange(item, nullptr));
      open_ = false;
      Finish();
      last = Release(1);
    }
  }
  if (item != nullptr) item->Start(*call_, queue_.shared.gate);
  if (last) delete this;
}

void InteractStream::Answer(InteractItem* item) noexcept {
  bool last = false;
  {
    MutexLock lock(mutex_);
    const size_t bytes = item->response.ByteSizeLong();
    item->bytes += bytes;
    unanswered_bytes_ += bytes;
    item->done = true;
    const int dropped = Write();
    Finish();
    last = Release(dropped);
  }
  if (last) delete this;
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
  bool last = false;
  {
    MutexLock lock(mutex_);
    Answered(std::exchange(writing_, nullptr));
    if (!ok) broken_ = true;
    const int dropped = Write();
    Read();
    Finish();
    last = Release(2 + dropped);  // the write and its item
  }
  if (last) delete this;
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

void InteractStream::Finished(bool) { End(); }

void InteractStream::CallDone(bool) {
  cancelled_ = context_.IsCancelled();
  End();
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

bool InteractStream::Release(int ended) {
  under_way_ -= ended;
  return under_way_ == 0 && ended > 0;
}

void InteractStream::End() {
  bool last = false;
  {
    MutexLock lock(mutex_);
    last = Release(1);
  }
  if (last) delete this;
}

}  // namespace phasic::wire

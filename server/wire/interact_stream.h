// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/async_stream.h>

#include <atomic>
#include <optional>

#include "server/base/sync.h"
#include "server/wire/call_queue.h"
#include "server/wire/interact_item.h"
#include "server/wire/tag.h"

namespace phasic::wire {

// One call of Interact. Items begin in the order in which they are read, so each agent takes them
// in that order, and answers leave in it too. It deletes itself when nothing is under way any more.
class InteractStream {
 public:
  // Waits for a caller.
  static void Listen(CallQueue& queue);
  // From any thread: reads no further.
  void Drain() PHASIC_EXCLUDES(mutex_);
  // From any thread: the item's response is ready to leave.
  void Answer(InteractItem* item) noexcept PHASIC_EXCLUDES(mutex_);

 private:
  explicit InteractStream(CallQueue& queue);
  ~InteractStream();

  // What gRPC tells, in the queue's thread.
  void Called(bool ok);
  void ReadDone(bool ok);
  void WriteDone(bool ok);
  void Finished(bool ok);
  void CallDone(bool ok);
  void End() PHASIC_EXCLUDES(mutex_);  // of an operation

  // Each begins the next such operation, if it is time.
  void Read() PHASIC_REQUIRES(mutex_);
  // Returns how many answers went to nobody.
  int Write() PHASIC_REQUIRES(mutex_);
  void Finish() PHASIC_REQUIRES(mutex_);
  InteractItem* NewItem() PHASIC_REQUIRES(mutex_);
  void Answered(InteractItem* item) PHASIC_REQUIRES(mutex_);
  void Keep(InteractItem* item) PHASIC_REQUIRES(mutex_);
  // So many of what was under way have ended. True: that was the last, and this must end too.
  bool Release(int ended) PHASIC_REQUIRES(mutex_);

  CallQueue& queue_;
  const CallQueue::Stay stay_{queue_};
  MethodTag<InteractStream, &InteractStream::Called> called_{this};
  MethodTag<InteractStream, &InteractStream::ReadDone> read_done_{this};
  MethodTag<InteractStream, &InteractStream::WriteDone> write_done_{this};
  MethodTag<InteractStream, &InteractStream::Finished> finished_{this};
  MethodTag<InteractStream, &InteractStream::CallDone> call_done_{this};
  grpc::ServerContext context_;
  AsyncAgentService::Interaction stream_{&context_};
  std::atomic<bool> cancelled_{false};
  std::optional<Call> call_;  // from its beginning

  Mutex mutex_;
  int under_way_ PHASIC_GUARDED_BY(mutex_) = 0;    // operations and items: what keeps this alive
  bool open_ PHASIC_GUARDED_BY(mutex_) = true;     // more may be read
  bool broken_ PHASIC_GUARDED_BY(mutex_) = false;  // nobody hears answers any more
  bool finishing_ PHASIC_GUARDED_BY(mutex_) = false;
  absl::Status end_ PHASIC_GUARDED_BY(mutex_);
  InteractItem* reading_ PHASIC_GUARDED_BY(mutex_) = nullptr;
  InteractItem::Queue items_ PHASIC_GUARDED_BY(mutex_);  // read and not yet written, in order
  InteractItem* writing_ PHASIC_GUARDED_BY(mutex_) = nullptr;
  InteractItem* spare_ PHASIC_GUARDED_BY(mutex_) = nullptr;
  int unanswered_ PHASIC_GUARDED_BY(mutex_) = 0;
  size_t unanswered_bytes_ PHASIC_GUARDED_BY(mutex_) = 0;
};

}  // namespace phasic::wire

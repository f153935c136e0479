// SPDX-License-Identifier: Apache-2.0
#include "client/cpp/stream.h"

#include <atomic>
#include <optional>
#include <utility>

#include "client/cpp/connection.h"
#include "client/cpp/error.h"

namespace phasic::client {

struct Stream::Call {
  explicit Call(std::shared_ptr<Connection> with)
      : connection(std::move(with)),
        line(connection->stub<v1::AgentService::Stub>().Interact(&context)) {}
  ~Call() {
    if (end.has_value()) return;
    context.TryCancel();
    (void)Finish();  // Nobody asked how it ended.
  }

  void HalfClose() {
    if (!std::exchange(half_closed, true)) line->WritesDone();
  }

  absl::Status Finish() {
    if (!end.has_value()) {
      HalfClose();
      // The status follows the last response, whether anybody wants that or not.
      v1::InteractResponse unwanted;
      while (line->Read(&unwanted)) {
      }
      end = connection->Finish(line->Finish(), absl::InfiniteDuration());
    }
    return *end;
  }

  std::shared_ptr<Connection> connection;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReaderWriter<v1::InteractRequest, v1::InteractResponse>> line;
  std::atomic<int> unanswered = 0;
  bool half_closed = false;
  std::optional<absl::Status> end;
};

Stream::Stream(std::shared_ptr<Connection> connection)
    : call_(std::make_unique<Call>(std::move(connection))) {}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;
Stream::~Stream() = default;

bool Stream::Send(const v1::InteractRequest& request) {
  if (call_->half_closed) return false;
  // Before the server can answer it.
  call_->unanswered.fetch_add(1, std::memory_order_relaxed);
  if (call_->line->Write(request)) return true;
  call_->unanswered.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

bool Stream::Receive(v1::InteractResponse* response) {
  if (call_->end.has_value() || !call_->line->Read(response)) return false;
  call_->unanswered.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

void Stream::HalfClose() { call_->HalfClose(); }
void Stream::Cancel() { call_->context.TryCancel(); }
absl::Status Stream::Finish() { return call_->Finish(); }
int Stream::unanswered() const { return call_->unanswered.load(std::memory_order_relaxed); }

absl::Status StatusOf(const v1::InteractResponse& response) {
  return response.has_error() ? ToStatus(response.error()) : absl::OkStatus();
}

}  // namespace phasic::client

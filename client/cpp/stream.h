// SPDX-License-Identifier: Apache-2.0
//
// Steps and batches without waiting for answers: AgentService.Interact.
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "phasic/v1/agent_service.pb.h"

namespace phasic::client {

class Connection;

// An open stream, from Client::Interact. Each request has exactly one response, which echoes its
// id, and responses come in the order of the requests. Nothing is retried: after a stream breaks,
// the requests without a response may have been done. Sent again on a new stream, each with its
// `step` and `request_id`, they are not done twice.
//
// One thread may Send and HalfClose while another Receives. A thread that does both must keep at
// most kMaxUnanswered requests unanswered: the server reads no further than that, so that
// Send may wait for a Receive that never comes. Cancel may be called from any thread. Finish comes
// last, when no other thread uses the stream.
class Stream {
 public:
  // Requests that the server takes without having answered the first of them.
  static constexpr int kMaxUnanswered = 256;

  explicit Stream(std::shared_ptr<Connection> connection);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  // Cancels a stream that was not finished.
  ~Stream();

  // Sends a request, whose `id` the caller has chosen; waits only for room on the line. False: the
  // stream is over, and Finish says why.
  bool Send(const v1::InteractRequest& request);
  // Waits for the next response. False: no more will come, and Finish says why. A `response` that
  // is used again and again allocates nothing.
  bool Receive(v1::InteractResponse* response);
  // Says that no more requests follow. The server ends the stream after the last response.
  void HalfClose();
  // Ends the stream at once. What was sent may have been done.
  void Cancel();
  // Half-closes, lets go of the responses that were not received, and returns how the stream ended:
  // OK when every request was answered, CANCELLED after Cancel, UNAVAILABLE when the server has
  // gone away.
  absl::Status Finish();

  // Requests sent whose responses were not received yet.
  int unanswered() const;

 private:
  struct Call;
  std::unique_ptr<Call> call_;
};

// What became of the item: OK, or the error that came in its place.
absl::Status StatusOf(const v1::InteractResponse& response);

}  // namespace phasic::client

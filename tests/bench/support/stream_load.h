// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <string>

#include "phasic/v1/agent_service.grpc.pb.h"
#include "tests/bench/support/load.h"
#include "tests/bench/support/requests.h"

namespace phasic::testing {

// One call of Interact, on a completion queue that the caller's thread runs.
class StreamLoad final : public Load {
 public:
  StreamLoad(const std::string& address, std::unique_ptr<Requests> requests, int outstanding);
  ~StreamLoad() override;
  std::optional<Traffic> Run(double seconds) override;

 private:
  enum Tag : uint8_t { kBegun, kRead, kWritten };

  // Begins what may begin: of reads and writes, one each at a time.
  void Begin();
  // Waits for the end of one of these; false when there will be none.
  bool Next(Tag* tag);
  bool Read(Traffic* traffic);

  const std::unique_ptr<Requests> requests_;
  const size_t outstanding_;
  std::unique_ptr<v1::AgentService::Stub> stub_;
  grpc::CompletionQueue queue_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<v1::InteractRequest, v1::InteractResponse>> stream_;
  v1::InteractResponse response_;
  std::deque<Clock::time_point> sent_;  // what is not answered
  uint64_t next_id_ = 0, next_answer_ = 0;
  bool sending_ = false, reading_ = false, writing_ = false;
  gpr_timespec patience_{};
  Tag tags_[3] = {kBegun, kRead, kWritten};  // gRPC is given their addresses
};

}  // namespace phasic::testing

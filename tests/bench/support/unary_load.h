// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "phasic/v1/agent_service.grpc.pb.h"
#include "tests/bench/support/load.h"
#include "tests/bench/support/requests.h"

namespace phasic::testing {

// Calls of Step over one connection, on a completion queue that the caller's thread runs.
class UnaryLoad final : public Load {
 public:
  UnaryLoad(const std::string& address, std::unique_ptr<Requests> requests, int outstanding);
  ~UnaryLoad() override;
  std::optional<Traffic> Run(double seconds) override;

 private:
  // One after the other.
  struct Call {
    std::optional<grpc::ClientContext> context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<v1::StepResponse>> reader;
    v1::StepResponse response;
    grpc::Status status;
    Clock::time_point begin;
  };
  void Begin(Call* call);

  const std::unique_ptr<Requests> requests_;
  std::unique_ptr<v1::AgentService::Stub> stub_;
  grpc::CompletionQueue queue_;
  std::vector<Call> calls_;
};

}  // namespace phasic::testing

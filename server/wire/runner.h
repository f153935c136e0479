// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/server_context.h>

#include <algorithm>
#include <chrono>

#include "absl/status/status.h"
#include "server/agents/errors.h"
#include "server/handlers/call.h"
#include "server/handlers/guard.h"
#include "server/wire/gate.h"
#include "server/wire/status.h"

namespace phasic::wire {

// The deadline by a clock that nobody sets. Without one the server's own cap holds.
inline std::chrono::steady_clock::time_point DeadlineOf(const grpc::ServerContext& context) {
  using std::chrono::steady_clock;
  using std::chrono::system_clock;
  const steady_clock::time_point now = steady_clock::now();
  const steady_clock::time_point cap = now + std::chrono::seconds(limits::kUnaryDeadlineSeconds);
  const system_clock::time_point asked = context.deadline();
  if (asked == system_clock::time_point::max()) return cap;
  // Far ahead is as good as never, and cannot overflow.
  const auto left =
      std::min<system_clock::duration>(asked - system_clock::now(), std::chrono::hours(24));
  return now + std::chrono::duration_cast<steady_clock::duration>(left);
}

// How every call is run, from gRPC's thread and back to it. No exception gets further.
class Runner {
 public:
  Runner(Env& env, Gate& gate) : env_(env), gate_(gate) {}

  // `answer` is what handlers give their results to: the response, or a writer.
  template <class Request, class Answer>
  grpc::Status Run(grpc::ServerContext* context,
                   absl::Status (*handler)(const Call&, const Request&, Answer*),
                   const Request* request, Answer* answer) {
    const Gate::Pass pass(gate_);
    if (!pass.entered()) return ToGrpc(errors::Draining());
    return ToGrpc(handlers::Guarded([&] {
      const Call call{env_, {DeadlineOf(*context), [context] { return context->IsCancelled(); }}};
      return handler(call, *request, answer);
    }));
  }

 private:
  Env& env_;
  Gate& gate_;
};

}  // namespace phasic::wire

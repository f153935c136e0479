// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/server_context.h>

#include <type_traits>

#include "absl/status/status.h"
#include "server/agents/errors.h"
#include "server/handlers/call.h"
#include "server/handlers/guard.h"
#include "server/wire/deadline.h"
#include "server/wire/gate.h"
#include "server/wire/status.h"

namespace phasic::wire {

// How every synchronous call is run, from gRPC's thread and back to it. No exception gets further.
class Runner {
 public:
  Runner(Env& env, Gate& gate) : env_(env), gate_(gate) {}

  // `request` is what handlers take: a message, or a reader. `answer` is what they give their
  // results to: the response, or a writer.
  template <class Request, class Answer>
  grpc::Status Run(grpc::ServerContext* context,
                   absl::Status (*handler)(const Call&, Request&, Answer*),
                   std::type_identity_t<Request>* request, std::type_identity_t<Answer>* answer) {
    const Gate::Pass pass(gate_);
    if (!pass.entered()) return ToGrpc(errors::Draining());
    return ToGrpc(handlers::Guarded([&] {
      const Patience asked{DeadlineOf(*context), [context] { return context->IsCancelled(); }};
      return handler(Call{env_, {asked.By(), asked.gone}}, *request, answer);
    }));
  }

 private:
  Env& env_;
  Gate& gate_;
};

}  // namespace phasic::wire

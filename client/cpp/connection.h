// SPDX-License-Identifier: Apache-2.0
//
// How calls are made: the channel, deadlines and retries. The library's own; the only header of it
// that knows gRPC. It uses gRPC's synchronous API: the callback API of gRPC 1.51 puts its threads
// to sleep between calls. Safe for many threads.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <tuple>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/cpp/client.h"
#include "phasic/v1/agent_service.grpc.pb.h"
#include "phasic/v1/circuit_service.grpc.pb.h"
#include "phasic/v1/server_service.grpc.pb.h"

namespace phasic::client {

// Whether doing the same call again does nothing twice.
enum class Repeat { kUnsafe, kSafe };

class Connection {
 public:
  template <class Stub, class Request, class Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);
  template <class Stub, class Request, class Response>
  using StreamMethod = std::unique_ptr<grpc::ClientReader<Response>> (Stub::*)(grpc::ClientContext*,
                                                                               const Request&);

  Connection(std::string target, const Options& options);

  // Calls a method: connection.Call(&v1::AgentService::Stub::Step, request, &response, repeat).
  template <class Stub, class Request, class Response>
  absl::Status Call(Method<Stub, Request, Response> method, const Request& request,
                    Response* response, Repeat repeat) {
    return Try(repeat, [&](grpc::ClientContext* context) {
      return (stub<Stub>().*method)(context, request, response);
    });
  }
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> Call(Method<Stub, Request, Response> method, const Request& request,
                                Repeat repeat) {
    Response response;
    absl::Status status = Call(method, request, &response, repeat);
    if (!status.ok()) return status;
    return response;
  }

  // Reads a server stream to its end. `begin` is called before each try, `take` with each message.
  template <class Stub, class Request, class Response, class Begin, class Take>
  absl::Status Read(StreamMethod<Stub, Request, Response> method, const Request& request,
                    const Begin& begin, const Take& take) {
    return Try(Repeat::kSafe, [&](grpc::ClientContext* context) {
      begin();
      const auto reader = (stub<Stub>().*method)(context, request);
      Response response;
      while (reader->Read(&response)) take(response);
      return reader->Finish();
    });
  }

  // The one try of a call that waits until a server is there, but not past `wait`.
  absl::Status AwaitServer(absl::Duration wait);

  template <class Stub>
  Stub& stub() {
    return *std::get<std::unique_ptr<Stub>>(stubs_);
  }

  // The status of a call that has ended, with a message that says whom it was for.
  absl::Status Finish(const grpc::Status& status, absl::Duration timeout) const;

 private:
  template <class Once>
  absl::Status Try(Repeat repeat, const Once& once) {
    const absl::Time deadline = absl::Now() + timeout_;
    for (int tries = 1;; ++tries) {
      grpc::ClientContext context;
      context.set_deadline(absl::ToChronoTime(deadline));
      absl::Status status = Finish(once(&context), timeout_);
      if (status.ok() || repeat == Repeat::kUnsafe || !WaitForRetry(status, tries, deadline)) {
        return status;
      }
    }
  }

  // After so many tries, the last of which ended so: waits if there is to be another one, or says
  // that there is not.
  bool WaitForRetry(const absl::Status& status, int tries, absl::Time deadline) const;

  std::string target_;
  absl::Duration timeout_;
  int max_tries_;
  std::tuple<std::unique_ptr<v1::AgentService::Stub>, std::unique_ptr<v1::CircuitService::Stub>,
             std::unique_ptr<v1::ServerService::Stub>>
      stubs_;
};

}  // namespace phasic::client

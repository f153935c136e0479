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

  template <class Stub, class Request, class Response>
  using UploadMethod = std::unique_ptr<grpc::ClientWriter<Request>> (Stub::*)(grpc::ClientContext*,
                                                                              Response*);

  // Calls a method: connection.Call(&v1::AgentService::Stub::Step, request, &response, repeat).
  template <class Stub, class Request, class Response>
  absl::Status Call(Method<Stub, Request, Response> method, const Request& request,
                    Response* response, Repeat repeat) {
    return Try(timeout_, repeat, [&](grpc::ClientContext* context) {
      return (stub<Stub>().*method)(context, request, response);
    });
  }
  // The same within the time of transfers.
  template <class Stub, class Request, class Response>
  absl::Status CallUnhurried(Method<Stub, Request, Response> method, const Request& request,
                             Response* response, Repeat repeat) {
    return Try(transfer_timeout_, repeat, [&](grpc::ClientContext* context) {
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
    return Try(timeout_, Repeat::kSafe, [&](grpc::ClientContext* context) {
      begin();
      const auto reader = (stub<Stub>().*method)(context, request);
      Response response;
      while (reader->Read(&response)) take(response);
      return reader->Finish();
    });
  }

  // Hands the `data` of a server stream's messages to a Sink. Tried again until the first has come.
  template <class Stub, class Request, class Response>
  absl::Status Receive(StreamMethod<Stub, Request, Response> method, const Request& request,
                       const Sink& sink) {
    return Follow(transfer_timeout_, method, request,
                  [&sink](const Response& response) { return sink(response.data()); });
  }
  // Hands a server stream's messages to `take`, which returns a status, as Sink does.
  template <class Stub, class Request, class Response, class Take>
  absl::Status Follow(absl::Duration timeout, StreamMethod<Stub, Request, Response> method,
                      const Request& request, const Take& take) {
    Repeat repeat = Repeat::kSafe;
    absl::Status fault;
    const absl::Status status = Try(timeout, repeat, [&](grpc::ClientContext* context) {
      const auto reader = (stub<Stub>().*method)(context, request);
      Response response;
      while (fault.ok() && reader->Read(&response)) {
        repeat = Repeat::kUnsafe;
        fault = take(response);
      }
      if (!fault.ok()) context->TryCancel();
      return reader->Finish();
    });
    return fault.ok() ? status : fault;
  }

  // Sends a message, and then what a Source has in the `data` of more. Tried once.
  template <class Stub, class Request, class Response>
  absl::Status Send(UploadMethod<Stub, Request, Response> method, const Request& first,
                    const Source& source, Response* response) {
    absl::Status fault;
    const absl::Status status =
        Try(transfer_timeout_, Repeat::kUnsafe, [&](grpc::ClientContext* context) {
          const auto writer = (stub<Stub>().*method)(context, response);
          bool open = writer->Write(first);
          while (open) {
            absl::StatusOr<std::string> bytes = source();
            if (!bytes.ok()) {
              fault = bytes.status();
              context->TryCancel();
              break;
            }
            if (bytes->empty()) {
              writer->WritesDone();
              break;
            }
            Request part;
            part.set_data(*std::move(bytes));
            open = writer->Write(part);
          }
          return writer->Finish();
        });
    return fault.ok() ? status : fault;
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
  // `once` may still change `repeat`.
  template <class Once>
  absl::Status Try(absl::Duration timeout, const Repeat& repeat, const Once& once) {
    const absl::Time deadline = absl::Now() + timeout;
    for (int tries = 1;; ++tries) {
      grpc::ClientContext context;
      context.set_deadline(absl::ToChronoTime(deadline));
      absl::Status status = Finish(once(&context), timeout);
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
  absl::Duration transfer_timeout_;
  int max_tries_;
  std::tuple<std::unique_ptr<v1::AgentService::Stub>, std::unique_ptr<v1::CircuitService::Stub>,
             std::unique_ptr<v1::ServerService::Stub>>
      stubs_;
};

}  // namespace phasic::client

// SPDX-License-Identifier: Apache-2.0
//
// Calls to one server, one at a time.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"

namespace phasic {

class Connection {
 public:
  // `address` as gRPC takes it: HOST:PORT, unix:/path. Connects with the first call. Every call
  // ends after `timeout` seconds.
  Connection(std::string address, double timeout);

  // Calls a method of a service: connection.Call(&v1::AgentService::Stub::Step, request,
  // &response).
  template <class Stub, class Request, class Response>
  absl::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                    const Request& request, Response* response) {
    grpc::ClientContext context;
    Prepare(context);
    Stub stub(channel_);
    return Finish((stub.*method)(&context, request, response));
  }

  // Reads a server stream to its end; `take` gets each message.
  template <class Stub, class Request, class Response, class Take>
  absl::Status Stream(std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(
                          grpc::ClientContext*, const Request&),
                      const Request& request, const Take& take) {
    grpc::ClientContext context;
    Prepare(context);
    Stub stub(channel_);
    const std::unique_ptr<grpc::ClientReader<Response>> reader = (stub.*method)(&context, request);
    Response response;
    while (reader->Read(&response)) take(response);
    return Finish(reader->Finish());
  }

 private:
  void Prepare(grpc::ClientContext& context) const;
  absl::Status Finish(const grpc::Status& status) const;

  std::string address_;
  double timeout_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/handlers/call.h"
#include "server/wire/async_service.h"
#include "server/wire/gate.h"
#include "server/wire/silence_guard.h"

namespace grpc {
class Service;
}

namespace phasic::wire {

// The services of the contract over gRPC's synchronous API; the data plane's methods are left to
// DataPlane. What is said of a call is done in the handlers; here its deadline is read, its errors
// are put in gRPC's words, and no exception gets further.
class Services {
 public:
  // Both must outlive every call.
  Services(Env& env, Gate& gate);
  ~Services();

  // To register with a server.
  std::vector<grpc::Service*> all() const;
  AsyncAgentService& agents() const { return *agents_; }
  // Their full names, as health and reflection know them.
  static std::set<std::string> Names();

 private:
  SilenceGuard guard_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  AsyncAgentService* agents_ = nullptr;  // one of them
};

}  // namespace phasic::wire

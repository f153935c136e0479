// SPDX-License-Identifier: Apache-2.0
//
// What the library's tests share: a fake server, and a client of it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/cpp/client.h"
#include "client/cpp/error.h"
#include "tests/client/support/fake_server.h"

namespace phasic::client {

inline Options QuickOptions() {
  Options options;
  options.timeout = absl::Seconds(20);
  return options;
}

class ClientTest : public testing::Test {
 protected:
  FakeServer fake_;
  Client client_{fake_.address(), QuickOptions()};
};

// What a server that is going down says; it has done nothing.
inline grpc::Status Draining() {
  return ErrorMaker(grpc::StatusCode::UNAVAILABLE, "going down", "DRAINING").Make();
}

// An agent as a server tells of it.
inline v1::Agent MakeAgent(const std::string& id, uint64_t uid = 1, uint64_t steps = 0) {
  v1::Agent agent;
  agent.set_name("tenants/default/agents/" + id);
  agent.set_uid(uid);
  agent.mutable_stats()->set_steps(steps);
  return agent;
}

// The error as it comes inside of a message.
inline rpc::Status InBand(const grpc::Status& status) {
  rpc::Status error;
  EXPECT_TRUE(error.ParseFromString(status.error_details()));
  return error;
}

}  // namespace phasic::client

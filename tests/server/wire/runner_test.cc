// SPDX-License-Identifier: Apache-2.0
#include "server/wire/runner.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "phasic/rpc/error_details.pb.h"

namespace phasic::wire {
namespace {

using absl::StatusCode;

// What a handler is to do.
struct Request {
  std::function<absl::Status(const Call&)> act;
};
struct Response {};

absl::Status Act(const Call& call, const Request& request, Response*) { return request.act(call); }

class RunnerTest : public ::testing::Test {
 protected:
  grpc::Status Run(std::function<absl::Status(const Call&)> act) {
    grpc::ServerContext context;
    const Request request{std::move(act)};
    Response response;
    return Runner(env_, gate_).Run(&context, Act, &request, &response);
  }
  static std::string ReasonOf(const grpc::Status& status) {
    rpc::Status details;
    EXPECT_TRUE(details.ParseFromString(status.error_details()));
    rpc::ErrorInfo info;
    EXPECT_TRUE(details.details_size() > 0 && info.ParseFromString(details.details(0).value()));
    return info.reason();
  }

  Env env_{ServerLimits{}};
  Gate gate_;
};

TEST_F(RunnerTest, HandsOnWhatTheHandlerSays) {
  EXPECT_TRUE(Run([](const Call&) { return absl::OkStatus(); }).ok());
  const grpc::Status status = Run([](const Call&) { return errors::AgentNotFound("agents/a"); });
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "AGENT_NOT_FOUND");
}

TEST_F(RunnerTest, NoExceptionGetsFurther) {
  grpc::Status status = Run([](const Call&) -> absl::Status { throw std::bad_alloc(); });
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "OUT_OF_MEMORY");
  status = Run([](const Call&) -> absl::Status { throw std::runtime_error("oops"); });
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(ReasonOf(status), "INTERNAL");
  EXPECT_NE(status.error_message().find("oops"), std::string::npos);
  status = Run([](const Call&) -> absl::Status { throw 7; });
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  // And each has left: nothing is in flight.
  gate_.Close();
  EXPECT_TRUE(gate_.WaitEmpty(std::chrono::steady_clock::now()));
}

TEST_F(RunnerTest, RunsNothingOnceTheGateIsClosed) {
  gate_.Close();
  const grpc::Status status = Run([](const Call&) {
    ADD_FAILURE();
    return absl::OkStatus();
  });
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "DRAINING");
}

TEST_F(RunnerTest, ACallWithoutADeadlineGetsOne) {
  Run([](const Call& call) {
    const auto left = call.patience.deadline - std::chrono::steady_clock::now();
    EXPECT_GT(left, std::chrono::seconds(limits::kUnaryDeadlineSeconds - 10));
    EXPECT_LE(left, std::chrono::seconds(limits::kUnaryDeadlineSeconds));
    return absl::OkStatus();
  });
}

TEST_F(RunnerTest, CallsInFlightAreCounted) {
  Run([this](const Call&) {
    gate_.Close();
    EXPECT_FALSE(gate_.WaitEmpty(std::chrono::steady_clock::now()));
    return absl::OkStatus();
  });
  EXPECT_TRUE(gate_.WaitEmpty(std::chrono::steady_clock::now()));
}

}  // namespace
}  // namespace phasic::wire

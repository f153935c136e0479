// SPDX-License-Identifier: Apache-2.0
#include "server/wire/status.h"

#include <gtest/gtest.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "core/base/errors.h"
#include "phasic/rpc/error_details.pb.h"
#include "server/agents/errors.h"

namespace phasic::wire {
namespace {

rpc::Status DetailsIn(const grpc::Status& status) {
  rpc::Status proto;
  EXPECT_TRUE(proto.ParseFromString(status.error_details()));
  EXPECT_EQ(proto.code(), status.error_code());
  EXPECT_EQ(proto.message(), status.error_message());
  return proto;
}

template <class Detail>
std::optional<Detail> Find(const grpc::Status& status, const std::string& type) {
  const rpc::Status proto = DetailsIn(status);
  for (const google::protobuf::Any& any : proto.details()) {
    if (any.type_url() != "type.googleapis.com/google.rpc." + type) continue;
    Detail detail;
    EXPECT_TRUE(detail.ParseFromString(any.value()));
    return detail;
  }
  return std::nullopt;
}

rpc::ErrorInfo InfoOf(const grpc::Status& status) {
  const auto info = Find<rpc::ErrorInfo>(status, "ErrorInfo");
  EXPECT_TRUE(info.has_value());
  EXPECT_EQ(info->domain(), "phasic");
  return *info;
}

TEST(ToGrpc, OkIsOk) {
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).error_details().empty());
}

TEST(ToGrpc, KeepsCodeAndMessage) {
  for (int code = 1; code <= 16; ++code) {
    const grpc::Status status =
        ToGrpc(MakeError(static_cast<absl::StatusCode>(code), "why", {"SOME_REASON", {}, {}}));
    EXPECT_EQ(status.error_code(), code);
    EXPECT_EQ(status.error_message(), "why");
    EXPECT_EQ(InfoOf(status).reason(), "SOME_REASON");
  }
}

TEST(ToGrpc, AnErrorWithoutAReasonHasOneToo) {
  EXPECT_EQ(InfoOf(ToGrpc(absl::DataLossError("oh"))).reason(), "UNKNOWN");
}

TEST(ToGrpc, FaultyFieldsAreABadRequest) {
  const grpc::Status status =
      ToGrpc(InvalidFields("BAD_CIRCUIT", {{"a.b[1]", "is bad"}, {"c", "is worse"}}));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(InfoOf(status).reason(), "BAD_CIRCUIT");
  const auto request = Find<rpc::BadRequest>(status, "BadRequest");
  ASSERT_TRUE(request.has_value());
  ASSERT_EQ(request->field_violations_size(), 2);
  EXPECT_EQ(request->field_violations(0).field(), "a.b[1]");
  EXPECT_EQ(request->field_violations(1).description(), "is worse");
}

TEST(ToGrpc, AStepMismatchTellsTheStep) {
  const grpc::Status status = ToGrpc(errors::StepMismatch(3, 17));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(InfoOf(status).reason(), "STEP_MISMATCH");
  EXPECT_EQ(InfoOf(status).metadata().at("step"), "17");
}

TEST(ToGrpc, WhatIsMissingIsAResource) {
  const grpc::Status status = ToGrpc(errors::AgentNotFound("tenants/default/agents/a"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(InfoOf(status).reason(), "AGENT_NOT_FOUND");
  EXPECT_TRUE(InfoOf(status).metadata().empty());
  const auto resource = Find<rpc::ResourceInfo>(status, "ResourceInfo");
  ASSERT_TRUE(resource.has_value());
  EXPECT_EQ(resource->resource_name(), "tenants/default/agents/a");
  EXPECT_EQ(resource->resource_type(), "phasic.v1.Agent");
  EXPECT_TRUE(
      Find<rpc::ResourceInfo>(ToGrpc(errors::AgentExists("x")), "ResourceInfo").has_value());
}

TEST(ToGrpc, AFullQueueSaysWhenToComeAgain) {
  const grpc::Status status = ToGrpc(errors::TooManyWaiting("agents/a", 1'024));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto retry = Find<rpc::RetryInfo>(status, "RetryInfo");
  ASSERT_TRUE(retry.has_value());
  EXPECT_EQ(retry->retry_delay().nanos(), 100'000'000);
  const auto quota = Find<rpc::QuotaFailure>(status, "QuotaFailure");
  ASSERT_TRUE(quota.has_value());
  EXPECT_EQ(quota->violations(0).subject(), "max_waiting_turns");
  const auto draining = Find<rpc::RetryInfo>(ToGrpc(errors::Draining()), "RetryInfo");
  ASSERT_TRUE(draining.has_value());
  EXPECT_EQ(draining->retry_delay().seconds(), 1);
}

TEST(ToGrpc, APreconditionIsNamed) {
  const grpc::Status status = ToGrpc(MakeError(absl::StatusCode::kFailedPrecondition, "no",
                                               {"NO_WINDOW", {{"weights", "has no window"}}, {}}));
  const auto failure = Find<rpc::PreconditionFailure>(status, "PreconditionFailure");
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->violations(0).type(), "NO_WINDOW");
  EXPECT_EQ(failure->violations(0).subject(), "weights");
}

TEST(ToGrpc, StaysSmallEnoughForTrailers) {
  std::vector<Violation> violations;
  for (int i = 0; i < 500; ++i) {
    violations.push_back(
        {absl::StrCat("circuit.populations[", i, "].size"), std::string(1'000, 'x')});
  }
  const grpc::Status status = ToGrpc(InvalidFields("BAD_CIRCUIT", violations));
  EXPECT_LE(status.error_message().size(), 1'024u);
  EXPECT_LE(status.error_message().size() + status.error_details().size(), 6'000u);
  const auto request = Find<rpc::BadRequest>(status, "BadRequest");
  ASSERT_TRUE(request.has_value());
  EXPECT_GT(request->field_violations_size(), 5);
  EXPECT_EQ(request->field_violations(0).field(), "circuit.populations[0].size");
  const auto& last = *request->field_violations().rbegin();
  EXPECT_EQ(last.description(),
            absl::StrCat("and ", 501 - request->field_violations_size(), " more"));
}

TEST(ToGrpc, CutsBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 600; ++i) text += "ü";
  for (const char* start : {"", "a"}) {
    const grpc::Status status = ToGrpc(absl::InternalError(start + text));
    EXPECT_LE(status.error_message().size(), 1'024u);
    // A field of type string must be UTF-8: a character cut in two would not be.
    rpc::Status proto;
    EXPECT_TRUE(proto.ParseFromString(status.error_details()));
    EXPECT_TRUE(status.error_message().ends_with("ü..."));
  }
}

}  // namespace
}  // namespace phasic::wire

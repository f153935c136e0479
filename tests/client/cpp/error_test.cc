// SPDX-License-Identifier: Apache-2.0
#include "tests/client/cpp/client_test.h"

namespace phasic::client {
namespace {

class ErrorTest : public ClientTest {
 protected:
  absl::Status Error(const grpc::Status& status) {
    fake_.agents.remove.status = status;
    return client_.DeleteAgent({});
  }
};

TEST_F(ErrorTest, HasCodeMessageAndEveryDetail) {
  rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(2);
  retry.mutable_retry_delay()->set_nanos(500000000);
  rpc::ResourceInfo resource;
  resource.set_resource_name("agents/cart");
  const absl::Status status = Error(ErrorMaker(grpc::StatusCode::ABORTED, "is 17", "STEP_MISMATCH")
                                        .Metadata("step", "17")
                                        .Violation("step", "is 17")
                                        .Detail(retry)
                                        .Detail(resource)
                                        .Make());
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(status.message(), "is 17");
  EXPECT_EQ(ReasonOf(status), "STEP_MISMATCH");
  EXPECT_EQ(RetryDelayOf(status), absl::Milliseconds(2500));
  EXPECT_FALSE(IsUnanswered(status));
  const std::optional<ErrorDetails> details = DetailsOf(status);
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->info.metadata().at("step"), "17");
  EXPECT_EQ(details->bad_request.field_violations(0).field(), "step");
  EXPECT_EQ(details->resource.resource_name(), "agents/cart");
  EXPECT_EQ(details->quota.violations_size(), 0);
  EXPECT_EQ(ErrorText(status),
            "ABORTED STEP_MISMATCH: step: is 17\n"
            "  step: 17\n"
            "  try again in 2.5s");
}

TEST_F(ErrorTest, WithoutDetailsIsStillTheServers) {
  const absl::Status bare = Error({grpc::StatusCode::UNIMPLEMENTED, "no such method"});
  ASSERT_TRUE(DetailsOf(bare).has_value());
  EXPECT_EQ(ReasonOf(bare), "");
  EXPECT_EQ(RetryDelayOf(bare), std::nullopt);
  EXPECT_EQ(ErrorText(bare), "UNIMPLEMENTED: no such method");
  const absl::Status broken = Error({grpc::StatusCode::INTERNAL, "broken", "no status at all"});
  EXPECT_EQ(ErrorText(broken), "INTERNAL: broken");
}

TEST_F(ErrorTest, TellsARefusalFromSilence) {
  EXPECT_FALSE(IsUnanswered(Error(Draining())));
  const absl::Status silent = Error({grpc::StatusCode::UNAVAILABLE, "connection reset"});
  EXPECT_TRUE(IsUnanswered(silent));
  EXPECT_FALSE(DetailsOf(silent).has_value());
  EXPECT_EQ(ErrorText(silent), "no phasic server at " + fake_.address() + ": connection reset");
  EXPECT_FALSE(IsUnanswered(absl::OkStatus()));
}

}  // namespace
}  // namespace phasic::client

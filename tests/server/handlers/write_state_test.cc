// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "server/agents/limits.h"
#include "tests/server/support/handler_test.h"

namespace phasic::testing {
namespace {

using absl::StatusCode;

class WriteStateTest : public HandlerTest {
 protected:
  void SetUp() override {
    Create("a");
    Step("a");
  }
  absl::Status TryWrite(const v1::WriteStateRequest& request,
                        v1::WriteStateResponse* response = nullptr) {
    v1::WriteStateResponse ignored;
    return handlers::WriteState(call_, request, response == nullptr ? &ignored : response);
  }
  absl::Status TryWrite(const std::string& text) {
    return TryWrite(Proto<v1::WriteStateRequest>("name: 'agents/a' " + text));
  }
  uint64_t Write(const std::string& text) {
    v1::WriteStateResponse response;
    EXPECT_OK(TryWrite(Proto<v1::WriteStateRequest>("name: 'agents/a' " + text), &response));
    EXPECT_EQ(response.digest(), Digest("a"));
    return response.digest();
  }
  std::vector<float> Read(const std::string& component, const std::string& variable) {
    FakeWriter<v1::InspectResponse> writer;
    v1::InspectRequest request;
    request.set_name("agents/a");
    request.set_component(component);
    request.set_variable(variable);
    EXPECT_OK(handlers::Inspect(call_, request, &writer));
    const std::string& data = writer.messages.at(0).data();
    std::vector<float> values(data.size() / sizeof(float));
    std::memcpy(values.data(), data.data(), data.size());
    return values;
  }
  void ExpectFault(const std::string& text, const Fields& fields) {
    const uint64_t before = Digest("a");
    EXPECT_THAT(TryWrite(text), FailsFor("BAD_WRITE", fields)) << text;
    EXPECT_EQ(Digest("a"), before);
  }
};

TEST_F(WriteStateTest, NumbersComeAsValuesAsBytesOrAsOneForMany) {
  Write("writes { variable: 'weights.weights' fill: 0 }");
  EXPECT_EQ(Read("weights", "weights"), std::vector<float>(12));
  Write(
      "writes { variable: 'weights.weights' offset: 2 values: [0.5, -1] }"
      "writes { variable: 'weights.trace' offset: 10 fill: 0.25 }"
      "writes { variable: 'weights.weights' offset: 4 fill: 3 count: 2 }");
  EXPECT_EQ(Read("weights", "weights"),
            (std::vector<float>{0, 0, 0.5, -1, 3, 3, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(Read("weights", "trace")[11], 0.25f);
  v1::WriteStateRequest request;
  request.set_name("agents/a");
  request.set_step(1);
  v1::VariableWrite* write = request.add_writes();
  write->set_variable("weights.weights");
  write->set_offset(11);
  const float number = 7;
  write->set_data(&number, sizeof number);
  ASSERT_OK(TryWrite(request));
  EXPECT_EQ(Read("weights", "weights")[11], 7);
}

TEST_F(WriteStateTest, ALesionChangesWhatTheAgentDoes) {
  // The drive of the second action alone.
  Write(
      "writes { variable: 'weights.weights' fill: 0 }"
      "writes { variable: 'weights.weights' offset: 3 values: [60, 0, 0] }");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Step("a").action(0), 1);
  // Without it, any.
  Write("writes { variable: 'weights.weights' fill: 0 }");
  const auto report = Step("a", "report: 'policy.probability'").report(0);
  float probability[4];
  ASSERT_EQ(report.data().size(), sizeof probability);
  std::memcpy(probability, report.data().data(), sizeof probability);
  for (const float p : probability) EXPECT_EQ(p, 0.25f);
}

TEST_F(WriteStateTest, ACloneThatIsWrittenTheSameIsTheSame) {
  v1::CloneAgentRequest clone;
  clone.set_name("agents/a");
  clone.set_agent_id("b");
  v1::Agent ignored;
  ASSERT_OK(handlers::CloneAgent(call_, clone, &ignored));
  auto request = Proto<v1::WriteStateRequest>(
      "name: 'agents/a' writes { variable: 'weights.trace' fill: 0.5 }"
      "writes { variable: 'state.rate' values: [1, 2, 3] }");
  v1::WriteStateResponse a, b;
  ASSERT_OK(TryWrite(request, &a));
  request.set_name("agents/b");
  ASSERT_OK(TryWrite(request, &b));
  EXPECT_EQ(a.digest(), b.digest());
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Step("a", "rewards { value: 1 }").action(0),
              Step("b", "rewards { value: 1 }").action(0));
  }
  EXPECT_EQ(Digest("a"), Digest("b"));
}

TEST_F(WriteStateTest, EveryFaultHasItsFieldAndChangesNothing) {
  const std::string good = "writes { variable: 'weights.weights' fill: 1 } ";
  ExpectFault(good + "writes { variable: 'weights.weights' values: [0, nan] }",
              {"writes[1].values[1]"});
  ExpectFault(good + "writes { variable: 'weights.weights' values: [1e39] }",
              {"writes[1].values[0]"});
  ExpectFault(good + "writes { variable: 'weights.weights' fill: inf }", {"writes[1].fill"});
  ExpectFault(good + "writes { variable: 'weights.weights' data: 'abc' }", {"writes[1].data"});
  ExpectFault(good + "writes { variable: 'weights.weights' data: '\\000\\000\\300\\177' }",
              {"writes[1].data"});
  ExpectFault(good + "writes { variable: 'weights.weights' fill: 1 values: 1 }", {"writes[1]"});
  ExpectFault(good + "writes { variable: 'weights.weights' }", {"writes[1]"});
  ExpectFault(good + "writes { variable: 'weights.weights' offset: -1 fill: 1 }",
              {"writes[1].offset"});
  ExpectFault(good + "writes { variable: 'weights.weights' count: -1 fill: 1 }",
              {"writes[1].count"});
  ExpectFault(good + "writes { variable: 'weights.weights' count: 1 values: 1 }",
              {"writes[1].count"});
  ExpectFault(good + "writes { variable: 'weights.weights' offset: 13 fill: 1 }",
              {"writes[1].offset"});
  ExpectFault(good + "writes { variable: 'weights.weights' offset: 10 fill: 1 count: 3 }",
              {"writes[1].count"});
  ExpectFault(good + "writes { variable: 'weights.weights' offset: 11 values: [1, 2] }",
              {"writes[1].count"});
  ExpectFault(good + "writes { variable: 'reward.deliveries' fill: 0.5 }", {"writes[1].fill"});
  ExpectFault(good + "writes { variable: 'reward.fired' fill: 2 }", {"writes[1].fill"});
  for (const char* clock :
       {"agent.seed", "agent.steps", "agent.returns", "weights.live_parameters"}) {
    ExpectFault(good + "writes { variable: '" + clock + "' fill: 1 }", {"writes[1].variable"});
  }
}

TEST_F(WriteStateTest, WhatIsNotThereIsNotFound) {
  const absl::Status status = TryWrite("writes { variable: 'weights.no' fill: 1 }");
  EXPECT_THAT(status, Fails(StatusCode::kNotFound, "VARIABLE_NOT_FOUND"));
  EXPECT_EQ(DetailsOf(status).metadata.at("resource"), "tenants/default/agents/a/weights.no");
  EXPECT_THAT(TryWrite(Proto<v1::WriteStateRequest>("name: 'agents/z'")),
              Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
}

TEST_F(WriteStateTest, HappensOnlyAsTheCallerBelieves) {
  const std::string write = "writes { variable: 'weights.weights' fill: 1 } ";
  EXPECT_THAT(TryWrite(write + "step: 7"), Fails(StatusCode::kAborted, "STEP_MISMATCH"));
  EXPECT_THAT(TryWrite(write + "etag: 'x'"), Fails(StatusCode::kAborted, "ETAG_MISMATCH"));
  ASSERT_OK(TryWrite(write + "step: 1 etag: '" + Get("a").etag() + "'"));
}

TEST_F(WriteStateTest, OneToSoManyWrites) {
  EXPECT_THAT(TryWrite(""), FailsFor("BAD_FIELD", Fields{"writes"}));
  v1::WriteStateRequest request;
  request.set_name("agents/a");
  for (int i = 0; i <= limits::kMaxWrites; ++i) {
    v1::VariableWrite* write = request.add_writes();
    write->set_variable("weights.weights");
    write->set_fill(0);
    write->set_count(1);
  }
  EXPECT_THAT(TryWrite(request), FailsFor("BAD_FIELD", Fields{"writes"}));
  request.mutable_writes()->RemoveLast();
  request.mutable_writes()->DeleteSubrange(100, request.writes_size() - 100);
  EXPECT_OK(TryWrite(request));
}

}  // namespace
}  // namespace phasic::testing

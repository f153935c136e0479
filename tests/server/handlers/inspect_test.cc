// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <set>

#include "server/agents/turn.h"
#include "tests/server/support/handler_test.h"

namespace phasic::testing {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;

class InspectTest : public HandlerTest {
 protected:
  absl::Status TryInspect(const std::string& text, FakeWriter<v1::InspectResponse>* writer) {
    return handlers::Inspect(call_, Proto<v1::InspectRequest>(text), writer);
  }
  std::vector<v1::InspectResponse> Inspect(const std::string& text) {
    FakeWriter<v1::InspectResponse> writer;
    EXPECT_OK(TryInspect(text, &writer));
    return writer.messages;
  }
  static std::vector<float> FloatsOf(const std::string& data) {
    std::vector<float> values(data.size() / sizeof(float));
    std::memcpy(values.data(), data.data(), data.size());
    return values;
  }
};

TEST_F(InspectTest, OneVariableWithItsSummary) {
  Create("a");
  Step("a", "rewards { value: 1 }");
  const auto messages = Inspect("name: 'agents/a' component: 'weights' variable: 'weights'");
  ASSERT_EQ(messages.size(), 1u);
  const v1::InspectResponse& weights = messages[0];
  EXPECT_EQ(weights.component(), "weights");
  EXPECT_EQ(weights.variable(), "weights");
  EXPECT_EQ(weights.life(), "learned");
  EXPECT_THAT(weights.shape(), ElementsAre(4, 3));
  EXPECT_EQ(weights.dtype(), v1::Tensor::FLOAT32);
  EXPECT_EQ(weights.step(), 1u);
  EXPECT_EQ(weights.offset(), 0);
  const std::vector<float> values = FloatsOf(weights.data());
  ASSERT_EQ(values.size(), 12u);
  double sum = 0, squares = 0;
  for (const float w : values) {
    sum += w;
    squares += double{w} * w;
  }
  EXPECT_EQ(weights.summary().count(), 12);
  EXPECT_DOUBLE_EQ(weights.summary().mean(), sum / 12);
  EXPECT_DOUBLE_EQ(weights.summary().norm(), std::sqrt(squares));
  EXPECT_EQ(weights.summary().min(), *std::min_element(values.begin(), values.end()));
  EXPECT_EQ(weights.summary().max(), *std::max_element(values.begin(), values.end()));
  EXPECT_GT(weights.summary().max(), weights.summary().min());
}

TEST_F(InspectTest, AllOfAComponentOrOfTheAgent) {
  Create("a");
  std::set<std::string> variables;
  for (const auto& message : Inspect("name: 'agents/a' component: 'policy'")) {
    EXPECT_EQ(message.component(), "policy");
    EXPECT_TRUE(message.has_summary());
    variables.insert(message.variable());
  }
  for (const char* variable : {"drive", "choice", "probability", "score"}) {
    EXPECT_TRUE(variables.contains(variable)) << variable;
  }
  std::set<std::string> components;
  for (const auto& message : Inspect("name: 'agents/a'")) components.insert(message.component());
  EXPECT_EQ(components, (std::set<std::string>{"agent", "observation", "state", "policy", "weights",
                                               "reward", "teacher", "action"}));
  // The same variable of every component that has it.
  EXPECT_GE(Inspect("name: 'agents/a' variable: 'level'").size(), 2u);
}

TEST_F(InspectTest, ASliceOfIt) {
  Create("a");
  const std::string weights = "name: 'agents/a' component: 'weights' variable: 'weights' ";
  const v1::InspectResponse whole = Inspect(weights)[0];
  const auto slice = [&](const std::string& which) {
    const auto messages = Inspect(weights + which);
    EXPECT_EQ(messages.size(), 1u);
    // The summary is of the whole, whatever the slice.
    EXPECT_EQ(messages[0].summary().SerializeAsString(), whole.summary().SerializeAsString());
    return messages[0];
  };
  v1::InspectResponse part = slice("offset: 5 count: 3");
  EXPECT_EQ(part.offset(), 5);
  EXPECT_EQ(part.data(), whole.data().substr(5 * 4, 3 * 4));
  EXPECT_EQ(slice("offset: 10").data(), whole.data().substr(40));
  EXPECT_EQ(slice("count: 2").data(), whole.data().substr(0, 8));
  EXPECT_EQ(slice("offset: 10 count: 100").data(), whole.data().substr(40));
  EXPECT_EQ(slice("offset: 9223372036854775807 count: 9223372036854775807").data(), "");
  EXPECT_EQ(slice("summary_only: true").data(), "");
}

TEST_F(InspectTest, ALargeVariableComesInChunks) {
  CircuitSpec spec = LearnerSpec();
  spec.populations.push_back({"crowd", "rate", 500, {}, {}});
  spec.projections.push_back(
      {.name = "big", .source = "crowd", .target = "crowd.drive", .delay = 1});
  spec.projections.back().initial = {InitialWeights::Distribution::kUniform, 0, 1, {}};
  Create(CreateRequest("a", spec));
  const auto messages = Inspect("name: 'agents/a' component: 'big' variable: 'weights'");
  ASSERT_EQ(messages.size(), 4u);  // 1,000,000 bytes
  std::string data;
  for (size_t i = 0; i < messages.size(); ++i) {
    EXPECT_EQ(messages[i].has_summary(), i == 0);
    EXPECT_EQ(messages[i].offset(), static_cast<int64_t>(data.size() / 4));
    EXPECT_LE(messages[i].data().size(), 256u << 10);
    EXPECT_EQ(messages[i].variable(), "weights");
    data += messages[i].data();
  }
  ASSERT_EQ(data.size(), 1'000'000u);
  const std::vector<float> values = FloatsOf(data);
  EXPECT_EQ(*std::max_element(values.begin(), values.end()), messages[0].summary().max());
  const auto slice =
      Inspect("name: 'agents/a' component: 'big' variable: 'weights' offset: 70000 count: 100000");
  ASSERT_EQ(slice.size(), 2u);
  EXPECT_EQ(slice[0].data() + slice[1].data(), data.substr(280'000, 400'000));
  EXPECT_EQ(slice[1].offset(), 70'000 + 65'536);
}

TEST_F(InspectTest, StopsWhenNobodyReads) {
  Create("a");
  FakeWriter<v1::InspectResponse> writer;
  writer.stop_after = 2;
  EXPECT_THAT(TryInspect("name: 'agents/a'", &writer), Fails(StatusCode::kCancelled, "CANCELLED"));
  EXPECT_EQ(writer.messages.size(), 2u);
  EXPECT_EQ(env_.copies.use().bytes, 0);
}

TEST_F(InspectTest, ChangesNothing) {
  Create("a");
  Create("b");
  for (int i = 0; i < 10; ++i) {
    Step("a", "rewards { value: 1 }");
    Step("b", "rewards { value: 1 }");
    Inspect("name: 'agents/a'");
  }
  EXPECT_EQ(Digest("a"), Digest("b"));
}

TEST_F(InspectTest, WhatIsNotThereIsSaid) {
  Create("a");
  FakeWriter<v1::InspectResponse> writer;
  const auto expect_not_found = [&](const std::string& text, const std::string& resource) {
    const absl::Status status = TryInspect("name: 'agents/a' " + text, &writer);
    EXPECT_THAT(status, Fails(StatusCode::kNotFound, "VARIABLE_NOT_FOUND"));
    EXPECT_EQ(DetailsOf(status).metadata.at("resource"), "tenants/default/agents/a/" + resource);
  };
  expect_not_found("component: 'nose'", "nose.*");
  expect_not_found("variable: 'nose'", "*.nose");
  expect_not_found("component: 'weights' variable: 'probability'", "weights.probability");
  EXPECT_THAT(TryInspect("name: 'agents/a' offset: -1", &writer),
              FailsFor("BAD_FIELD", Fields{"offset"}));
  EXPECT_THAT(TryInspect("name: 'agents/a' count: -1", &writer),
              FailsFor("BAD_FIELD", Fields{"count"}));
  EXPECT_THAT(TryInspect("name: 'agents/b'", &writer),
              Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  EXPECT_TRUE(writer.messages.empty());
}

TEST_F(InspectTest, CopiesAreBoundedTogether) {
  Create("a");
  FakeWriter<v1::InspectResponse> writer;
  auto others = env_.copies.Take(limits::kMaxInspectBytes - 10);
  ASSERT_TRUE(others.has_value());
  EXPECT_THAT(TryInspect("name: 'agents/a'", &writer),
              Fails(StatusCode::kResourceExhausted, "TOO_MUCH_INSPECTED"));
  EXPECT_OK(TryInspect("name: 'agents/a' component: 'agent' variable: 'steps'", &writer));
  others.reset();
  EXPECT_OK(TryInspect("name: 'agents/a'", &writer));
}

TEST_F(InspectTest, WritesWithoutHoldingTheTurn) {
  Create("a");
  // Steps the agent from within the stream: with the turn held it would wait for itself.
  class Stepper final : public handlers::Writer<v1::InspectResponse> {
   public:
    explicit Stepper(std::function<void()> step) : step_(std::move(step)) {}
    bool Write(const v1::InspectResponse& message) override {
      step_();
      EXPECT_EQ(message.step(), 0u);  // all of one moment
      return true;
    }

   private:
    std::function<void()> step_;
  } writer([this] { Step("a"); });
  EXPECT_OK(handlers::Inspect(call_, Proto<v1::InspectRequest>("name: 'agents/a'"), &writer));
  EXPECT_GT(Get("a").stats().steps(), 10u);
}

TEST_F(InspectTest, SparseSynapsesSayWhatTheyJoin) {
  Create(CreateRequest("a", SparseLearnerSpec()));
  const auto all = Inspect("name: 'agents/a' component: 'weights'");
  const auto sources = Inspect("name: 'agents/a' variable: 'sources' offset: 3 count: 2");
  ASSERT_EQ(sources.size(), 1u);
  EXPECT_EQ(sources[0].component(), "weights");
  EXPECT_EQ(sources[0].variable(), "sources");
  EXPECT_EQ(sources[0].life(), "fixed");
  EXPECT_EQ(sources[0].dtype(), v1::Tensor::UINT32);
  EXPECT_THAT(sources[0].shape(), ElementsAre(8));
  EXPECT_EQ(sources[0].offset(), 3);
  EXPECT_EQ(sources[0].data().size(), 8u);
  EXPECT_EQ(sources[0].summary().max(), 2);
  std::set<std::string> variables;
  for (const auto& message : all) variables.insert(message.variable());
  EXPECT_TRUE(variables.contains("weights"));
  EXPECT_TRUE(variables.contains("sources"));
  EXPECT_TRUE(variables.contains("targets"));
}

}  // namespace
}  // namespace phasic::testing

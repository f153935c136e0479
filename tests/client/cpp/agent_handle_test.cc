// SPDX-License-Identifier: Apache-2.0
#include "client/cpp/agent_handle.h"

#include <array>

#include "client/cpp/source.h"
#include "tests/client/cpp/client_test.h"

namespace phasic::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr std::array kObservation = {0.5f, -1.0f};

v1::StepResponse Answer(uint64_t step) {
  v1::StepResponse response;
  response.add_action(1);
  response.set_step(step);
  return response;
}

class AgentHandleTest : public ClientTest {
 protected:
  // An agent that has done 5 steps; the next are 5, 6, 7.
  AgentHandleTest() {
    fake_.agents.step.answers = {Answer(5), Answer(6), Answer(7)};
    Options options = QuickOptions();
    options.max_tries = 2;
    agent_.emplace(Client(fake_.address(), options), MakeAgent("cart", 1, 5));
  }
  const v1::StepRequest& sent(size_t i) { return fake_.agents.step.requests.at(i); }

  std::optional<AgentHandle> agent_;
};

TEST_F(AgentHandleTest, StepsWithIndexAndId) {
  const auto first = agent_->Step({.observation = kObservation});
  ASSERT_TRUE(first.ok());
  EXPECT_THAT(first->action(), ElementsAre(1));
  EXPECT_TRUE(agent_->Step({.reward = 0.25, .end = v1::TERMINATED, .greedy = true}).ok());
  EXPECT_EQ(agent_->next_step(), 7u);
  EXPECT_EQ(sent(0).name(), "tenants/default/agents/cart");
  EXPECT_THAT(sent(0).observation(), ElementsAre(0.5f, -1));
  EXPECT_THAT(sent(0).rewards(), IsEmpty());
  EXPECT_EQ(sent(0).step(), 5u);
  EXPECT_THAT(sent(1).observation(), IsEmpty());
  EXPECT_EQ(sent(1).rewards(0).value(), 0.25);
  EXPECT_EQ(sent(1).end(), v1::TERMINATED);
  EXPECT_TRUE(sent(1).greedy());
  EXPECT_EQ(sent(1).step(), 6u);
  EXPECT_NE(sent(0).request_id(), sent(1).request_id());
}

TEST_F(AgentHandleTest, TakesAWholeRequest) {
  v1::StepRequest request;
  request.set_ticks(3);
  request.add_report("policy.probability");
  EXPECT_TRUE(agent_->Step(request).ok());
  EXPECT_EQ(sent(0).ticks(), 3);
  EXPECT_EQ(sent(0).step(), 5u);
  EXPECT_THAT(sent(0).request_id(), Not(IsEmpty()));
}

TEST_F(AgentHandleTest, ALostAnswerIsAskedForAgain) {
  fake_.agents.step.failures = {{grpc::StatusCode::UNAVAILABLE, "connection reset"}};
  EXPECT_TRUE(agent_->Step({.observation = kObservation}).ok());
  ASSERT_THAT(fake_.agents.step.requests, SizeIs(2));
  EXPECT_EQ(sent(0).SerializeAsString(), sent(1).SerializeAsString());
}

TEST_F(AgentHandleTest, TheSameStepAfterAnErrorIsTheSameRequest) {
  const grpc::Status lost(grpc::StatusCode::UNAVAILABLE, "connection reset");
  fake_.agents.step.failures = {lost, lost};
  EXPECT_TRUE(IsUnanswered(agent_->Step({.observation = kObservation}).status()));
  EXPECT_TRUE(agent_->Step({.observation = kObservation}).ok());
  EXPECT_EQ(sent(0).SerializeAsString(), sent(2).SerializeAsString());
}

TEST_F(AgentHandleTest, AnotherStepAfterAnErrorIsAnotherRequest) {
  const grpc::Status lost(grpc::StatusCode::UNAVAILABLE, "connection reset");
  fake_.agents.step.failures = {lost, lost};
  EXPECT_FALSE(agent_->Step({.observation = kObservation}).ok());
  EXPECT_TRUE(agent_->Step({.observation = kObservation, .reward = 1}).ok());
  EXPECT_EQ(sent(2).step(), sent(0).step());
  EXPECT_NE(sent(2).request_id(), sent(0).request_id());
}

TEST_F(AgentHandleTest, RefreshTakesOverTheIndex) {
  fake_.agents.step.failures = {
      ErrorMaker(grpc::StatusCode::ABORTED, "the next step is 9", "STEP_MISMATCH")
          .Metadata("step", "9")
          .Make()};
  EXPECT_EQ(ReasonOf(agent_->Step({.observation = kObservation}).status()), "STEP_MISMATCH");
  EXPECT_EQ(agent_->next_step(), 5u);
  fake_.agents.get.answers = {MakeAgent("cart", 1, 9)};
  EXPECT_TRUE(agent_->Refresh().ok());
  EXPECT_EQ(agent_->next_step(), 9u);
  EXPECT_EQ(fake_.agents.get.requests.at(0).name(), agent_->agent().name());
}

TEST_F(AgentHandleTest, RewardsHaveIds) {
  v1::RewardResponse applied;
  applied.add_dispositions(v1::APPLIED);
  fake_.agents.reward.answers = {applied};
  fake_.agents.reward.failures = {Draining()};
  EXPECT_EQ(*agent_->Reward(0.5), v1::APPLIED);
  const std::array errors = {0.5, -1.0};
  EXPECT_EQ(*agent_->Reward(errors, "errors"), v1::APPLIED);
  const auto& sent = fake_.agents.reward.requests;
  ASSERT_THAT(sent, SizeIs(3));
  EXPECT_EQ(sent[0].rewards(0).value(), 0.5);
  EXPECT_EQ(sent[0].rewards(0).reward_id(), sent[1].rewards(0).reward_id());
  EXPECT_NE(sent[1].rewards(0).reward_id(), sent[2].rewards(0).reward_id());
  EXPECT_EQ(sent[2].rewards(0).channel(), "errors");
  EXPECT_THAT(sent[2].rewards(0).values(), ElementsAre(0.5, -1));
  EXPECT_FALSE(sent[2].rewards(0).has_value());
}

TEST_F(AgentHandleTest, ResetsOnlyTheEpisodeItKnows) {
  v1::ResetEpisodeResponse response;
  response.set_episode(3);
  fake_.agents.reset.answers = {response};
  EXPECT_EQ(*agent_->ResetEpisode(), 3u);
  EXPECT_EQ(fake_.agents.reset.requests.at(0).step(), 5u);
}

TEST_F(AgentHandleTest, InspectsByName) {
  fake_.agents.inspect = [](const v1::InspectRequest&, std::vector<v1::InspectResponse>*) {
    return grpc::Status::OK;
  };
  EXPECT_TRUE(agent_->Inspect("policy", "weights").ok());
  EXPECT_EQ(fake_.agents.inspections.at(0).component(), "policy");
  EXPECT_EQ(fake_.agents.inspections.at(0).variable(), "weights");
}

TEST(FromPreset, SaysTheWholeSource) {
  const v1::Agent agent = FromPreset(
      "actor-critic", {{"observation", Box({2, 3}, {-1}, {1})}, {"action", MultiDiscrete({2, 5})}},
      {{"learning_rate", 0.5}});
  const v1::PresetSource& source = agent.preset();
  EXPECT_EQ(source.preset(), "actor-critic");
  EXPECT_THAT(source.spaces().at("observation").box().shape(), ElementsAre(2, 3));
  EXPECT_THAT(source.spaces().at("observation").box().low(), ElementsAre(-1));
  EXPECT_THAT(source.spaces().at("action").multi_discrete().nvec(), ElementsAre(2, 5));
  EXPECT_EQ(source.parameters().at("learning_rate").number_value(), 0.5);
  EXPECT_EQ(Discrete(4).discrete().n(), 4);
  EXPECT_EQ(MultiBinary(4).multi_binary().n(), 4);
}

}  // namespace
}  // namespace phasic::client

// SPDX-License-Identifier: Apache-2.0
#include "client/cpp/agent_batch.h"

#include <array>

#include "tests/client/cpp/client_test.h"

namespace phasic::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class AgentBatchTest : public ClientTest {
 protected:
  // Two agents that have done 3 and 8 steps.
  AgentBatchTest() {
    v1::BatchCreateAgentsResponse made;
    *made.add_agents() = MakeAgent("a", 11, 3);
    *made.add_agents() = MakeAgent("b", 12, 8);
    Options options = QuickOptions();
    options.max_tries = 2;
    batch_.emplace(Client(fake_.address(), options), made.agents());
  }

  static v1::BatchStepResponse Answer(const std::vector<uint64_t>& steps) {
    v1::BatchStepResponse response;
    for (const uint64_t step : steps) {
      response.add_action(static_cast<float>(step) / 2);
      response.add_step(step);
      response.add_episode(1);
      response.add_time(10);
    }
    return response;
  }

  const v1::BatchStepRequest& sent(size_t i) { return fake_.agents.batch_step.requests.at(i); }

  static constexpr std::array kObservations = {0.f, 1.f, 2.f, 3.f};
  std::optional<AgentBatch> batch_;
};

TEST_F(AgentBatchTest, IsFlatInAndOut) {
  fake_.agents.batch_step.answers = {Answer({3, 8}), Answer({4, 9})};
  const auto first = batch_->Step({.observations = kObservations});
  ASSERT_TRUE(first.ok());
  EXPECT_THAT(first->actions, ElementsAre(1.5f, 4));
  EXPECT_THAT(first->steps, ElementsAre(3, 8));
  EXPECT_THAT(first->episodes, ElementsAre(1, 1));
  EXPECT_THAT(first->times, ElementsAre(10, 10));
  EXPECT_THAT(first->failures, IsEmpty());

  const std::array rewards = {0.5f, 0.f};
  const std::array has_reward = {true, false};
  const std::array ends = {v1::NONE, v1::TRUNCATED};
  fake_.agents.batch_step.answers[1].add_disposition(v1::APPLIED);
  fake_.agents.batch_step.answers[1].add_disposition(v1::DISPOSITION_UNSPECIFIED);
  const auto second = batch_->Step({.observations = kObservations,
                                    .rewards = rewards,
                                    .has_reward = has_reward,
                                    .ends = ends,
                                    .greedy = true});
  ASSERT_TRUE(second.ok());
  EXPECT_THAT(second->dispositions, ElementsAre(v1::APPLIED, v1::DISPOSITION_UNSPECIFIED));
  EXPECT_THAT(sent(0).uid(), ElementsAre(11, 12));
  EXPECT_THAT(sent(0).observation(), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(sent(0).step(), ElementsAre(3, 8));
  EXPECT_THAT(sent(0).reward(), IsEmpty());
  EXPECT_THAT(sent(1).uid(), ElementsAre(11, 12));
  EXPECT_THAT(sent(1).step(), ElementsAre(4, 9));
  EXPECT_THAT(sent(1).reward(), ElementsAre(0.5f, 0));
  EXPECT_THAT(sent(1).has_reward(), ElementsAre(true, false));
  EXPECT_THAT(sent(1).end(), ElementsAre(v1::NONE, v1::TRUNCATED));
  EXPECT_TRUE(sent(1).greedy());
  EXPECT_NE(sent(0).request_id(), sent(1).request_id());
}

TEST_F(AgentBatchTest, AnItemThatFailedHasNotMovedOn) {
  v1::BatchStepResponse answer = Answer({3, 0});
  v1::BatchStepResponse::Failure& failure = *answer.add_failures();
  failure.set_item(1);
  *failure.mutable_status() =
      InBand(ErrorMaker(grpc::StatusCode::INVALID_ARGUMENT, "NaN", "BAD_OBSERVATION").Make());
  fake_.agents.batch_step.answers = {answer, Answer({4, 8})};
  const auto result = batch_->Step({.observations = kObservations});
  ASSERT_TRUE(result.ok());
  ASSERT_THAT(result->failures, SizeIs(1));
  EXPECT_EQ(result->failures[0].item, 1);
  EXPECT_TRUE(absl::IsInvalidArgument(result->failures[0].status));
  EXPECT_EQ(ReasonOf(result->failures[0].status), "BAD_OBSERVATION");
  EXPECT_TRUE(batch_->Step({.observations = kObservations}).ok());
  EXPECT_THAT(sent(1).step(), ElementsAre(4, 8));
}

TEST_F(AgentBatchTest, ALostAnswerIsAskedForAgain) {
  const grpc::Status lost(grpc::StatusCode::UNAVAILABLE, "connection reset");
  fake_.agents.batch_step.failures = {lost, lost};
  fake_.agents.batch_step.answers = {Answer({3, 8})};
  EXPECT_TRUE(IsUnanswered(batch_->Step({.observations = kObservations}).status()));
  EXPECT_TRUE(batch_->Step({.observations = kObservations}).ok());
  ASSERT_THAT(fake_.agents.batch_step.requests, SizeIs(3));
  EXPECT_EQ(sent(0).SerializeAsString(), sent(1).SerializeAsString());
  EXPECT_EQ(sent(0).SerializeAsString(), sent(2).SerializeAsString());
}

TEST_F(AgentBatchTest, RefusesAnswersThatMakeNoSense) {
  v1::BatchStepResponse wild = Answer({3, 8});
  wild.add_failures()->set_item(2);
  fake_.agents.batch_step.answers = {Answer({3}), wild};
  EXPECT_TRUE(absl::IsDataLoss(batch_->Step({.observations = kObservations}).status()));
  EXPECT_TRUE(absl::IsDataLoss(batch_->Step({.observations = kObservations}).status()));
}

}  // namespace
}  // namespace phasic::client

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "tests/server/support/handler_test.h"

namespace phasic::testing {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;

class StepsTest : public HandlerTest {
 protected:
  // Asserts that the request fails for these fields, and that the agent stays as it was to the last
  // bit.
  void ExpectFault(const v1::StepRequest& request, const std::string& reason, const Fields& fields,
                   const std::string& id = "a") {
    const uint64_t digest = Digest(id);
    EXPECT_THAT(TryStep(request), FailsFor(reason, fields)) << request.ShortDebugString();
    EXPECT_EQ(Digest(id), digest) << request.ShortDebugString();
  }
  absl::Status TryReward(const std::string& text, v1::RewardResponse* response = nullptr) {
    v1::RewardResponse ignored;
    return handlers::Reward(call_, Proto<v1::RewardRequest>(text), response ? response : &ignored);
  }
  void ExpectRewardFault(const std::string& text, const std::string& reason, const Fields& fields) {
    const uint64_t digest = Digest("a");
    EXPECT_THAT(TryReward(text), FailsFor(reason, fields)) << text;
    EXPECT_EQ(Digest("a"), digest) << text;
  }
  static v1::Tensor Floats(const std::string& name, const std::vector<float>& values) {
    v1::Tensor tensor;
    tensor.set_name(name);
    tensor.add_shape(static_cast<int64_t>(values.size()));
    tensor.set_data(values.data(), values.size() * sizeof(float));
    return tensor;
  }
  static std::vector<float> FloatsOf(const v1::Tensor& tensor) {
    std::vector<float> values(tensor.data().size() / sizeof(float));
    std::memcpy(values.data(), tensor.data().data(), tensor.data().size());
    return values;
  }
};

TEST_F(StepsTest, AStepAnswersWithAnAction) {
  Create("a");
  const v1::StepResponse first = Step("a");
  ASSERT_EQ(first.action_size(), 1);
  EXPECT_GE(first.action(0), 0);
  EXPECT_LT(first.action(0), 4);
  EXPECT_EQ(first.action(0), std::floor(first.action(0)));
  EXPECT_EQ(first.actions_size(), 0);
  EXPECT_EQ(first.step(), 0u);
  EXPECT_EQ(first.time(), 1.0);
  EXPECT_EQ(Step("a").step(), 1u);
  EXPECT_EQ(Get("a").stats().steps(), 2u);
  EXPECT_EQ(env_.steps, 2u);
  EXPECT_GE(Get("a").stats().last_active_time().seconds(), Get("a").create_time().seconds());
}

TEST_F(StepsTest, RewardsTeach) {
  v1::CreateAgentRequest request = CreateRequest("a");
  (*request.mutable_agent()->mutable_live_parameters())["weights.learning_rate"] = 0.5;
  Create(request);
  // The third alternative pays; the reward comes with the next step.
  double reward = 0;
  int late_hits = 0;
  for (int i = 0; i < 600; ++i) {
    const v1::StepResponse response = Step("a", "rewards { value: " + std::to_string(reward) + "}");
    reward = response.action(0) == 2 ? 1 : 0;
    if (i >= 500) late_hits += reward > 0;
  }
  EXPECT_GT(late_hits, 80);
}

TEST_F(StepsTest, GreedyActsWithoutExploring) {
  Create("a");
  const float action = Step("a", "greedy: true").action(0);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Step("a", "greedy: true").action(0), action);
}

TEST_F(StepsTest, TicksAdvanceTime) {
  Create("a");
  EXPECT_EQ(Step("a", "ticks: 7").time(), 7.0);
  EXPECT_EQ(Step("a").time(), 8.0);
  ExpectFault(StepRequest("a", "ticks: -1"), "BAD_FIELD", {"ticks"});
  ExpectFault(StepRequest("a", "ticks: 100001"), "BAD_TICKS", {"ticks"});
}

TEST_F(StepsTest, ATurnThatWouldTakeTooLongIsRefused) {
  CircuitSpec spec = LearnerSpec();
  spec.populations.push_back({"crowd", "rate", 100'000, {}, {}});
  Create(CreateRequest("a", spec));
  const uint64_t digest = Digest("a");
  const absl::Status status = TryStep(StepRequest("a", "ticks: 100000"));
  EXPECT_THAT(status, Fails(StatusCode::kResourceExhausted, "TURN_TOO_LONG"));
  EXPECT_EQ(DetailsOf(status).violations.at(0).field, "ticks");
  EXPECT_EQ(Digest("a"), digest);
}

TEST_F(StepsTest, AnObservationMustBeOfItsSpace) {
  Create("a");
  Step("a");
  const auto observe = [](const std::string& values) {
    return Proto<v1::StepRequest>("name: 'agents/a' observation: " + values);
  };
  ExpectFault(observe("[0, 0]"), "BAD_OBSERVATION", {"observation"});
  ExpectFault(observe("[0, 0, 0, 0]"), "BAD_OBSERVATION", {"observation"});
  ExpectFault(observe("[]"), "BAD_OBSERVATION", {"observation"});
  ExpectFault(observe("[0, 1.5, 0]"), "BAD_OBSERVATION", {"observation[1]"});
  ExpectFault(observe("[nan, 0, 0]"), "BAD_OBSERVATION", {"observation[0]"});
  ExpectFault(observe("[0, 0, -inf]"), "BAD_OBSERVATION", {"observation[2]"});
}

TEST_F(StepsTest, AnEndGivesNoAction) {
  Create("a");
  Step("a");
  v1::StepResponse end =
      Step(Proto<v1::StepRequest>("name: 'agents/a' end: TERMINATED rewards { value: 2 }"));
  EXPECT_EQ(end.action_size(), 0);
  EXPECT_EQ(end.episode(), 0u);
  EXPECT_EQ(end.step(), 1u);
  EXPECT_THAT(end.dispositions(), ElementsAre(v1::APPLIED));
  EXPECT_EQ(Step("a").episode(), 1u);
  end = Step("a", "end: TRUNCATED");
  EXPECT_EQ(end.action_size(), 0);
  EXPECT_EQ(end.episode(), 1u);
  const v1::AgentStats stats = Get("a").stats();
  EXPECT_EQ(stats.episodes(), 2u);
  EXPECT_EQ(stats.mean_return_episodes(), 2);
  EXPECT_DOUBLE_EQ(stats.mean_return(), 1.0);
  // The last observation bootstraps, so it is needed; after TERMINATED none is looked at.
  ExpectFault(Proto<v1::StepRequest>("name: 'agents/a' end: TRUNCATED"), "BAD_OBSERVATION",
              {"observation"});
  EXPECT_OK(TryStep(Proto<v1::StepRequest>("name: 'agents/a' end: TERMINATED observation: [nan]")));
  v1::StepRequest unknown = StepRequest("a");
  unknown.set_end(static_cast<v1::End>(5));
  ExpectFault(unknown, "BAD_FIELD", {"end"});
}

TEST_F(StepsTest, ARetriedStepIsAnsweredAgain) {
  Create("a");
  const v1::StepRequest request = StepRequest("a",
                                              "step: 0 request_id: 'call-1' rewards { value: 1 "
                                              "reward_id: 'r' } report: 'policy.probability'");
  const v1::StepResponse first = Step(request);
  const uint64_t digest = Digest("a");
  EXPECT_EQ(Step(request).SerializeAsString(), first.SerializeAsString());
  // Whatever else the call says.
  EXPECT_EQ(Step("a", "step: 77 request_id: 'call-1' report: 'no.such'").SerializeAsString(),
            first.SerializeAsString());
  EXPECT_EQ(Digest("a"), digest);
  EXPECT_EQ(env_.steps, 1u);
  EXPECT_EQ(env_.rewards, 1u);
  EXPECT_THAT(TryStep(StepRequest("a", "step: 0")), Fails(StatusCode::kAborted, "STEP_MISMATCH"));
  EXPECT_THAT(TryStep(StepRequest("a", "step: 0 request_id: 'call-2' rewards { }")),
              Fails(StatusCode::kAborted, "STEP_MISMATCH"));
  EXPECT_EQ(Digest("a"), digest);
  ExpectFault(StepRequest("a", "request_id: '" + std::string(64, 'x') + "'"), "BAD_FIELD",
              {"request_id"});
  ExpectFault(StepRequest("a", "run_id: '" + std::string(64, 'x') + "'"), "BAD_FIELD", {"run_id"});
}

TEST_F(StepsTest, AStepMismatchTellsTheNextIndex) {
  Create("a");
  Step("a");
  const absl::Status status = TryStep(StepRequest("a", "step: 5"));
  EXPECT_THAT(status, Fails(StatusCode::kAborted, "STEP_MISMATCH"));
  EXPECT_EQ(DetailsOf(status).metadata.at("step"), "1");
}

TEST_F(StepsTest, ANewRunStartsANewEpisode) {
  Create("a");
  EXPECT_EQ(Step("a", "run_id: 'one'").episode(), 0u);
  EXPECT_EQ(Step("a", "run_id: 'one'").episode(), 0u);
  EXPECT_EQ(Step("a", "run_id: 'two'").episode(), 1u);
}

TEST_F(StepsTest, RewardsMayBeForAnyChannel) {
  Create("a");
  const v1::StepResponse response = Step("a", R"(
    rewards { value: 1 } rewards { channel: 'reward' values: 2 } rewards { channel: 'teacher' values: [1, 2] })");
  EXPECT_THAT(response.dispositions(), ElementsAre(v1::APPLIED, v1::APPLIED, v1::APPLIED));
  EXPECT_EQ(Get("a").stats().rewards_applied(), 3u);
}

TEST_F(StepsTest, ARewardIsCheckedAtItsPath) {
  Create("a");
  Step("a");
  const auto fault = [&](const std::string& rewards, const std::string& reason,
                         const Fields& fields) {
    ExpectFault(StepRequest("a", rewards), reason, fields);
    ExpectRewardFault("name: 'agents/a' " + rewards, reason, fields);
  };
  fault("rewards { value: 1 } rewards { channel: 'nose' value: 1 }", "BAD_FIELD",
        {"rewards[1].channel"});
  fault("rewards { }", "BAD_FIELD", {"rewards[0].value"});
  fault("rewards { value: 1 values: 1 }", "BAD_FIELD", {"rewards[0].value"});
  fault("rewards { value: nan }", "BAD_REWARD", {"rewards[0].value"});
  fault("rewards { value: 1e300 }", "BAD_REWARD", {"rewards[0].value"});  // no finite float
  fault("rewards { values: [1, 2] }", "BAD_REWARD", {"rewards[0].values"});
  fault("rewards { channel: 'teacher' value: 1 }", "BAD_REWARD", {"rewards[0].value"});
  fault("rewards { channel: 'teacher' values: [1, inf] }", "BAD_REWARD", {"rewards[0].values[1]"});
  fault("rewards { value: 1 reward_id: '" + std::string(64, 'x') + "' }", "BAD_FIELD",
        {"rewards[0].reward_id"});
  std::string many;
  for (int i = 0; i < 1'025; ++i) many += "rewards { value: 1 } ";
  fault(many, "BAD_FIELD", {"rewards"});
  EXPECT_EQ(Get("a").stats().rewards_applied(), 0u);
}

TEST_F(StepsTest, RewardsComeByThemselves) {
  Create("a");
  Step("a");
  v1::RewardResponse response;
  EXPECT_OK(TryReward(
      "name: 'agents/a' rewards { value: 1 reward_id: 'r' } rewards { value: 1 reward_id: 'r' }",
      &response));
  EXPECT_THAT(response.dispositions(), ElementsAre(v1::APPLIED, v1::DUPLICATE));
  EXPECT_EQ(env_.rewards, 1u);
  ExpectRewardFault("name: 'agents/a'", "BAD_FIELD", {"rewards"});
  EXPECT_THAT(TryReward("name: 'agents/b' rewards { value: 1 }"),
              Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  EXPECT_THAT(TryReward("rewards { value: 1 }"), FailsFor("BAD_FIELD", Fields{"name"}));
}

TEST_F(StepsTest, AnAgentWithoutChannelsTakesNoReward) {
  CircuitSpec spec = LearnerSpec();
  spec.modulators.clear();
  spec.projections[0].rule = {};
  Create(CreateRequest("a", spec));
  ExpectFault(StepRequest("a", "rewards { value: 1 }"), "BAD_FIELD", {"rewards[0].channel"});
}

TEST_F(StepsTest, AFrozenAgentSaysSo) {
  v1::CreateAgentRequest request = CreateRequest("a");
  request.mutable_agent()->set_mode(v1::FROZEN);
  EXPECT_EQ(Create(request).mode(), v1::FROZEN);
  EXPECT_THAT(Step("a", "rewards { value: 1 reward_id: 'r' } rewards { value: 1 reward_id: 'r' }")
                  .dispositions(),
              ElementsAre(v1::NOT_LEARNING, v1::DUPLICATE));
  EXPECT_EQ(Get("a").stats().rewards_not_learning(), 1u);
  EXPECT_EQ(Get("a").stats().rewards_duplicate(), 1u);
}

TEST_F(StepsTest, ARewardMayNameItsStepOrEvent) {
  CircuitSpec spec = LearnerSpec();
  spec.reward_window = 2;
  Create(CreateRequest("a", spec));
  const v1::Event event = Step("a").event();
  EXPECT_EQ(event.step(), 0u);
  EXPECT_EQ(event.incarnation(), Get("a").incarnation());
  Step("a");
  const auto disposition = [&](const std::string& what) {
    v1::RewardResponse response;
    EXPECT_OK(TryReward("name: 'agents/a' rewards { value: 1 " + what + " }", &response));
    return response.dispositions(0);
  };
  const std::string incarnation = absl::StrCat("incarnation: ", event.incarnation());
  EXPECT_EQ(disposition("step: 0"), v1::APPLIED);
  EXPECT_EQ(disposition("event { step: 1 " + incarnation + " }"), v1::APPLIED);
  EXPECT_EQ(disposition("event { step: 1 incarnation: 5 }"), v1::UNKNOWN_EVENT);
  EXPECT_EQ(disposition("step: 9 reward_id: 'r'"), v1::UNKNOWN_EVENT);
  // What was not taken may come again.
  EXPECT_EQ(disposition("step: 1 reward_id: 'r'"), v1::APPLIED);
  EXPECT_EQ(disposition("step: 1 reward_id: 'r'"), v1::DUPLICATE);
  Step("a");
  EXPECT_THAT(Step("a", "rewards { value: 1 step: 0 } rewards { value: 1 }").dispositions(),
              ElementsAre(v1::EXPIRED, v1::APPLIED));
  const v1::AgentStats stats = Get("a").stats();
  EXPECT_EQ(stats.rewards_applied(), 4u);
  EXPECT_EQ(stats.rewards_unknown_event(), 2u);
  EXPECT_EQ(stats.rewards_expired(), 1u);
}

TEST_F(StepsTest, WithoutAWindowARewardNamesNoStep) {
  Create("a");
  Step("a");
  EXPECT_THAT(TryReward("name: 'agents/a' rewards { value: 1 step: 0 }"),
              Fails(StatusCode::kFailedPrecondition, "NO_REWARD_WINDOW"));
}

TEST_F(StepsTest, AShadowLearnsFromWhatIsDone) {
  v1::CreateAgentRequest request = CreateRequest("a");
  request.mutable_agent()->set_mode(v1::SHADOW);
  EXPECT_EQ(Create(request).mode(), v1::SHADOW);
  ExpectFault(StepRequest("a"), "BAD_FIELD", {"taken_action"});
  for (int i = 0; i < 200; ++i) Step("a", "taken_action: 2 rewards { value: 1 }");
  v1::StepRequest greedy = StepRequest("a", "taken_action: 0");
  greedy.set_greedy(true);
  v1::StepResponse response;
  ASSERT_OK(TryStep(greedy, &response));
  EXPECT_EQ(response.action(0), 2) << "its own choice is what it has seen rewarded";
  Step("a", "end: TERMINATED");
  Create("b");
  ExpectFault(StepRequest("b", "taken_action: 2"), "BAD_FIELD", {"taken_action"}, "b");
}

TEST_F(StepsTest, MasksForbidAlternatives) {
  Create("a");
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(Step("a", "action_masks { allowed: [false, false, true, false] }").action(0), 2);
    const float either =
        Step("a", "action_masks { port: 'action' allowed: [true, false, false, true] }").action(0);
    EXPECT_TRUE(either == 0 || either == 3) << either;
  }
  const auto fault = [&](const std::string& masks, const Fields& fields) {
    ExpectFault(StepRequest("a", masks), "BAD_FIELD", fields);
  };
  fault("action_masks { allowed: [true, true] }", {"action_masks[0].allowed"});
  fault("action_masks { allowed: [false, false, false, false] }", {"action_masks[0].allowed"});
  fault("action_masks { port: 'nose' allowed: [true, true, true, true] }",
        {"action_masks[0].port"});
  fault(
      "action_masks { allowed: [true, true, true, true] } action_masks { port: 'action' allowed: "
      "[true, true, true, true] }",
      {"action_masks[1].port"});
}

TEST_F(StepsTest, SeveralPortsGoByName) {
  Create(CreateRequest("a", TwoPortsSpec()));
  v1::StepRequest request = Proto<v1::StepRequest>("name: 'agents/a'");
  const double cue = 2;
  v1::Tensor* wide = request.add_inputs();
  wide->set_name("cue");
  wide->set_dtype(v1::Tensor::FLOAT64);
  wide->set_data(&cue, sizeof cue);
  *request.add_inputs() = Floats("eye", {0.25f, -0.5f});
  *request.add_action_masks() = Proto<v1::ActionMask>("port: 'move' allowed: [false, true, false]");
  const v1::StepResponse response = Step(request);
  EXPECT_EQ(response.action_size(), 0);
  ASSERT_EQ(response.actions_size(), 2);
  EXPECT_EQ(response.actions(0).name(), "move");
  EXPECT_EQ(response.actions(0).shape_size(), 0);
  EXPECT_THAT(FloatsOf(response.actions(0)), ElementsAre(1));
  EXPECT_EQ(response.actions(1).name(), "rates");
  EXPECT_THAT(response.actions(1).shape(), ElementsAre(2));
  EXPECT_THAT(FloatsOf(response.actions(1)), ElementsAre(0.25f, -0.5f));

  const auto fault = [&](const v1::StepRequest& changed, const std::string& reason,
                         const Fields& fields) { ExpectFault(changed, reason, fields); };
  v1::StepRequest changed = request;
  changed.mutable_inputs()->RemoveLast();
  fault(changed, "BAD_FIELD", {"inputs"});
  changed = request;
  *changed.add_inputs() = Floats("eye", {0, 0});
  fault(changed, "BAD_FIELD", {"inputs[2].name"});
  changed = request;
  changed.mutable_inputs(0)->set_name("nose");
  fault(changed, "BAD_FIELD", {"inputs[0].name"});
  changed = request;
  *changed.mutable_inputs(1) = Floats("eye", {0, 0, 0});
  fault(changed, "BAD_FIELD", {"inputs[1].shape"});
  changed.mutable_inputs(1)->clear_shape();
  fault(changed, "BAD_FIELD", {"inputs[1].data"});
  changed = request;
  changed.mutable_inputs(1)->set_dtype(v1::Tensor::UINT8);
  fault(changed, "BAD_FIELD", {"inputs[1].dtype"});
  changed = request;
  changed.add_observation(0);
  fault(changed, "BAD_FIELD", {"inputs"});
  changed.clear_inputs();
  fault(changed, "BAD_FIELD", {"observation"});
  // What core finds is named where the request has it.
  changed = request;
  *changed.mutable_inputs(1) = Floats("eye", {0, 7});
  fault(changed, "BAD_OBSERVATION", {"inputs[1].data[1]"});
  const double half = 0.5;
  changed = request;
  changed.mutable_inputs(0)->set_data(&half, sizeof half);
  fault(changed, "BAD_OBSERVATION", {"inputs[0].data[0]"});
  changed = request;
  changed.mutable_action_masks(0)->clear_port();
  fault(changed, "BAD_FIELD", {"action_masks[0].port"});
  changed.mutable_action_masks(0)->set_port("rates");
  fault(changed, "BAD_FIELD", {"action_masks[0].port"});
}

TEST_F(StepsTest, SeveralChoicesAreATensorOfIndices) {
  Create(CreateRequest("a", ChoicesSpec()));
  v1::StepRequest request = Proto<v1::StepRequest>(
      "name: 'agents/a' action_masks { port: 'pick' allowed: [false, true, true, false, false] }");
  *request.add_inputs() = Floats("digits", {1, 2});
  *request.add_inputs() = Floats("eye", {0.25f, -0.5f});
  const v1::StepResponse response = Step(request);
  ASSERT_EQ(response.actions_size(), 2);
  EXPECT_EQ(response.actions(0).name(), "pick");
  EXPECT_THAT(response.actions(0).shape(), ElementsAre(2));
  EXPECT_THAT(FloatsOf(response.actions(0)), ElementsAre(1, 0));
  EXPECT_THAT(FloatsOf(response.actions(1)), ElementsAre(0.25f, -0.5f));

  v1::StepRequest changed = request;
  *changed.mutable_inputs(0) = Floats("digits", {1, 3});
  ExpectFault(changed, "BAD_OBSERVATION", {"inputs[0].data[1]"});
  const auto mask = [&](const std::string& text) {
    changed = request;
    *changed.mutable_action_masks(0) = Proto<v1::ActionMask>("port: 'pick' allowed: " + text);
    ExpectFault(changed, "BAD_FIELD", {"action_masks[0].allowed"});
  };
  mask("[true, true, false, false, false]");
  mask("[false, false, true, true, true]");
  mask("[true, true]");
}

TEST_F(StepsTest, ASinglePortMayComeAsATensorToo) {
  Create("a");
  Create("b");
  v1::StepRequest request = Proto<v1::StepRequest>("name: 'agents/b'");
  *request.add_inputs() = Floats("observation", {0.5f, -0.25f, 1.0f});
  EXPECT_EQ(Step(request).action(0), Step("a").action(0));
  EXPECT_EQ(Digest("a"), Digest("b"));
  // A shape whose product overflows is no shape.
  request.mutable_inputs(0)->clear_shape();
  for (int i = 0; i < 3; ++i) request.mutable_inputs(0)->add_shape(int64_t{1} << 62);
  ExpectFault(request, "BAD_FIELD", {"inputs[0].shape"}, "b");
}

TEST_F(StepsTest, AReportGivesWhatWasAskedInItsOrder) {
  Create("a");
  const v1::StepResponse response =
      Step("a", "report: ['policy.probability', 'weights.weights', 'agent.steps']");
  ASSERT_EQ(response.report_size(), 3);
  const v1::Tensor& probability = response.report(0);
  EXPECT_EQ(probability.name(), "policy.probability");
  EXPECT_THAT(probability.shape(), ElementsAre(4));
  EXPECT_EQ(probability.dtype(), v1::Tensor::FLOAT32);
  float sum = 0;
  for (const float p : FloatsOf(probability)) sum += p;
  EXPECT_NEAR(sum, 1, 1e-6);
  EXPECT_THAT(response.report(1).shape(), ElementsAre(4, 3));
  EXPECT_EQ(response.report(2).dtype(), v1::Tensor::UINT64);
  uint64_t steps = 0;
  std::memcpy(&steps, response.report(2).data().data(), sizeof steps);
  EXPECT_EQ(steps, 1u);
  ExpectFault(StepRequest("a", "report: ['agent.steps', 'policy', 'policy.nose', '']"), "BAD_FIELD",
              {"report[1]", "report[2]", "report[3]"});
  std::string much;
  for (int i = 0; i < 656; ++i) much += "report: 'agent.returns' ";
  ExpectFault(StepRequest("a", much), "BAD_FIELD", {"report"});
}

TEST_F(StepsTest, ResetEpisodeEndsItWithoutALastObservation) {
  Create("a");
  Step("a", "rewards { value: 3 }");
  v1::ResetEpisodeResponse response;
  const auto reset = [&](const std::string& text) {
    return handlers::ResetEpisode(call_, Proto<v1::ResetEpisodeRequest>(text), &response);
  };
  const uint64_t digest = Digest("a");
  EXPECT_THAT(reset("name: 'agents/a' step: 0"), Fails(StatusCode::kAborted, "STEP_MISMATCH"));
  EXPECT_EQ(Digest("a"), digest);
  EXPECT_OK(reset("name: 'agents/a' step: 1"));
  EXPECT_EQ(response.episode(), 1u);
  EXPECT_EQ(Get("a").stats().steps(), 1u);
  EXPECT_EQ(Step("a").episode(), 1u);
  EXPECT_THAT(reset("name: 'agents/b'"), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
}

TEST_F(StepsTest, AnAgentMustBeThere) {
  EXPECT_THAT(TryStep(StepRequest("a")), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  EXPECT_THAT(TryStep({}), FailsFor("BAD_FIELD", Fields{"name"}));
}

}  // namespace
}  // namespace phasic::testing

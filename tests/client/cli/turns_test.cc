// SPDX-License-Identifier: Apache-2.0
//
// phasic agents step, reward, reset.
#include "tests/client/cli/commands_test.h"

namespace phasic {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TurnsTest : public CommandTest {};

TEST_F(TurnsTest, StepPrintsActionReportAndIndices) {
  v1::StepResponse response;
  response.add_action(1);
  v1::Tensor& report = *response.add_report();
  report.set_name("policy.probability");
  report.add_shape(2);
  report.set_dtype(v1::Tensor::FLOAT32);
  report.set_data(Bytes<float>({0.25f, 0.75f}));
  response.set_step(17);
  response.set_episode(2);
  response.set_time(18);
  response.add_dispositions(v1::APPLIED);
  response.add_dispositions(v1::DUPLICATE);
  fake_.agents.step.answers = {response};
  EXPECT_EQ(Output({"agents", "step", "cart", "--obs", "0.1,-0.2"}),
            "action              1\n"
            "policy.probability  0.25 0.75\n"
            "rewards             APPLIED DUPLICATE\n"
            "step                17\n"
            "episode             2\n"
            "time                18 ms\n");
  const auto fields = JsonIn(Output({"--json", "agents", "step", "cart", "--obs", "0"})).fields();
  EXPECT_EQ(fields.at("action").list_value().values(0).number_value(), 1);
  EXPECT_EQ(fields.at("step").number_value(), 17);
  EXPECT_EQ(fields.at("dispositions").list_value().values(1).string_value(), "DUPLICATE");
  const auto& tensor = fields.at("report").list_value().values(0).struct_value().fields();
  EXPECT_EQ(tensor.at("values").list_value().values(1).number_value(), 0.75);
}

TEST_F(TurnsTest, StepSendsAllItIsGiven) {
  Output({"agents",
          "step",
          "cart",
          "--obs",
          "0.1,-2e-1,3",
          "--reward",
          "0.5",
          "--reward",
          "errors=1,0",
          "--end",
          "truncated",
          "--step",
          "18446744073709551615",
          "--greedy",
          "--ticks",
          "7",
          "--mask",
          "1,0,1",
          "--report",
          "policy.probability,critic.value",
          "--report",
          "td.delta",
          "--request-id",
          "r",
          "--run-id",
          "u"});
  const v1::StepRequest& request = fake_.agents.step.requests.at(0);
  EXPECT_EQ(request.name(), "agents/cart");
  EXPECT_THAT(request.observation(), ElementsAre(0.1f, -0.2f, 3.0f));
  EXPECT_THAT(request.inputs(), IsEmpty());
  ASSERT_EQ(request.rewards_size(), 2);
  EXPECT_EQ(request.rewards(0).channel(), "");
  EXPECT_EQ(request.rewards(0).value(), 0.5);
  EXPECT_EQ(request.rewards(1).channel(), "errors");
  EXPECT_THAT(request.rewards(1).values(), ElementsAre(1, 0));
  EXPECT_EQ(request.end(), v1::TRUNCATED);
  EXPECT_EQ(request.step(), 18446744073709551615u);
  EXPECT_TRUE(request.greedy());
  EXPECT_EQ(request.ticks(), 7);
  ASSERT_EQ(request.action_masks_size(), 1);
  EXPECT_EQ(request.action_masks(0).port(), "");
  EXPECT_THAT(request.action_masks(0).allowed(), ElementsAre(true, false, true));
  EXPECT_THAT(request.report(), ElementsAre("policy.probability", "critic.value", "td.delta"));
  EXPECT_EQ(request.request_id(), "r");
  EXPECT_EQ(request.run_id(), "u");
}

TEST_F(TurnsTest, StepWithNothingButAnEnd) {
  v1::StepResponse response;
  response.set_step(3);
  fake_.agents.step.answers = {response};
  EXPECT_EQ(Output({"agents", "step", "cart", "--reward", "-1", "--end", "terminated"}),
            "step     3\n"
            "episode  0\n"
            "time     0 ms\n");
  const v1::StepRequest& request = fake_.agents.step.requests.at(0);
  EXPECT_EQ(request.end(), v1::TERMINATED);
  EXPECT_FALSE(request.has_step());
  EXPECT_THAT(request.observation(), IsEmpty());
  EXPECT_EQ(request.rewards(0).value(), -1);
}

TEST_F(TurnsTest, StepAddressesSeveralPorts) {
  v1::StepResponse response;
  v1::Tensor& arm = *response.add_actions();
  arm.set_name("arm");
  arm.set_dtype(v1::Tensor::FLOAT64);
  arm.set_data(Bytes<double>({0.5, -0.25}));
  fake_.agents.step.answers = {response};
  const std::string out = Output(
      {"agents", "step", "cart", "--obs", "left=1,2", "--obs", "right=0.1", "--mask", "arm=0,1"});
  EXPECT_EQ(out, "arm      0.5 -0.25\nstep     0\nepisode  0\ntime     0 ms\n");
  const v1::StepRequest& request = fake_.agents.step.requests.at(0);
  ASSERT_EQ(request.inputs_size(), 2);
  EXPECT_EQ(request.inputs(0).name(), "left");
  EXPECT_THAT(request.inputs(0).shape(), ElementsAre(2));
  EXPECT_EQ(request.inputs(0).dtype(), v1::Tensor::FLOAT64);
  EXPECT_EQ(request.inputs(1).data(), Bytes<double>({0.1}));
  EXPECT_EQ(request.action_masks(0).port(), "arm");
}

TEST_F(TurnsTest, StepRefusesABadCommandLine) {
  EXPECT_EQ(Fault(2, {"agents", "step", "cart", "--obs", "1,x"}),
            "phasic: --obs: \"x\" is not a number\n");
  EXPECT_EQ(Fault(2, {"agents", "step", "cart", "--obs", "1", "--obs", "2"}),
            "phasic: --obs: with several, each is PORT=NUMBERS\n");
  EXPECT_EQ(Fault(2, {"agents", "step", "cart", "--reward", "a=b"}),
            "phasic: --reward: \"b\" is not a number\n");
  EXPECT_EQ(Fault(2, {"agents", "step", "cart", "--mask", "1,2"}),
            "phasic: --mask: \"1,2\" has other than 0 and 1\n");
  EXPECT_EQ(Fault(2, {"agents", "step", "cart", "--end", "done"}),
            "phasic: agents step: --end: \"done\" is not one of terminated, truncated; "
            "see phasic agents step --help\n");
  EXPECT_THAT(fake_.agents.step.requests, IsEmpty());
}

TEST_F(TurnsTest, StepTellsReasonAndFieldOfAnError) {
  fake_.agents.step.status =
      ErrorMaker(grpc::StatusCode::INVALID_ARGUMENT, "the observation is bad", "BAD_OBSERVATION")
          .Violation("observation", "3 values, but port \"observation\" takes 4")
          .Make();
  EXPECT_EQ(Fault(1, {"agents", "step", "cart", "--obs", "1,2,3"}),
            "phasic: INVALID_ARGUMENT BAD_OBSERVATION: observation: 3 values, but port "
            "\"observation\" takes 4\n");
}

TEST_F(TurnsTest, RewardSaysWhatBecameOfIt) {
  v1::RewardResponse response;
  response.add_dispositions(v1::NOT_LEARNING);
  fake_.agents.reward.answers = {response};
  EXPECT_EQ(Output({"agents", "reward", "cart", "-0.5"}), "NOT_LEARNING\n");
  EXPECT_EQ(Output({"agents", "reward", "cart", "1,2", "--channel", "errors", "--reward-id", "x",
                    "--json"}),
            "{\n  \"dispositions\": [\n    \"NOT_LEARNING\"\n  ]\n}\n");
  const auto& requests = fake_.agents.reward.requests;
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].name(), "agents/cart");
  EXPECT_EQ(requests[0].rewards(0).value(), -0.5);
  EXPECT_EQ(requests[0].rewards(0).channel(), "");
  EXPECT_EQ(requests[1].rewards(0).channel(), "errors");
  EXPECT_EQ(requests[1].rewards(0).reward_id(), "x");
  EXPECT_THAT(requests[1].rewards(0).values(), ElementsAre(1, 2));
  EXPECT_EQ(Fault(2, {"agents", "reward", "cart", "lots"}),
            "phasic: VALUE: \"lots\" is not a number\n");
}

TEST_F(TurnsTest, ResetNamesTheEpisodeThatBegins) {
  v1::ResetEpisodeResponse response;
  response.set_episode(4);
  fake_.agents.reset.answers = {response};
  EXPECT_EQ(Output({"agents", "reset", "cart", "--step", "9"}), "episode 4 begins\n");
  EXPECT_EQ(Output({"agents", "reset", "cart", "--json"}), "{\n  \"episode\": 4\n}\n");
  EXPECT_EQ(fake_.agents.reset.requests.at(0).step(), 9u);
  EXPECT_FALSE(fake_.agents.reset.requests.at(1).has_step());
}

}  // namespace
}  // namespace phasic

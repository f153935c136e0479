// SPDX-License-Identifier: Apache-2.0
//
// phasic agents watch.
#include "tests/client/cli/commands_test.h"

namespace phasic {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class WatchTest : public CommandTest {
 protected:
  WatchTest() {
    fake_.agents.watch = [](const v1::WatchRequest&, std::vector<v1::WatchResponse>* answer) {
      answer->resize(3);
      v1::WatchResponse& first = answer->at(0);
      first.set_dropped(12);
      auto* step = first.add_moments();
      step->set_step(40);
      step->set_episode(3);
      step->set_end(v1::TRUNCATED);
      auto* reward = step->add_rewards();
      reward->set_channel("reward");
      reward->add_values(0.5);
      reward->set_disposition(v1::DUPLICATE);
      auto* level = step->add_modulators();
      level->set_component("reward");
      level->set_variable("level");
      for (int i = 0; i < 9; ++i) level->add_values(0.25f);
      auto* spikes = step->add_spikes();
      spikes->set_component("hidden");
      spikes->add_units(4);
      auto* alone = first.add_moments();
      alone->set_next_step(41);
      first.mutable_stats()->set_steps(41);
      first.mutable_stats()->set_mean_return(9.5);
      auto* size = first.add_weights();
      size->set_component("synapses");
      size->set_variable("weights");
      size->mutable_summary()->set_norm(3);
      return grpc::Status::OK;
    };
  }
};

TEST_F(WatchTest, TellsEachMomentInALine) {
  EXPECT_EQ(Output({"agents", "watch", "a", "--messages", "1"}),
            "(12 more came too fast)\n"
            "step 40  episode 3  reward 0.5 (DUPLICATE)  TRUNCATED  "
            "reward.level 0.25 0.25 0.25 0.25 0.25 0.25 0.25 0.25 ... (9)  hidden fires 1\n"
            "before step 41  episode 0\n"
            "now at step 41  mean return 9.5  |synapses.weights| 3\n");
}

TEST_F(WatchTest, AsksForWhatIsWanted) {
  Output({"agents", "watch", "a", "--topic", "weights", "--topic", "spikes", "--stride", "5",
          "--rate", "2.5"});
  const v1::WatchRequest& request = fake_.agents.watches.at(0);
  EXPECT_EQ(request.name(), "agents/a");
  EXPECT_THAT(request.topics(),
              testing::ElementsAre(v1::WatchRequest::WEIGHTS, v1::WatchRequest::SPIKES));
  EXPECT_EQ(request.stride(), 5);
  EXPECT_EQ(request.max_rate(), 2.5);
  EXPECT_THAT(Fault(2, {"agents", "watch", "a", "--topic", "smells"}), HasSubstr("--topic"));
}

TEST_F(WatchTest, OneDocumentForEachMessage) {
  const auto one = JsonIn(Output({"agents", "watch", "a", "--json", "--messages", "1"})).fields();
  EXPECT_EQ(one.at("dropped").number_value(), 12);
  EXPECT_THAT(one.at("moments").list_value().values(), SizeIs(2));
}

}  // namespace
}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "tests/server/support/handler_test.h"

namespace phasic::testing {
namespace {

using ServerInfoTest = HandlerTest;

TEST_F(ServerInfoTest, TellsLimitsAndLoad) {
  Create("a");
  Step("a", "rewards { value: 1 }");
  Step("a", "rewards { value: 1 }");
  v1::ServerInfo info;
  ASSERT_OK(handlers::GetServerInfo(call_, {}, &info));
  EXPECT_EQ(info.version(), PHASIC_VERSION);
  EXPECT_EQ(info.api_version(), "v1");
  EXPECT_EQ(info.store(), "memory");
  EXPECT_EQ(info.isa(), NameOf(ActiveIsa()));
  EXPECT_EQ(info.limits().max_message_bytes(), env_.limits.max_message_bytes);
  EXPECT_EQ(info.limits().max_waiting_turns(), 1'024);
  EXPECT_EQ(info.limits().max_observation_values(), 65'536);
  EXPECT_EQ(info.limits().max_ticks_per_step(), 100'000);
  EXPECT_EQ(info.limits().max_agent_bytes(), int64_t{1} << 30);
  EXPECT_EQ(info.limits().max_neurons(), 10'000'000);
  EXPECT_EQ(info.limits().max_synapses(), 256'000'000);
  EXPECT_EQ(info.limits().max_total_bytes(), env_.limits.max_total_bytes);
  EXPECT_EQ(info.limits().max_agents(), env_.limits.max_agents);
  EXPECT_EQ(info.limits().max_rewards_per_request(), 1'024);
  EXPECT_EQ(info.limits().max_turn_seconds(), 10);
  EXPECT_EQ(info.load().agents(), 1);
  EXPECT_GE(info.load().agent_bytes(), Get("a").size().max_bytes());
  EXPECT_EQ(info.load().steps(), 2u);
  EXPECT_EQ(info.load().rewards(), 2u);
  EXPECT_GT(info.load().uptime_seconds(), 0);
}

}  // namespace
}  // namespace phasic::testing

// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/server/support/handler_test.h"

namespace phasic::testing {
namespace {

using absl::StatusCode;
using Labels = std::map<std::string, std::string>;

class UpdateAgentTest : public HandlerTest {
 protected:
  void SetUp() override {
    v1::CreateAgentRequest request = CreateRequest("a");
    (*request.mutable_agent()->mutable_labels())["env"] = "maze";
    (*request.mutable_agent()->mutable_labels())["owner"] = "ada";
    Create(request);
  }
  absl::Status TryUpdate(const std::string& agent, const std::string& mask, v1::Agent* response) {
    v1::UpdateAgentRequest request;
    *request.mutable_agent() = Proto<v1::Agent>("name: 'agents/a' " + agent);
    *request.mutable_update_mask() = Proto<google::protobuf::FieldMask>(mask);
    return handlers::UpdateAgent(call_, request, response);
  }
  v1::Agent Update(const std::string& agent, const std::string& mask = "") {
    v1::Agent response;
    EXPECT_OK(TryUpdate(agent, mask, &response));
    EXPECT_EQ(response.DebugString(), Get("a").DebugString());
    return response;
  }
  void ExpectFault(const std::string& agent, const std::string& mask, const Fields& fields) {
    const std::string before = Get("a").DebugString();
    const uint64_t digest = Digest("a");
    v1::Agent response;
    EXPECT_THAT(TryUpdate(agent, mask, &response), FailsFor("BAD_FIELD", fields)) << agent << mask;
    EXPECT_EQ(Get("a").DebugString(), before);
    EXPECT_EQ(Digest("a"), digest);
  }
  static Labels LabelsOf(const v1::Agent& agent) {
    return {agent.labels().begin(), agent.labels().end()};
  }
};

TEST_F(UpdateAgentTest, WithoutAMaskChangesWhatIsSet) {
  v1::Agent agent = Update("mode: FROZEN");
  EXPECT_EQ(agent.mode(), v1::FROZEN);
  EXPECT_EQ(agent.labels().size(), 2u);
  agent = Update("live_parameters { key: 'weights.learning_rate' value: 0.75 }");
  EXPECT_EQ(agent.mode(), v1::FROZEN);
  EXPECT_EQ(agent.live_parameters().at("weights.learning_rate"), 0.75);
  EXPECT_EQ(agent.live_parameters().at("policy.temperature"), 1);
  agent = Update("labels { key: 'only' value: 'this' }");
  EXPECT_EQ(LabelsOf(agent), (Labels{{"only", "this"}}));
}

TEST_F(UpdateAgentTest, TheMaskSaysWhat) {
  const std::string all =
      "mode: FROZEN labels { key: 'env' value: 'cart' } labels { key: 'new' value: 'n' } "
      "live_parameters { key: 'weights.learning_rate' value: 0.5 } "
      "live_parameters { key: 'policy.temperature' value: 2 }";
  v1::Agent agent = Update(all, "paths: 'labels.env'");
  EXPECT_EQ(LabelsOf(agent), (Labels{{"env", "cart"}, {"owner", "ada"}}));
  EXPECT_EQ(agent.mode(), v1::LEARNING);
  agent = Update(all, "paths: 'live_parameters.policy.temperature'");
  EXPECT_EQ(agent.live_parameters().at("policy.temperature"), 2);
  EXPECT_NE(agent.live_parameters().at("weights.learning_rate"), 0.5);
  agent = Update(all, "paths: ['mode', 'live_parameters']");
  EXPECT_EQ(agent.mode(), v1::FROZEN);
  EXPECT_EQ(agent.live_parameters().at("weights.learning_rate"), 0.5);
  // A label that is named but not given goes; all of them when 'labels' is.
  agent = Update("", "paths: 'labels.env'");
  EXPECT_EQ(LabelsOf(agent), (Labels{{"owner", "ada"}}));
  agent = Update("", "paths: 'labels'");
  EXPECT_TRUE(agent.labels().empty());
}

TEST_F(UpdateAgentTest, IsAllOrNothing) {
  ExpectFault("mode: FROZEN live_parameters { key: 'weights.learning_rate' value: -1 }", "",
              {"agent.live_parameters.weights.learning_rate"});
  ExpectFault("mode: FROZEN live_parameters { key: 'no.such' value: 1 }", "",
              {"agent.live_parameters.no.such"});
  ExpectFault("live_parameters { key: 'policy.temperature' value: nan }", "",
              {"agent.live_parameters.policy.temperature"});
  ExpectFault("mode: FROZEN", "paths: ['mode', 'seed']", {"update_mask.paths[1]"});
  ExpectFault("mode: FROZEN", "paths: '*'", {"update_mask.paths[0]"});
  ExpectFault("", "paths: 'mode'", {"agent.mode"});
  ExpectFault("", "paths: 'live_parameters.policy.temperature'",
              {"agent.live_parameters.policy.temperature"});
  ExpectFault("labels { key: 'Bad' value: '' }", "", {"agent.labels.Bad"});
  ExpectFault("", "paths: 'labels.Bad'", {"agent.labels.Bad"});
}

TEST_F(UpdateAgentTest, AnEtagMustHold) {
  const std::string etag = Get("a").etag();
  const v1::Agent changed = Update("mode: FROZEN etag: '" + etag + "'");
  EXPECT_NE(changed.etag(), etag);
  v1::Agent response;
  EXPECT_THAT(TryUpdate("mode: LEARNING etag: '" + etag + "'", "", &response),
              Fails(StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_EQ(Get("a").mode(), v1::FROZEN);
  // Steps leave it as it is.
  Step("a");
  EXPECT_EQ(Get("a").etag(), changed.etag());
}

TEST_F(UpdateAgentTest, ALiveParameterActsAtOnceAndIsState) {
  const uint64_t before = Digest("a");
  Update("live_parameters { key: 'weights.learning_rate' value: 0 }");
  EXPECT_NE(Digest("a"), before);
  const auto weights = [&] {
    FakeWriter<v1::InspectResponse> writer;
    EXPECT_OK(handlers::Inspect(
        call_,
        Proto<v1::InspectRequest>("name: 'agents/a' component: 'weights' variable: 'weights'"),
        &writer));
    return writer.messages.at(0).data();
  };
  Step("a");
  const std::string held = weights();
  Step("a", "rewards { value: 1 }");
  EXPECT_EQ(weights(), held);
  Update("live_parameters { key: 'weights.learning_rate' value: 0.5 }");
  Step("a", "rewards { value: 1 }");
  EXPECT_NE(weights(), held);
}

TEST_F(UpdateAgentTest, TheAgentMustBeThere) {
  v1::UpdateAgentRequest request;
  request.mutable_agent()->set_name("agents/none");
  v1::Agent response;
  EXPECT_THAT(handlers::UpdateAgent(call_, request, &response),
              Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  request.mutable_agent()->set_name("none");
  EXPECT_THAT(handlers::UpdateAgent(call_, request, &response),
              FailsFor("BAD_FIELD", Fields{"agent.name"}));
}

}  // namespace
}  // namespace phasic::testing

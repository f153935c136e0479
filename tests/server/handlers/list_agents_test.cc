// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <thread>

#include "tests/server/support/handler_test.h"

namespace phasic::testing {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Names = std::vector<std::string>;

class ListAgentsTest : public HandlerTest {
 protected:
  void Make(const std::string& id, const std::string& env = "") {
    v1::CreateAgentRequest request = CreateRequest(id);
    if (!env.empty()) (*request.mutable_agent()->mutable_labels())["env"] = env;
    Create(request);
  }
  void Delete(const std::string& id) {
    v1::DeleteAgentRequest request;
    request.set_name("agents/" + id);
    google::protobuf::Empty response;
    EXPECT_OK(handlers::DeleteAgent(call_, request, &response));
  }
  absl::Status TryList(const v1::ListAgentsRequest& request) {
    v1::ListAgentsResponse response;
    return handlers::ListAgents(call_, request, &response);
  }
  // One page; leaves the request at the next.
  Names Page(v1::ListAgentsRequest* request) {
    v1::ListAgentsResponse response;
    EXPECT_OK(handlers::ListAgents(call_, *request, &response));
    request->set_page_token(response.next_page_token());
    Names ids;
    for (const v1::Agent& agent : response.agents())
      ids.push_back(agent.name().substr(agent.name().rfind('/') + 1));
    return ids;
  }
};

TEST_F(ListAgentsTest, PagesInTheOrderOfIds) {
  for (const char* id : {"d", "b", "e", "a", "c"}) Make(id);
  auto request = Proto<v1::ListAgentsRequest>("page_size: 2");
  EXPECT_THAT(Page(&request), ElementsAre("a", "b"));
  EXPECT_THAT(Page(&request), ElementsAre("c", "d"));
  EXPECT_FALSE(request.page_token().empty());
  EXPECT_THAT(Page(&request), ElementsAre("e"));
  EXPECT_TRUE(request.page_token().empty());
  // A last page that is full has no next one.
  request = Proto<v1::ListAgentsRequest>("page_size: 5");
  EXPECT_EQ(Page(&request).size(), 5u);
  EXPECT_TRUE(request.page_token().empty());
}

TEST_F(ListAgentsTest, ATokenStaysRightWhileAgentsComeAndGo) {
  for (const char* id : {"b", "d", "f", "h"}) Make(id);
  auto request = Proto<v1::ListAgentsRequest>("page_size: 2");
  EXPECT_THAT(Page(&request), ElementsAre("b", "d"));
  Delete("d");  // the very one that the token names
  Delete("b");
  Make("a");
  Make("e");
  EXPECT_THAT(Page(&request), ElementsAre("e", "f"));
  EXPECT_THAT(Page(&request), ElementsAre("h"));
}

TEST_F(ListAgentsTest, WhoStaysIsListedOnceWhileOthersComeAndGo) {
  for (int i = 0; i < 40; ++i) Make("stay-" + std::to_string(100 + i));
  std::atomic<bool> stop = false;
  std::thread churn([&] {
    for (int i = 0; !stop; ++i) {
      const std::string id = "stay-" + std::to_string(100 + i % 40) + "-guest";
      Make(id);
      Delete(id);
    }
  });
  for (int round = 0; round < 10; ++round) {
    auto request = Proto<v1::ListAgentsRequest>("page_size: 7");
    Names stayed, all;
    do {
      for (const std::string& id : Page(&request)) {
        all.push_back(id);
        if (id.find("guest") == std::string::npos) stayed.push_back(id);
      }
    } while (!request.page_token().empty());
    EXPECT_EQ(stayed.size(), 40u);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
    EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
  }
  stop = true;
  churn.join();
}

TEST_F(ListAgentsTest, TheFilterIsOnLabels) {
  Make("a", "maze");
  Make("b", "cart");
  Make("c", "maze");
  Make("d");
  auto request = Proto<v1::ListAgentsRequest>("filter: 'labels.env = \"maze\"' page_size: 1");
  EXPECT_THAT(Page(&request), ElementsAre("a"));
  EXPECT_THAT(Page(&request), ElementsAre("c"));
  EXPECT_TRUE(request.page_token().empty());
  request = Proto<v1::ListAgentsRequest>("filter: 'labels.env=\"maze\" AND labels.owner=\"ada\"'");
  EXPECT_THAT(Page(&request), IsEmpty());
}

TEST_F(ListAgentsTest, ATokenIsForItsQuestionOnly) {
  for (const char* id : {"a", "b", "c"}) Make(id, "maze");
  auto request = Proto<v1::ListAgentsRequest>("page_size: 1");
  Page(&request);
  request.set_page_size(2);  // may change
  EXPECT_OK(TryList(request));
  request.set_filter("labels.env = \"maze\"");
  EXPECT_THAT(TryList(request), FailsFor("BAD_FIELD", Fields{"page_token"}));
  request = Proto<v1::ListAgentsRequest>("page_token: 'made up'");
  EXPECT_THAT(TryList(request), FailsFor("BAD_FIELD", Fields{"page_token"}));
}

TEST_F(ListAgentsTest, RequestsAreChecked) {
  EXPECT_THAT(TryList(Proto<v1::ListAgentsRequest>("page_size: -1")),
              FailsFor("BAD_FIELD", Fields{"page_size"}));
  EXPECT_THAT(TryList(Proto<v1::ListAgentsRequest>("filter: 'env = maze'")),
              FailsFor("BAD_FIELD", Fields{"filter"}));
  EXPECT_THAT(TryList(Proto<v1::ListAgentsRequest>("parent: 'tenants/other'")),
              Fails(StatusCode::kNotFound, "TENANT_NOT_FOUND"));
  EXPECT_OK(TryList(Proto<v1::ListAgentsRequest>("parent: 'tenants/default' page_size: 100000")));
}

TEST_F(ListAgentsTest, FiftyComeUnlessToldOtherwise) {
  for (int i = 0; i < 51; ++i) Make("a-" + std::to_string(i));
  v1::ListAgentsRequest request;
  EXPECT_EQ(Page(&request).size(), 50u);
  EXPECT_EQ(Page(&request).size(), 1u);
}

TEST(ListAgents, APageStaysASendableMessage) {
  Env env({.max_message_bytes = 100'000});
  const Call call{env, {}};
  CircuitSpec spec = LearnerSpec();
  // Ports whose bounds alone take 30 kB on the wire.
  spec.inputs[0].space =
      Space::Box({2'000}, std::vector<double>(2'000, -1), std::vector<double>(2'000, 1));
  spec.populations[0].size = 2'000;
  for (int i = 0; i < 5; ++i) {
    v1::CreateAgentRequest request;
    convert::ToProto(spec, request.mutable_agent()->mutable_circuit());
    v1::Agent agent;
    ASSERT_OK(handlers::CreateAgent(call, request, &agent));
    ASSERT_GT(agent.ByteSizeLong(), 30'000u);
  }
  v1::ListAgentsRequest request;
  int agents = 0, pages = 0;
  do {
    v1::ListAgentsResponse response;
    ASSERT_OK(handlers::ListAgents(call, request, &response));
    EXPECT_LT(response.ByteSizeLong(), 100'000u);
    EXPECT_GT(response.agents_size(), 0);
    agents += response.agents_size();
    ++pages;
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(agents, 5);
  EXPECT_GT(pages, 1);
}

}  // namespace
}  // namespace phasic::testing

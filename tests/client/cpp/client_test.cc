// SPDX-License-Identifier: Apache-2.0
//
// Calls: what is sent, pages, deadlines, and who is tried again.
#include "tests/client/cpp/client_test.h"

#include <cstdlib>
#include <future>
#include <thread>

namespace phasic::client {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(Target, ComesFromTheEnvironment) {
  ::unsetenv(kTargetVariable);
  EXPECT_EQ(DefaultTarget(), "127.0.0.1:50051");
  ::setenv(kTargetVariable, "unix:/run/phasic", 1);
  EXPECT_EQ(DefaultTarget(), "unix:/run/phasic");
  ::unsetenv(kTargetVariable);
  EXPECT_TRUE(absl::IsInvalidArgument(Client::Connect("localhost").status()));
}

TEST(Connect, NeedsAServerThatAnswers) {
  const absl::Status status = Client::Connect("unix:/no/such/socket").status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_TRUE(IsUnanswered(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("no phasic server at unix:/no/such/socket: "));
  FakeServer fake;
  EXPECT_TRUE(Client::Connect(fake.address()).ok());
  EXPECT_THAT(fake.server.info.requests, SizeIs(1));
}

TEST(Connect, WaitsIfAskedTo) {
  const std::string address = FakeServer().address();  // a port that is free now
  std::thread later;
  std::unique_ptr<FakeServer> fake;
  later = std::thread([&] {
    absl::SleepFor(absl::Milliseconds(300));
    fake = std::make_unique<FakeServer>(address);
  });
  Options options;
  options.wait = absl::Seconds(20);
  EXPECT_TRUE(Client::Connect(address, options).ok());
  later.join();
}

TEST_F(ClientTest, SendsEachCall) {
  v1::CreateAgentRequest create;
  create.set_agent_id("cart");
  fake_.agents.create.answers = {MakeAgent("cart", 7)};
  EXPECT_EQ(client_.CreateAgent(create)->uid(), 7u);
  EXPECT_EQ(fake_.agents.create.requests.at(0).agent_id(), "cart");

  v1::GetAgentRequest get;
  get.set_name("agents/cart");
  EXPECT_TRUE(client_.GetAgent(get).ok());
  EXPECT_EQ(fake_.agents.get.requests.at(0).name(), "agents/cart");

  v1::DeleteAgentRequest remove;
  remove.set_etag("abc");
  EXPECT_TRUE(client_.DeleteAgent(remove).ok());
  EXPECT_EQ(fake_.agents.remove.requests.at(0).etag(), "abc");

  fake_.server.info.answers = {v1::ServerInfo()};
  fake_.server.info.answers[0].set_version("9.9");
  EXPECT_EQ(client_.GetServerInfo()->version(), "9.9");
}

TEST_F(ClientTest, GivesNewAgentsARequestIdUnlessTheyHaveOne) {
  v1::BatchCreateAgentsRequest batch;
  batch.add_requests();
  batch.add_requests()->set_request_id("mine");
  EXPECT_TRUE(client_.BatchCreateAgents(batch).ok());
  const auto& sent = fake_.agents.batch_create.requests.at(0).requests();
  EXPECT_THAT(sent[0].request_id(), SizeIs(16));
  EXPECT_EQ(sent[1].request_id(), "mine");
  EXPECT_TRUE(client_.CloneAgent({}).ok());
  EXPECT_THAT(fake_.agents.clone.requests.at(0).request_id(), Not(IsEmpty()));
}

v1::ListAgentsResponse Page(const std::vector<std::string>& ids, const std::string& next) {
  v1::ListAgentsResponse page;
  for (const std::string& id : ids) *page.add_agents() = MakeAgent(id);
  page.set_next_page_token(next);
  return page;
}

TEST_F(ClientTest, ListsEveryPage) {
  fake_.agents.list.answers = {Page({"a", "b"}, "after-b"), Page({}, "still"), Page({"c"}, "")};
  v1::ListAgentsRequest request;
  request.set_filter("labels.env = \"x\"");
  const auto page = client_.ListAgents(request);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->next_page_token(), "after-b");
  fake_.agents.list.requests.clear();

  const auto all = client_.AllAgents(request);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->agents_size(), 3);
  EXPECT_EQ(all->next_page_token(), "");
  ASSERT_THAT(fake_.agents.list.requests, SizeIs(3));
  EXPECT_EQ(fake_.agents.list.requests[2].page_token(), "still");
  EXPECT_EQ(fake_.agents.list.requests[2].filter(), "labels.env = \"x\"");
}

TEST_F(ClientTest, ListsNoMoreThanWanted) {
  fake_.agents.list.answers = {Page({"a", "b"}, "after-b"), Page({"c", "d"}, "after-d")};
  const auto some = client_.AllAgents({}, 3);
  ASSERT_TRUE(some.ok());
  EXPECT_EQ(some->agents_size(), 3);
  EXPECT_THAT(fake_.agents.list.requests, SizeIs(2));
  EXPECT_EQ(fake_.agents.list.requests[0].page_size(), 3);
}

TEST_F(ClientTest, RefusesToTurnInACircle) {
  fake_.agents.list.answers = {Page({"a"}, "again")};
  EXPECT_TRUE(absl::IsDataLoss(client_.AllAgents().status()));
}

TEST_F(ClientTest, PutsInspectionsTogether) {
  fake_.agents.inspect = [](const v1::InspectRequest&, std::vector<v1::InspectResponse>* answer) {
    v1::InspectResponse part;
    part.set_variable("weights");
    part.mutable_summary()->set_count(3);
    part.set_data(std::string(8, '\0'));
    answer->push_back(part);
    part.clear_summary();
    part.set_data(std::string("\0\0\x80\x3f", 4));
    answer->push_back(part);
    part.set_variable("bias");
    part.mutable_summary()->set_count(1);
    answer->push_back(part);
    return grpc::Status::OK;
  };
  const auto variables = client_.Inspect({});
  ASSERT_TRUE(variables.ok());
  ASSERT_THAT(*variables, SizeIs(2));
  const Variable* weights = Find(*variables, "weights");
  ASSERT_NE(weights, nullptr);
  EXPECT_EQ(weights->numbers.size(), 3u);
  EXPECT_EQ(weights->numbers[2], 1.0);
  EXPECT_EQ(Find(*variables, "none"), nullptr);
}

TEST_F(ClientTest, TriesAgainWhatIsSafe) {
  fake_.agents.get.failures = {Draining(), Draining()};
  EXPECT_TRUE(client_.GetAgent({}).ok());
  EXPECT_THAT(fake_.agents.get.requests, SizeIs(3));

  fake_.agents.create.failures = {Draining()};
  EXPECT_TRUE(client_.CreateAgent({}).ok());
  ASSERT_THAT(fake_.agents.create.requests, SizeIs(2));
  EXPECT_EQ(fake_.agents.create.requests[0].request_id(),
            fake_.agents.create.requests[1].request_id());

  fake_.agents.step.failures = {Draining()};
  v1::StepRequest step;
  step.set_step(0);
  EXPECT_TRUE(client_.Step(step).ok());

  fake_.agents.reward.failures = {Draining()};
  v1::RewardRequest reward;
  reward.add_rewards()->set_reward_id("one");
  EXPECT_TRUE(client_.Reward(reward).ok());
}

TEST_F(ClientTest, TriesOnceWhatIsNot) {
  fake_.agents.step.failures = {Draining()};
  EXPECT_EQ(ReasonOf(client_.Step({}).status()), "DRAINING");
  v1::RewardRequest reward;
  reward.add_rewards()->set_reward_id("one");
  reward.add_rewards();
  fake_.agents.reward.failures = {Draining()};
  EXPECT_EQ(ReasonOf(client_.Reward(reward).status()), "DRAINING");
  v1::UpdateAgentRequest update;
  update.mutable_agent()->set_etag("abc");
  fake_.agents.update.failures = {Draining()};
  EXPECT_EQ(ReasonOf(client_.UpdateAgent(update).status()), "DRAINING");
  fake_.agents.remove.failures = {Draining()};
  EXPECT_EQ(ReasonOf(client_.DeleteAgent({})), "DRAINING");
  fake_.agents.reset.failures = {Draining()};
  EXPECT_EQ(ReasonOf(client_.ResetEpisode({}).status()), "DRAINING");
  EXPECT_THAT(fake_.agents.reset.requests, SizeIs(1));
}

TEST_F(ClientTest, DoesNotInsistOnOtherErrors) {
  for (const grpc::StatusCode code :
       {grpc::StatusCode::ABORTED, grpc::StatusCode::INTERNAL, grpc::StatusCode::NOT_FOUND,
        grpc::StatusCode::RESOURCE_EXHAUSTED}) {
    fake_.agents.get.requests.clear();
    fake_.agents.get.failures = {{code, "no"}};
    EXPECT_EQ(static_cast<int>(client_.GetAgent({}).status().code()), code);
    EXPECT_THAT(fake_.agents.get.requests, SizeIs(1));
  }
}

TEST_F(ClientTest, WaitsAsLongAsTheServerAsks) {
  rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(300000000);
  fake_.agents.get.failures = {
      ErrorMaker(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many wait", "TOO_MANY_WAITING")
          .Detail(retry)
          .Make()};
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(client_.GetAgent({}).ok());
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(300));
}

TEST_F(ClientTest, GivesUpAfterSoManyTries) {
  fake_.agents.get.status = Draining();
  Options options;
  options.max_tries = 3;
  const Client client(fake_.address(), options);
  EXPECT_EQ(ReasonOf(client.GetAgent({}).status()), "DRAINING");
  EXPECT_THAT(fake_.agents.get.requests, SizeIs(3));
}

TEST_F(ClientTest, TheDeadlineIsForAllTriesTogether) {
  Options options;
  options.max_tries = 1000;
  size_t tries = 0;
  // Where a busy machine has no time for a second try, again with more.
  for (options.timeout = absl::Milliseconds(200); tries < 2; options.timeout *= 2) {
    FakeServer fake;
    fake.agents.get.status = Draining();
    const Client client(fake.address(), options);
    const absl::Time begin = absl::Now();
    const absl::Status status = client.GetAgent({}).status();
    // So many tries would take more than an hour.
    ASSERT_LT(absl::Now() - begin, options.timeout + absl::Minutes(1));
    // What the last try said; one that the deadline cut off may have been done all the same.
    ASSERT_TRUE(ReasonOf(status) == "DRAINING" || IsUnanswered(status)) << status;
    fake.Stop();  // and with it whatever was cut off
    tries = fake.agents.get.requests.size();
  }
}

TEST_F(ClientTest, EndsSilenceAtTheDeadline) {
  std::promise<void> ended;
  fake_.agents.inspect = [silence = ended.get_future().share()](const v1::InspectRequest&,
                                                                std::vector<v1::InspectResponse>*) {
    silence.wait();
    return grpc::Status::OK;
  };
  Options options;
  options.timeout = absl::Milliseconds(100);
  const absl::Status status = Client(fake_.address(), options).Inspect({}).status();
  ended.set_value();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status));
  EXPECT_TRUE(IsUnanswered(status));
  EXPECT_EQ(status.message(), "no answer from " + fake_.address() + " within 100ms");
}

TEST(Restart, IsWaitedFor) {
  auto fake = std::make_unique<FakeServer>();
  const std::string address = fake->address();
  const Client client(address, QuickOptions());
  EXPECT_TRUE(client.GetServerInfo().ok());
  fake.reset();
  std::thread later([&] {
    absl::SleepFor(absl::Milliseconds(200));
    fake = std::make_unique<FakeServer>(address);
  });
  EXPECT_TRUE(client.GetServerInfo().ok());
  later.join();
}

}  // namespace
}  // namespace phasic::client

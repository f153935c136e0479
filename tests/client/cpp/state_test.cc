// SPDX-License-Identifier: Apache-2.0
//
// States as a whole: writes, snapshots, files that come and go, the server's store.
#include <array>
#include <sstream>

#include "client/cpp/agent_handle.h"
#include "tests/client/cpp/client_test.h"

namespace phasic::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class StateTest : public ClientTest {
 protected:
  AgentHandle agent_{client_, MakeAgent("cart", 1, 5)};
};

TEST_F(StateTest, Writes) {
  v1::WriteStateResponse response;
  response.set_digest(99);
  fake_.agents.write.answers = {response};
  const std::array weights = {0.5, -1.0};
  const std::array writes = {Fill("actor.weights", 0, 10, 20), Values("actor.bias", weights, 3)};
  EXPECT_EQ(*agent_.WriteState(writes), 99u);
  EXPECT_EQ(*agent_.WriteState(writes, agent_.next_step()), 99u);
  const auto& sent = fake_.agents.write.requests;
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[0].name(), "tenants/default/agents/cart");
  EXPECT_FALSE(sent[0].has_step());
  EXPECT_EQ(sent[1].step(), 5u);
  ASSERT_THAT(sent[0].writes(), SizeIs(2));
  EXPECT_TRUE(sent[0].writes(0).has_fill());
  EXPECT_EQ(sent[0].writes(0).offset(), 10);
  EXPECT_EQ(sent[0].writes(0).count(), 20);
  EXPECT_EQ(sent[0].writes(1).offset(), 3);
  EXPECT_THAT(sent[0].writes(1).values(), ElementsAre(0.5, -1));
}

TEST_F(StateTest, AWriteIsTriedAgainOnlyWithItsStep) {
  const std::array writes = {Fill("actor.weights", 0)};
  fake_.agents.write.failures = {Draining(), Draining(), Draining()};
  EXPECT_EQ(ReasonOf(agent_.WriteState(writes).status()), "DRAINING");
  v1::WriteStateRequest request;
  request.set_step(5);
  request.set_etag("e1");
  EXPECT_EQ(ReasonOf(client_.WriteState(request).status()), "DRAINING");
  EXPECT_THAT(fake_.agents.write.requests, SizeIs(2));
  EXPECT_TRUE(agent_.WriteState(writes, 5).ok());
  EXPECT_THAT(fake_.agents.write.requests, SizeIs(4));
}

TEST_F(StateTest, Snapshots) {
  v1::Snapshot made;
  made.set_note("a note");
  fake_.agents.snapshot.answers = {made};
  fake_.agents.snapshot.failures = {Draining()};
  EXPECT_EQ(agent_.CreateSnapshot("first", "a note")->note(), "a note");
  const auto& sent = fake_.agents.snapshot.requests;
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[1].parent(), "tenants/default/agents/cart");
  EXPECT_EQ(sent[1].snapshot_id(), "first");
  EXPECT_THAT(sent[1].request_id(), Not(IsEmpty()));
  EXPECT_EQ(sent[0].request_id(), sent[1].request_id());

  v1::ListSnapshotsResponse first;
  first.add_snapshots();
  first.set_next_page_token("t");
  v1::ListSnapshotsResponse second;
  second.add_snapshots();
  fake_.agents.list_snapshots.answers = {first, second};
  EXPECT_THAT(client_.AllSnapshots({})->snapshots(), SizeIs(2));
  EXPECT_EQ(fake_.agents.list_snapshots.requests.at(1).page_token(), "t");

  v1::GetSnapshotRequest get;
  get.set_name("agents/cart/snapshots/first");
  fake_.agents.get_snapshot.failures = {Draining()};
  EXPECT_TRUE(client_.GetSnapshot(get).ok());
  EXPECT_EQ(fake_.agents.get_snapshot.requests.at(1).name(), get.name());

  v1::DeleteSnapshotRequest remove;
  fake_.agents.remove_snapshot.failures = {Draining()};
  EXPECT_EQ(ReasonOf(client_.DeleteSnapshot(remove)), "DRAINING");
  EXPECT_TRUE(client_.DeleteSnapshot(remove).ok());
}

TEST_F(StateTest, RestoreTakesOverTheIndex) {
  fake_.agents.restore.failures = {Draining()};
  fake_.agents.restore.answers = {MakeAgent("cart", 1, 2)};
  EXPECT_EQ(ReasonOf(agent_.RestoreSnapshot("first")), "DRAINING");
  EXPECT_EQ(agent_.next_step(), 5u);
  EXPECT_TRUE(agent_.RestoreSnapshot("first").ok());
  EXPECT_EQ(agent_.next_step(), 2u);
  EXPECT_EQ(fake_.agents.restore.requests.at(1).name(),
            "tenants/default/agents/cart/snapshots/first");
}

TEST_F(StateTest, ExportsIntoAStream) {
  fake_.agents.exports.chunks = {"all", " of", " it"};
  fake_.agents.exports.failures = {Draining()};
  std::ostringstream out;
  EXPECT_TRUE(agent_.Export(Into(out), "first").ok());
  EXPECT_EQ(out.str(), "all of it");
  EXPECT_EQ(fake_.agents.exports.requests.at(1).snapshot(), "first");
}

TEST_F(StateTest, ABrokenExportIsNotBegunAnew) {
  fake_.agents.exports.chunks = {"half"};
  fake_.agents.exports.status = Draining();
  std::ostringstream out;
  EXPECT_EQ(ReasonOf(agent_.Export(Into(out))), "DRAINING");
  EXPECT_EQ(out.str(), "half");
  EXPECT_THAT(fake_.agents.exports.requests, SizeIs(1));
}

TEST_F(StateTest, TheSinksErrorEndsTheCall) {
  fake_.server.backup.chunks = std::vector<std::string>(100, std::string(100000, 'x'));
  int calls = 0;
  const absl::Status status = client_.BackupStore([&](const std::string&) {
    return ++calls == 3 ? absl::ResourceExhaustedError("full") : absl::OkStatus();
  });
  EXPECT_EQ(status, absl::ResourceExhaustedError("full"));
  EXPECT_EQ(calls, 3);
  std::ostringstream closed;
  closed.setstate(std::ios::badbit);
  EXPECT_TRUE(absl::IsDataLoss(client_.BackupStore(Into(closed))));
}

TEST_F(StateTest, WatchesUntilTheOnlookerHasSeenEnough) {
  int calls = 0;
  fake_.agents.watch = [&](const v1::WatchRequest&, std::vector<v1::WatchResponse>* answer) {
    if (++calls == 1) return Draining();
    answer->resize(3);
    for (uint64_t i = 0; i < 3; ++i) (*answer)[i].mutable_stats()->set_steps(i);
    return ErrorMaker(grpc::StatusCode::NOT_FOUND, "gone", "AGENT_NOT_FOUND").Make();
  };
  v1::WatchRequest request;
  request.set_name("agents/a");
  std::vector<uint64_t> seen;
  const auto look = [&](const v1::WatchResponse& message) {
    seen.push_back(message.stats().steps());
    return seen.size() == 2 ? absl::CancelledError("enough") : absl::OkStatus();
  };
  EXPECT_EQ(client_.Watch(request, look), absl::CancelledError("enough"));
  EXPECT_THAT(seen, testing::ElementsAre(0, 1));
  EXPECT_EQ(fake_.agents.watches.at(1).name(), "agents/a");
  seen = {7, 7, 7};
  EXPECT_EQ(ReasonOf(client_.Watch(request, look)), "AGENT_NOT_FOUND");
  EXPECT_THAT(seen, testing::ElementsAre(7, 7, 7, 0, 1, 2));
}

TEST_F(StateTest, ImportsFromAStream) {
  fake_.agents.import.answers = {MakeAgent("twin", 2)};
  const std::string file(5 << 20, 'x');
  std::istringstream in(file);
  v1::ImportAgentRequest first;
  first.set_agent_id("twin");
  first.set_durability(v1::SYNCED);
  EXPECT_EQ(client_.ImportAgent(first, From(in))->uid(), 2u);
  const v1::ImportAgentRequest& sent = fake_.agents.import.requests.at(0);
  EXPECT_EQ(sent.agent_id(), "twin");
  EXPECT_EQ(sent.durability(), v1::SYNCED);
  EXPECT_THAT(sent.request_id(), SizeIs(16));
  EXPECT_EQ(sent.data(), file);
}

TEST_F(StateTest, AnImportIsTriedOnce) {
  fake_.agents.import.failures = {Draining()};
  std::istringstream in("x");
  EXPECT_EQ(ReasonOf(client_.ImportAgent({}, From(in)).status()), "DRAINING");
  EXPECT_THAT(fake_.agents.import.requests, SizeIs(1));
}

TEST_F(StateTest, TheSourcesErrorEndsTheCall) {
  int calls = 0;
  const auto agent = client_.ImportAgent({}, [&]() -> absl::StatusOr<std::string> {
    if (++calls == 3) return absl::DataLossError("torn");
    return std::string("x");
  });
  EXPECT_EQ(agent.status(), absl::DataLossError("torn"));
  std::istringstream closed;
  closed.setstate(std::ios::failbit);
  EXPECT_TRUE(absl::IsDataLoss(client_.ImportAgent({}, From(closed)).status()));
}

TEST_F(StateTest, ChecksTheStore) {
  v1::CheckStoreResponse response;
  response.add_faults("record 9: of no agent");
  fake_.server.check.answers = {response};
  fake_.server.check.failures = {Draining()};
  EXPECT_THAT(client_.CheckStore()->faults(), ElementsAre("record 9: of no agent"));
  EXPECT_THAT(fake_.server.check.requests, SizeIs(2));
}

TEST_F(StateTest, TransfersHaveATimeOfTheirOwn) {
  // Long past when a call begins.
  Options options;
  options.timeout = -absl::Hours(1);
  const Client patient(fake_.address(), options);
  EXPECT_TRUE(absl::IsDeadlineExceeded(patient.GetServerInfo().status()));
  EXPECT_TRUE(patient.CheckStore().ok());
  std::ostringstream out;
  EXPECT_TRUE(patient.BackupStore(Into(out)).ok());
  options.transfer_timeout = -absl::Hours(1);
  EXPECT_TRUE(absl::IsDeadlineExceeded(Client(fake_.address(), options).CheckStore().status()));
}

}  // namespace
}  // namespace phasic::client

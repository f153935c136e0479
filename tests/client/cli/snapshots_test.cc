// SPDX-License-Identifier: Apache-2.0
//
// phasic snapshots create, list, get, restore, delete.
#include "tests/client/cli/commands_test.h"

namespace phasic {
namespace {

using testing::HasSubstr;

class SnapshotsTest : public CommandTest {
 protected:
  SnapshotsTest() {
    snapshot_.set_name("tenants/default/agents/cart/snapshots/first");
    snapshot_.mutable_create_time()->set_seconds(1700000000);
    snapshot_.set_step(1234);
    snapshot_.set_incarnation(11);
    snapshot_.set_digest(18446744073709551615u);
    snapshot_.set_bytes(30720);
    snapshot_.set_note("before the lesion");
  }

  v1::Snapshot snapshot_;
};

constexpr char kText[] =
    "snapshot     first\n"
    "name         tenants/default/agents/cart/snapshots/first\n"
    "created      2023-11-14T22:13:20Z\n"
    "next step    1234\n"
    "incarnation  11\n"
    "digest       18446744073709551615\n"
    "size         30 KiB\n"
    "note         before the lesion\n";

TEST_F(SnapshotsTest, CreateShowsTheSnapshot) {
  fake_.agents.snapshot.answers = {snapshot_};
  EXPECT_EQ(Output({"snapshots", "create", "cart", "first", "--note", "before the lesion",
                    "--request-id", "r1"}),
            kText);
  const v1::CreateSnapshotRequest& request = fake_.agents.snapshot.requests.at(0);
  EXPECT_EQ(request.parent(), "agents/cart");
  EXPECT_EQ(request.snapshot_id(), "first");
  EXPECT_EQ(request.note(), "before the lesion");
  EXPECT_EQ(request.request_id(), "r1");
  const auto json = JsonIn(Output({"snapshots", "create", "cart", "--json"})).fields();
  EXPECT_EQ(json.at("digest").string_value(), "18446744073709551615");
  EXPECT_EQ(fake_.agents.snapshot.requests.at(1).snapshot_id(), "");
}

TEST_F(SnapshotsTest, GetNamesTheSnapshot) {
  fake_.agents.get_snapshot.answers = {snapshot_};
  EXPECT_EQ(Output({"snapshots", "get", "tenants/lab/agents/cart", "first"}), kText);
  EXPECT_EQ(fake_.agents.get_snapshot.requests.at(0).name(),
            "tenants/lab/agents/cart/snapshots/first");
}

TEST_F(SnapshotsTest, ListShowsEveryPage) {
  v1::ListSnapshotsResponse first;
  *first.add_snapshots() = snapshot_;
  first.set_next_page_token("t");
  v1::ListSnapshotsResponse second;
  second.add_snapshots()->set_name("tenants/default/agents/cart/snapshots/second");
  fake_.agents.list_snapshots.answers = {first, second};
  EXPECT_EQ(Output({"snapshots", "list", "cart"}),
            "SNAPSHOT  CREATED               NEXT STEP    SIZE  NOTE\n"
            "first     2023-11-14T22:13:20Z       1234  30 KiB  before the lesion\n"
            "second    -                             0     0 B\n");
  ASSERT_EQ(fake_.agents.list_snapshots.requests.size(), 2u);
  EXPECT_EQ(fake_.agents.list_snapshots.requests[0].parent(), "agents/cart");
  EXPECT_EQ(fake_.agents.list_snapshots.requests[1].page_token(), "t");
  const auto json = JsonIn(Output({"snapshots", "list", "cart", "--json"})).fields();
  EXPECT_EQ(json.at("snapshots").list_value().values_size(), 1);
}

TEST_F(SnapshotsTest, RestoreShowsTheAgent) {
  v1::Agent agent;
  agent.set_name("tenants/default/agents/cart");
  fake_.agents.restore.answers = {agent};
  EXPECT_THAT(Output({"snapshots", "restore", "cart", "first", "--etag", "e1"}),
              HasSubstr("agent           cart\n"));
  EXPECT_EQ(fake_.agents.restore.requests.at(0).name(), "agents/cart/snapshots/first");
  EXPECT_EQ(fake_.agents.restore.requests.at(0).etag(), "e1");
}

TEST_F(SnapshotsTest, DeleteSaysWhatItDeleted) {
  EXPECT_EQ(Output({"snapshots", "delete", "cart", "first"}), "deleted first\n");
  EXPECT_EQ(fake_.agents.remove_snapshot.requests.at(0).name(), "agents/cart/snapshots/first");
  EXPECT_EQ(Output({"snapshots", "delete", "cart", "first", "--json"}), "{}\n");
}

TEST_F(SnapshotsTest, EveryErrorOfTheServerEndsWithOne) {
  const grpc::Status error =
      ErrorMaker(grpc::StatusCode::FAILED_PRECONDITION, "this server keeps nothing", "NO_STORE")
          .Make();
  fake_.agents.snapshot.status = error;
  fake_.agents.get_snapshot.status = error;
  fake_.agents.list_snapshots.status = error;
  fake_.agents.restore.status = error;
  fake_.agents.remove_snapshot.status = error;
  const std::string text = "phasic: FAILED_PRECONDITION NO_STORE: this server keeps nothing\n";
  EXPECT_EQ(Fault(1, {"snapshots", "create", "cart"}), text);
  EXPECT_EQ(Fault(1, {"snapshots", "get", "cart", "s"}), text);
  EXPECT_EQ(Fault(1, {"snapshots", "list", "cart"}), text);
  EXPECT_EQ(Fault(1, {"snapshots", "restore", "cart", "s"}), text);
  EXPECT_EQ(Fault(1, {"snapshots", "delete", "cart", "s"}), text);
}

}  // namespace
}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/server/support/handler_test.h"

namespace phasic::testing {
namespace {

using absl::StatusCode;

// Handlers over a store in a folder that is gone at the end.
class SnapshotsTest : public ::testing::Test {
 protected:
  SnapshotsTest() {
    std::filesystem::create_directories(folder_);
    env_ = std::make_unique<Env>(
        ServerLimits{},
        *store::Open("sqlite://" + (folder_ / "phasic.db").string(), {.numerics = 1}));
    call_.emplace(Call{*env_, {}});
    v1::CreateAgentRequest request;
    request.set_agent_id("a");
    convert::ToProto(LearnerSpec(), request.mutable_agent()->mutable_circuit());
    v1::Agent agent;
    EXPECT_OK(handlers::CreateAgent(*call_, request, &agent));
    EXPECT_EQ(agent.durability(), v1::JOURNALED);
  }
  ~SnapshotsTest() override {
    call_.reset();
    env_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::vector<float> Step(const std::string& id) {
    v1::StepResponse response;
    EXPECT_OK(Await<handlers::StepJob>(
        *call_,
        Proto<v1::StepRequest>("name: 'agents/" + id +
                               "' observation: [0.5, -0.25, 1] rewards { value: 0.5 }"),
        &response));
    return {response.action().begin(), response.action().end()};
  }
  uint64_t Digest(const std::string& id) {
    v1::Agent agent;
    EXPECT_OK(handlers::GetAgent(
        *call_, Proto<v1::GetAgentRequest>("name: 'agents/" + id + "' view: FULL"), &agent));
    return agent.digest();
  }
  absl::StatusOr<v1::Snapshot> Snapshot(const std::string& more) {
    v1::Snapshot snapshot;
    const absl::Status status = handlers::CreateSnapshot(
        *call_, Proto<v1::CreateSnapshotRequest>("parent: 'agents/a' " + more), &snapshot);
    if (!status.ok()) return status;
    return snapshot;
  }
  absl::Status Restore(const std::string& name, const std::string& etag = "") {
    v1::RestoreSnapshotRequest request;
    request.set_name(name);
    request.set_etag(etag);
    v1::Agent agent;
    return handlers::RestoreSnapshot(*call_, request, &agent);
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("phasic-snapshots-" + std::to_string(getpid()));
  std::unique_ptr<Env> env_;
  std::optional<Call> call_;
};

TEST_F(SnapshotsTest, AnImportedAgentIsAsDurableAsTheExportedUnlessToldOtherwise) {
  v1::CreateAgentRequest request;
  request.set_agent_id("synced");
  convert::ToProto(LearnerSpec(), request.mutable_agent()->mutable_circuit());
  request.mutable_agent()->set_durability(v1::SYNCED);
  v1::Agent agent;
  ASSERT_OK(handlers::CreateAgent(*call_, request, &agent));
  FakeWriter<v1::ExportAgentResponse> writer;
  ASSERT_OK(handlers::ExportAgent(*call_, Proto<v1::ExportAgentRequest>("name: 'agents/synced'"),
                                  &writer));
  const auto bring = [&](const Call& call, const std::string& first) {
    FakeReader<v1::ImportAgentRequest> reader;
    reader.messages = {Proto<v1::ImportAgentRequest>(first)};
    for (const auto& part : writer.messages) {
      reader.messages.emplace_back().set_data(part.data());
    }
    v1::Agent imported;
    EXPECT_OK(handlers::ImportAgent(call, reader, &imported));
    return imported.durability();
  };
  EXPECT_EQ(bring(*call_, ""), v1::SYNCED);
  EXPECT_EQ(bring(*call_, "durability: SNAPSHOT"), v1::SNAPSHOT);
  Env forgetful{ServerLimits{}};
  EXPECT_EQ(bring(Call{forgetful, {}}, ""), v1::EPHEMERAL);
}

TEST_F(SnapshotsTest, AnAgentGoesOnFromItsSnapshot) {
  for (int i = 0; i < 3; ++i) Step("a");
  const uint64_t digest = Digest("a");
  const auto snapshot = Snapshot("snapshot_id: 's' note: 'before the lesion'");
  ASSERT_OK(snapshot);
  EXPECT_EQ(snapshot->name(), "tenants/default/agents/a/snapshots/s");
  EXPECT_EQ(snapshot->step(), 3u);
  EXPECT_EQ(snapshot->digest(), digest);
  EXPECT_GT(snapshot->bytes(), 100);
  const std::vector<float> action = Step("a");
  EXPECT_NE(Digest("a"), digest);
  EXPECT_THAT(Restore("agents/a/snapshots/s", "stale"),
              Fails(StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_NE(Digest("a"), digest);
  ASSERT_OK(Restore(snapshot->name()));
  EXPECT_EQ(Digest("a"), digest);
  EXPECT_EQ(Step("a"), action);
  v1::Snapshot got;
  ASSERT_OK(handlers::GetSnapshot(
      *call_, Proto<v1::GetSnapshotRequest>("name: 'agents/a/snapshots/s'"), &got));
  EXPECT_EQ(got.note(), "before the lesion");
}

TEST_F(SnapshotsTest, ACloneMayBeginWithOne) {
  Step("a");
  const uint64_t digest = Digest("a");
  ASSERT_OK(Snapshot("snapshot_id: 's'"));
  Step("a");
  v1::Agent clone;
  ASSERT_OK(handlers::CloneAgent(
      *call_, Proto<v1::CloneAgentRequest>("name: 'agents/a' agent_id: 'b' snapshot: 's'"),
      &clone));
  EXPECT_EQ(Digest("b"), digest);
  EXPECT_EQ(clone.stats().steps(), 1u);
  EXPECT_THAT(
      handlers::CloneAgent(
          *call_, Proto<v1::CloneAgentRequest>("name: 'agents/a' snapshot: 'none'"), &clone),
      Fails(StatusCode::kNotFound, "SNAPSHOT_NOT_FOUND"));
  Step("b");
}

TEST_F(SnapshotsTest, ARetryMakesNoSecond) {
  const auto first = Snapshot("request_id: 'q'"), again = Snapshot("request_id: 'q'");
  ASSERT_OK(first);
  EXPECT_EQ(again->name(), first->name());
  EXPECT_NE(Snapshot("request_id: 'r'")->name(), first->name());
  ASSERT_OK(Snapshot("snapshot_id: 's'"));
  EXPECT_THAT(Snapshot("snapshot_id: 's'"), Fails(StatusCode::kAlreadyExists, "SNAPSHOT_EXISTS"));
}

TEST_F(SnapshotsTest, ListsAPageAtATimeAndForgetsWhatIsDeleted) {
  for (const char* id : {"c", "a", "b"}) {
    ASSERT_OK(Snapshot(std::string("snapshot_id: '") + id + "'"));
  }
  google::protobuf::Empty empty;
  const auto doomed = Proto<v1::DeleteSnapshotRequest>("name: 'agents/a/snapshots/b'");
  ASSERT_OK(handlers::DeleteSnapshot(*call_, doomed, &empty));
  EXPECT_THAT(handlers::DeleteSnapshot(*call_, doomed, &empty),
              Fails(StatusCode::kNotFound, "SNAPSHOT_NOT_FOUND"));
  v1::ListSnapshotsRequest request =
      Proto<v1::ListSnapshotsRequest>("parent: 'agents/a' page_size: 1");
  std::vector<std::string> names;
  do {
    v1::ListSnapshotsResponse page;
    ASSERT_OK(handlers::ListSnapshots(*call_, request, &page));
    for (const v1::Snapshot& snapshot : page.snapshots()) names.push_back(snapshot.name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(names, (std::vector<std::string>{"tenants/default/agents/a/snapshots/a",
                                             "tenants/default/agents/a/snapshots/c"}));
}

TEST_F(SnapshotsTest, TooManyAreRefused) {
  for (int i = 0; i < limits::kMaxSnapshots; ++i) ASSERT_OK(Snapshot(""));
  EXPECT_THAT(Snapshot(""), Fails(StatusCode::kResourceExhausted, "TOO_MANY_SNAPSHOTS"));
}

TEST_F(SnapshotsTest, WhatCannotBeIsSaid) {
  EXPECT_THAT(Snapshot("snapshot_id: 'Not-An-Id'"), FailsFor("BAD_FIELD", Fields{"snapshot_id"}));
  EXPECT_THAT(Snapshot("note: '" + std::string(64, 'x') + "'"),
              FailsFor("BAD_FIELD", Fields{"note"}));
  EXPECT_THAT(Restore("agents/a"), FailsFor("BAD_FIELD", Fields{"name"}));
  EXPECT_THAT(Restore("agents/a/snapshots/none"),
              Fails(StatusCode::kNotFound, "SNAPSHOT_NOT_FOUND"));
  EXPECT_THAT(Restore("agents/b/snapshots/s"), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
}

TEST_F(SnapshotsTest, TheStoreIsCheckedAndCopied) {
  Step("a");
  ASSERT_OK(Snapshot("snapshot_id: 's'"));
  v1::CheckStoreResponse report;
  ASSERT_OK(handlers::CheckStore(*call_, {}, &report));
  EXPECT_EQ(report.agents(), 1);
  EXPECT_EQ(report.snapshots(), 1);
  EXPECT_EQ(report.records(), 1);
  EXPECT_EQ(report.faults_size(), 0);
  FakeWriter<v1::BackupStoreResponse> writer;
  ASSERT_OK(handlers::BackupStore(*call_, {}, &writer));
  std::string copy;
  for (const auto& message : writer.messages) copy += message.data();
  EXPECT_TRUE(copy.starts_with("SQLite format 3"));
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    EXPECT_EQ(entry.path().filename().string().find("backup"), std::string::npos);
  }
}

class NoStoreTest : public HandlerTest {};

TEST_F(NoStoreTest, NothingIsKeptWithoutAStore) {
  EXPECT_EQ(Create("a").durability(), v1::EPHEMERAL);
  v1::CreateAgentRequest request = CreateRequest("b");
  request.mutable_agent()->set_durability(v1::SYNCED);
  v1::Agent agent;
  EXPECT_THAT(handlers::CreateAgent(call_, request, &agent),
              FailsFor("BAD_FIELD", Fields{"agent.durability"}));
  v1::Snapshot snapshot;
  EXPECT_THAT(handlers::CreateSnapshot(
                  call_, Proto<v1::CreateSnapshotRequest>("parent: 'agents/a'"), &snapshot),
              Fails(StatusCode::kFailedPrecondition, "NO_STORE"));
  v1::CheckStoreResponse report;
  EXPECT_THAT(handlers::CheckStore(call_, {}, &report),
              Fails(StatusCode::kFailedPrecondition, "NO_STORE"));
  FakeWriter<v1::BackupStoreResponse> writer;
  EXPECT_THAT(handlers::BackupStore(call_, {}, &writer),
              Fails(StatusCode::kFailedPrecondition, "NO_STORE"));
}

}  // namespace
}  // namespace phasic::testing

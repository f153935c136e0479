// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "server/store/store.h"
#include "tests/server/store/support/folder.h"
#include "tests/server/store/support/workload.h"

namespace phasic::store::testing {
namespace {

using BackupTest = StoreTest;
using CheckTest = StoreTest;

TEST_F(BackupTest, IsTheStoreAsOfThen) {
  std::mt19937_64 random(1);
  Model model;
  for (int i = 0; i < 30; ++i) {
    const Batch batch = NextBatch(model, &random);
    ASSERT_OK(store_->Commit(batch));
    model.Apply(batch);
  }
  const Folder other;
  ASSERT_OK(store_->Backup(other.file()));
  ASSERT_OK(store_->Commit(NextBatch(model, &random)));
  auto copy = Open(other.uri(), {});
  ASSERT_OK(copy);
  EXPECT_EQ(TextOf(copy->get()), model.Text());
  // Nothing else lies beside it.
  copy->reset();
  for (const auto& entry : std::filesystem::directory_iterator(other.path())) {
    EXPECT_TRUE(entry.path() == other.file() || entry.path() == other.file() + ".lock")
        << entry.path();
  }
}

TEST_F(BackupTest, TakesNoOtherFilesPlace) {
  const Folder other;
  std::ofstream(other.file()) << "mine";
  EXPECT_EQ(store_->Backup(other.file()).code(), absl::StatusCode::kAlreadyExists);
  std::string text;
  std::ifstream(other.file()) >> text;
  EXPECT_EQ(text, "mine");
}

TEST_F(BackupTest, AFolderThatIsNotThereIsAnError) {
  EXPECT_EQ(store_->Backup(folder_.path() + "/no/such/folder.db").code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(BackupTest, GoesOnBesideWrites) {
  MakeAgent(1);
  for (uint64_t i = 0; i < 8; ++i) {
    MakeAgent(10 + i);
    ASSERT_OK(Do(PutState{10 + i, 0, std::string(3'000'000, 'x'), "c"}));
  }
  std::atomic<bool> done = false;
  std::thread backup([&] {
    for (int i = 0; i < 3; ++i) {
      const Folder other;
      EXPECT_OK(store_->Backup(other.file()));
      auto copy = Open(other.uri(), {.numerics = 7, .vfs = {}});
      ASSERT_OK(copy);
      const auto report = (*copy)->Check([](const std::string& fault) { ADD_FAILURE() << fault; });
      ASSERT_OK(report);
      EXPECT_EQ(report->agents, 9);
    }
    done = true;
  });
  for (uint64_t i = 1; !done; ++i) ASSERT_OK(Append(1, i, "x"));
  backup.join();
}

TEST_F(CheckTest, CountsWhatThereIs) {
  for (const uint64_t uid : {1, 2, 3}) MakeAgent(uid);
  ASSERT_OK(Append(1, 1, "x"));
  ASSERT_OK(Append(1, 2, "x"));
  ASSERT_OK(Do(PutState{2, 0, "state", "c"}));
  ASSERT_OK(Do(PutSnapshot{3, {.id = "s", .info = "", .bytes = "b"}}));
  const auto report = store_->Check([](const std::string& fault) { ADD_FAILURE() << fault; });
  ASSERT_OK(report);
  EXPECT_EQ(report->agents, 3);
  EXPECT_EQ(report->states, 1);
  EXPECT_EQ(report->snapshots, 1);
  EXPECT_EQ(report->records, 2);
  EXPECT_GT(report->bytes, 0);
  EXPECT_EQ(report->faults, 0);
}

TEST_F(CheckTest, TellsWhatRefersToNothing) {
  MakeAgent(1);
  ASSERT_OK(Do(PutState{1, 0, "state", "c"}));
  RunSql(folder_.file(), "DELETE FROM agents");
  std::vector<std::string> faults;
  ASSERT_OK(store_->Check([&](const std::string& fault) { faults.push_back(fault); }));
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_NE(faults[0].find("states has a row"), std::string::npos) << faults[0];
  EXPECT_NE(faults[1].find("counts 1 agents, and there are 0"), std::string::npos) << faults[1];
}

TEST_F(CheckTest, TellsAnIndexThatMissesARow) {
  MakeAgent(1);
  store_ = nullptr;
  RunSql(folder_.file(),
         "PRAGMA writable_schema = ON;"
         "CREATE TABLE spare (tenant, id);"
         "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name ="
         " 'spare') WHERE name = 'sqlite_autoindex_agents_1'");
  const auto opened = Open(folder_.uri(), {});
  if (!opened.ok()) {
    EXPECT_EQ(opened.status().code(), absl::StatusCode::kDataLoss);
    return;
  }
  const auto report = (*opened)->Check([](const std::string&) {});
  ASSERT_OK(report);
  EXPECT_GT(report->faults, 0);
}

}  // namespace
}  // namespace phasic::store::testing

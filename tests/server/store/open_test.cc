// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "server/store/schema.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"
#include "tests/server/store/support/folder.h"
#include "tests/server/store/support/workload.h"

namespace phasic::store::testing {
namespace {

using ::phasic::testing::Fails;

constexpr auto kRefused = absl::StatusCode::kFailedPrecondition;

TEST(OpenTest, MemoryIsNoStore) {
  const auto opened = Open("memory:", {});
  ASSERT_OK(opened);
  EXPECT_EQ(*opened, nullptr);
}

TEST(OpenTest, AnotherUriIsRefused) {
  for (const char* uri : {"", "sqlite:", "sqlite://", "sqlite://relative", "sqlite:///", "/a/b",
                          "postgres://x", "sqlite:///folder/"}) {
    EXPECT_EQ(Open(uri, {}).status().code(), absl::StatusCode::kInvalidArgument) << uri;
  }
}

TEST(OpenTest, FoldersAreMade) {
  const Folder folder;
  EXPECT_OK(Open("sqlite://" + folder.path() + "/a/b/c.db", {}));
  EXPECT_TRUE(std::filesystem::exists(folder.path() + "/a/b/c.db"));
}

TEST(OpenTest, AFolderThatCannotBeMadeIsNamed) {
  const Folder folder;
  std::ofstream(folder.path() + "/file") << "x";
  const auto opened = Open("sqlite://" + folder.path() + "/file/c.db", {});
  EXPECT_THAT(opened, Fails(absl::StatusCode::kUnavailable, "STORE_UNAVAILABLE"));
  EXPECT_NE(std::string(opened.status().message()).find(folder.path()), std::string::npos);
}

TEST(OpenTest, ASecondProcessIsRefused) {
  const Folder folder;
  auto first = Open(folder.uri(), {});
  ASSERT_OK(first);
  const auto second = Open(folder.uri(), {});
  EXPECT_THAT(second, Fails(kRefused, "STORE_REFUSED"));
  EXPECT_NE(std::string(second.status().message()).find(folder.file()), std::string::npos);
  // By another name it is the same file.
  std::filesystem::create_symlink(folder.file(), folder.path() + "/link.db");
  EXPECT_THAT(Open("sqlite://" + folder.path() + "/link.db", {}), Fails(kRefused, "STORE_REFUSED"));
  first->reset();
  EXPECT_OK(Open(folder.uri(), {}));
}

TEST(OpenTest, AnEmptyFileIsANewStore) {
  const Folder folder;
  std::ofstream(folder.file()).close();
  EXPECT_OK(Open(folder.uri(), {}));
}

TEST(OpenTest, WhatIsNoStoreStaysAsItIs) {
  const Folder folder;
  RunSql(folder.file(), "CREATE TABLE other (x); PRAGMA user_version = 1");
  EXPECT_THAT(Open(folder.uri(), {}), Fails(kRefused, "STORE_REFUSED"));
  EXPECT_FALSE(std::filesystem::exists(folder.file() + "-wal"));
  RunSql(folder.file(), "SELECT x FROM other");

  std::ofstream(folder.file()) << std::string(10'000, 'x');
  EXPECT_THAT(Open(folder.uri(), {}), Fails(absl::StatusCode::kDataLoss, "STORE_CORRUPT"));
}

TEST(OpenTest, ANewerVersionIsRefused) {
  const Folder folder;
  EXPECT_OK(Open(folder.uri(), {}));
  RunSql(folder.file(), "PRAGMA user_version = " + std::to_string(kFormatVersion + 1));
  const auto opened = Open(folder.uri(), {});
  EXPECT_THAT(opened, Fails(kRefused, "STORE_REFUSED"));
  EXPECT_NE(
      std::string(opened.status().message()).find("version " + std::to_string(kFormatVersion + 1)),
      std::string::npos);
}

// A store of every version there was, as it was written then.
TEST(OpenTest, OlderStoresOpen) {
  const Folder folder;
  std::filesystem::copy(PHASIC_FIXTURES "/v1.db", folder.file());
  {
    auto store = Open(folder.uri(), {});
    ASSERT_OK(store);
    std::ifstream in(PHASIC_FIXTURES "/v1.txt");
    const std::string expected((std::istreambuf_iterator<char>(in)), {});
    EXPECT_EQ(TextOf(store->get()), expected);
    const auto report = (*store)->Check([](const std::string& fault) { ADD_FAILURE() << fault; });
    ASSERT_OK(report);
    EXPECT_GT(report->agents, 0);
    EXPECT_GT(report->states, 0);
    EXPECT_GT(report->snapshots, 0);
    EXPECT_GT(report->records, 0);
  }
  auto database = Database::Open(folder.file(), "", Database::Mode::kRead);
  ASSERT_OK(database);
  EXPECT_EQ(*(*database)->Number("PRAGMA user_version"), kFormatVersion);
}

using RestartTest = StoreTest;

TEST_F(RestartTest, EverythingIsThereAgain) {
  std::mt19937_64 random(1);
  Model model;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 10; ++i) {
      const Batch batch = NextBatch(model, &random);
      ASSERT_OK(store_->Commit(batch));
      model.Apply(batch);
    }
    const int64_t journal = store_->journal_bytes();
    const std::vector<uint64_t> oldest = store_->OldestInJournal(1);
    Reopen();
    ASSERT_EQ(TextOf(store_.get()), model.Text());
    EXPECT_EQ(store_->journal_bytes(), journal);
    EXPECT_EQ(store_->OldestInJournal(100).size() > 0, !oldest.empty());
    EXPECT_EQ(*store_->CountAgents(), static_cast<int64_t>(model.agents().size()));
  }
  const auto report = store_->Check([](const std::string& fault) { ADD_FAILURE() << fault; });
  ASSERT_OK(report);
  EXPECT_EQ(report->faults, 0);
}

// A child commits and says so until it is killed; what it said is there.
TEST_F(RestartTest, WhatWasCommittedSurvivesKill) {
  MakeAgent(1);
  uint64_t acknowledged = 0;
  for (int round = 0; round < 8; ++round) {
    store_ = nullptr;
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      auto opened = Open(folder_.uri(), {.numerics = 7, .vfs = {}});
      if (!opened.ok()) _exit(1);
      // One that was not acknowledged may be there.
      uint64_t last = acknowledged;
      const absl::Status read = (*opened)->ReadRecords(1, 0, [&](const Record& record, uint32_t) {
        last = std::max(last, record.sequence);
        return absl::OkStatus();
      });
      if (!read.ok()) _exit(1);
      while (true) {
        Batch batch;
        const std::string bytes(last % 1'000, 'x');
        batch.Add(Record{1, ++last, bytes});
        if (!(*opened)->Commit(batch).ok()) _exit(1);
        if (write(pipe_ends[1], &last, sizeof last) != sizeof last) _exit(1);
      }
    }
    close(pipe_ends[1]);
    const uint64_t target = acknowledged + 50 + static_cast<uint64_t>(round) * 7;
    for (uint64_t said = 0; read(pipe_ends[0], &said, sizeof said) == sizeof said;) {
      acknowledged = said;
      if (said == target) kill(child, SIGKILL);
    }
    close(pipe_ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    Reopen();
    const std::vector<std::string> records = Records(1);
    ASSERT_GE(records.size(), acknowledged);
    EXPECT_LE(records.size(), acknowledged + 1);
    for (uint64_t i = 0; i < records.size(); ++i) {
      EXPECT_EQ(records[i], std::to_string(i + 1) + ":" + std::string(i % 1'000, 'x'));
    }
  }
}

}  // namespace
}  // namespace phasic::store::testing

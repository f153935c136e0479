// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <set>

#include "absl/strings/str_split.h"
#include "server/store/store.h"
#include "tests/server/store/support/folder.h"
#include "tests/server/store/support/workload.h"

namespace phasic::store::testing {
namespace {

using ::phasic::testing::Fails;

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;

// Of more than one part, no two of which are alike.
std::string LargeState() {
  std::string bytes(10'000'000, 's');
  for (size_t i = 0; i < bytes.size(); i += 1'000) bytes[i] = static_cast<char>(i / 1'000);
  return bytes;
}

class CorruptionTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    AgentRow row = RowOf(1);
    row.made_by = "call";
    Batch batch;
    batch.Add(PutCircuit{5, "a circuit"});
    batch.Add(PutAgent{row});
    batch.Add(Record{1, 1, "one"});
    batch.Add(PutState{1, 1, LargeState(), "card"});
    batch.Add(PutSnapshot{1, {.id = "s", .info = "info", .bytes = "bytes"}});
    batch.Add(Record{1, 2, "two"});
    ASSERT_OK(store_->Commit(batch));
    ASSERT_OK(Append(1, 3, "three"));
  }
  void Damage(const std::string& sql) { RunSql(folder_.file(), sql); }
  void ExpectCorrupt(const absl::Status& status, const std::string& table) {
    EXPECT_THAT(status, Fails(kDataLoss, "STORE_CORRUPT"));
    const std::string message(status.message());
    EXPECT_NE(message.find(folder_.file()), std::string::npos) << message;
    EXPECT_NE(message.find(table), std::string::npos) << message;
  }
  int64_t Faults() {
    int64_t told = 0;
    const auto report = store_->Check([&](const std::string&) { ++told; });
    EXPECT_OK(report);
    EXPECT_EQ(report->faults, told);
    return report->faults;
  }
  absl::Status Read() {
    return store_->ReadRecords(1, 1, [](const Record&, uint32_t) { return absl::OkStatus(); });
  }
};

TEST_F(CorruptionTest, ASoundStoreHasNoFaults) {
  EXPECT_EQ(Faults(), 0);
  EXPECT_OK(store_->LoadState(1));
  EXPECT_OK(Read());
}

TEST_F(CorruptionTest, OfCircuits) {
  for (const char* sql : {"UPDATE circuits SET spec = X'00'", "UPDATE circuits SET sum = 1"}) {
    Damage(sql);
    ExpectCorrupt(store_->LoadCircuit(5).status(), "circuits row 5");
    EXPECT_EQ(Faults(), 1);
  }
}

TEST_F(CorruptionTest, OfAgents) {
  for (const char* sql :
       {"UPDATE agents SET card = X'00'", "UPDATE agents SET circuit = 6",
        "UPDATE agents SET made_by = NULL", "UPDATE agents SET id = 'other'",
        "UPDATE agents SET card = X'00', circuit = 5, made_by = 'call', id = 'a1', sum = 0"}) {
    Damage(sql);
    ExpectCorrupt(store_->FindAgent(1).status(), "agents row 1");
    ExpectCorrupt(store_->ListAgents("default", "", 9).status(), "agents row 1");
    EXPECT_GE(Faults(), 1);
  }
}

TEST_F(CorruptionTest, OfStates) {
  for (const char* sql :
       {"UPDATE agents SET sequence = 0", "UPDATE agents SET sequence = 1, state_bytes = 9999999",
        "UPDATE agents SET state_bytes = NULL", "UPDATE agents SET state_bytes = 1000000000000",
        "UPDATE agents SET state_bytes = 10000000, state_sum = state_sum + 1",
        "UPDATE agents SET state_sum = state_sum - 1; UPDATE states SET part = 2 - part",
        "DELETE FROM states WHERE part = 1"}) {
    Damage(sql);
    ExpectCorrupt(store_->LoadState(1).status(), "state");
    EXPECT_GE(Faults(), 1) << sql;
  }
}

TEST_F(CorruptionTest, OfSnapshots) {
  Damage("UPDATE snapshot_parts SET bytes = X'00'");
  ExpectCorrupt(store_->LoadSnapshot(1, "s").status(), "snapshot");
  EXPECT_OK(store_->ListSnapshots(1));
  EXPECT_EQ(Faults(), 1);
  Damage("UPDATE snapshots SET info = X'00'");
  ExpectCorrupt(store_->LoadSnapshot(1, "s").status(), "snapshots row");
  ExpectCorrupt(store_->ListSnapshots(1).status(), "snapshots row");
  EXPECT_EQ(Faults(), 1);
}

TEST_F(CorruptionTest, OfRecords) {
  // The last byte: a record's.
  Damage(
      "UPDATE journal SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || X'00' AS BLOB)"
      " WHERE row = 2");
  ExpectCorrupt(Read(), "journal row 2");
  EXPECT_EQ(Faults(), 1);
  // Whose it is can be read, so other agents are not kept from theirs.
  Reopen();
  ExpectCorrupt(Read(), "journal row 2");
}

TEST_F(CorruptionTest, OfTheJournalsDirectory) {
  constexpr const char* kDamages[] = {
      "UPDATE journal SET bytes = X'' WHERE row = 2",
      "UPDATE journal SET bytes = X'0100000000' WHERE row = 2",
      "UPDATE journal SET bytes = zeroblob(100) WHERE row = 2",
      "UPDATE journal SET bytes = (SELECT bytes FROM journal WHERE row = 1) WHERE row = 2"};
  for (const char* sql : kDamages) {
    Damage(sql);
    ExpectCorrupt(Read(), "journal row 2");
    EXPECT_GE(Faults(), 1);
  }
  store_ = nullptr;
  for (const char* sql : kDamages) {
    Damage(sql);
    ExpectCorrupt(Open(folder_.uri(), {}).status(), "journal row 2");
  }
}

TEST_F(CorruptionTest, ARowOfTheJournalThatIsGoneIsMissed) {
  Damage("DELETE FROM journal WHERE row = 1");
  ExpectCorrupt(Read(), "journal row 1");
  EXPECT_GE(Faults(), 1);
  Reopen();
  ExpectCorrupt(Read(), "where 2 should be");
}

TEST_F(CorruptionTest, OfMeta) {
  Damage("UPDATE meta SET next_uid = 0, sum = sum + 1");
  ExpectCorrupt(Append(1, 4, "four"), "meta");
  bool held = false;
  ExpectCorrupt(store_->Prove(&held), "meta");
  EXPECT_EQ(Faults(), 1);
  store_ = nullptr;
  ExpectCorrupt(Open(folder_.uri(), {}).status(), "meta");
  Damage("DELETE FROM meta");
  ExpectCorrupt(Open(folder_.uri(), {}).status(), "meta");
}

TEST_F(CorruptionTest, ATableThatIsGone) {
  store_ = nullptr;
  Damage("DROP TABLE journal");
  ExpectCorrupt(Open(folder_.uri(), {}).status(), "journal");
}

TEST_F(CorruptionTest, AFileThatIsCut) {
  store_ = nullptr;
  const uintmax_t size = std::filesystem::file_size(folder_.file());
  for (const uintmax_t left : {size - 4'096, size / 2, size / 2 + 17, uintmax_t{4'096}}) {
    std::filesystem::resize_file(folder_.file(), left);
    const auto opened = Open(folder_.uri(), {});
    if (!opened.ok()) {
      EXPECT_THAT(opened, Fails(kDataLoss, "STORE_CORRUPT"));
      continue;
    }
    const auto report = (*opened)->Check([](const std::string&) {});
    EXPECT_TRUE(!report.ok() || report->faults > 0);
    const auto state = (*opened)->LoadState(1);
    if (state.ok()) {
      EXPECT_TRUE((*state)->bytes == LargeState());
    } else {
      EXPECT_THAT(state, Fails(kDataLoss, "STORE_CORRUPT"));
    }
  }
}

std::multiset<std::string> LinesOf(const std::string& text) {
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

// Bytes that change anywhere in the file. What is read is what was written, or an error. Only what
// an index leads to may seem not to be there, and then a check tells.
TEST(DamagedFileTest, IsNeverReadAsSomethingElse) {
  const Folder sound;
  std::mt19937_64 random(1);
  Model model;
  {
    auto store = Open(sound.uri(), {});
    ASSERT_OK(store);
    for (int i = 0; i < 60; ++i) {
      const Batch batch = NextBatch(model, &random);
      ASSERT_OK((*store)->Commit(batch));
      model.Apply(batch);
    }
  }
  std::ifstream in(sound.file(), std::ios::binary);
  const std::string image((std::istreambuf_iterator<char>(in)), {});
  const std::multiset<std::string> expected = LinesOf(model.Text());
  int refused = 0, told = 0;
  for (int trial = 0; trial < 400; ++trial) {
    const Folder folder;
    std::string damaged = image;
    const size_t at = random() % damaged.size();
    for (size_t i = at; i < std::min(damaged.size(), at + 1 + random() % 8); ++i) {
      damaged[i] = static_cast<char>(random());
    }
    std::ofstream(folder.file(), std::ios::binary) << damaged;
    const auto store = Open(folder.uri(), {});
    if (!store.ok()) {
      ++refused;
      // Also UNAVAILABLE: in two bytes of the header the file says that it must not be written.
      EXPECT_FALSE(DetailsOf(store.status()).reason.empty()) << store.status();
      continue;
    }
    const std::string text = TextOf(store->get());
    if (text == model.Text()) continue;
    ++told;
    if (text.find("DATA_LOSS") != std::string::npos) continue;
    for (const std::string& line : LinesOf(text)) EXPECT_TRUE(expected.contains(line)) << line;
    const auto report = (*store)->Check([](const std::string&) {});
    EXPECT_TRUE(!report.ok() || report->faults > 0) << trial;
  }
  EXPECT_GT(refused, 0);
  EXPECT_GT(told, 0);
}

}  // namespace
}  // namespace phasic::store::testing

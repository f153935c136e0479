// SPDX-License-Identifier: Apache-2.0
#include "server/store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/server/store/support/folder.h"

namespace phasic::store::testing {
namespace {

using ::phasic::testing::Fails;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> IdsOf(const std::vector<AgentRow>& rows) {
  std::vector<std::string> ids;
  for (const AgentRow& row : rows) ids.push_back(row.id);
  return ids;
}

TEST_F(StoreTest, AnAgentIsFoundByItsNameItsUidAndItsCall) {
  AgentRow row = RowOf(1);
  row.made_by = "call-1";
  Batch batch;
  batch.Add(PutCircuit{5, "a circuit"});
  batch.Add(PutAgent{row});
  ASSERT_OK(store_->Commit(batch));
  for (const auto& found :
       {store_->FindAgent("default", "a1"), store_->FindAgent(1), store_->FindMadeBy("call-1")}) {
    ASSERT_OK(found);
    ASSERT_TRUE(found->has_value());
    EXPECT_EQ((*found)->uid, 1u);
    EXPECT_EQ((*found)->tenant, "default");
    EXPECT_EQ((*found)->id, "a1");
    EXPECT_EQ((*found)->made_by, "call-1");
    EXPECT_EQ((*found)->circuit, 5u);
    EXPECT_EQ((*found)->card, "card of 1");
  }
  EXPECT_EQ(*store_->CountAgents(), 1);
}

TEST_F(StoreTest, NothingIsFoundWhereNothingIs) {
  EXPECT_EQ(*store_->FindAgent("default", "a1"), std::nullopt);
  EXPECT_EQ(*store_->FindAgent(1), std::nullopt);
  EXPECT_EQ(*store_->FindMadeBy(""), std::nullopt);
  EXPECT_EQ(*store_->CountAgents(), 0);
  EXPECT_EQ(store_->LoadCircuit(1).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->LoadState(1).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Records(1), IsEmpty());
  EXPECT_THAT(*store_->ListSnapshots(1), IsEmpty());
  EXPECT_EQ(*store_->LoadSnapshot(1, "s"), std::nullopt);
}

TEST_F(StoreTest, ManyAgentsWithoutACall) {
  MakeAgent(1);
  MakeAgent(2);
  EXPECT_EQ(*store_->CountAgents(), 2);
  EXPECT_EQ(*store_->FindMadeBy(""), std::nullopt);
}

TEST_F(StoreTest, AListGoesOnAfterAnId) {
  for (const uint64_t uid : {3, 1, 2, 5, 4}) MakeAgent(uid);
  AgentRow other = RowOf(6);
  other.tenant = "other";
  ASSERT_OK(Do(PutAgent{other}));
  EXPECT_THAT(IdsOf(*store_->ListAgents("default", "", 2)), ElementsAre("a1", "a2"));
  EXPECT_THAT(IdsOf(*store_->ListAgents("default", "a2", 9)), ElementsAre("a3", "a4", "a5"));
  EXPECT_THAT(IdsOf(*store_->ListAgents("other", "", 9)), ElementsAre("a6"));
  EXPECT_THAT(*store_->ListAgents("default", "a5", 9), IsEmpty());
}

TEST_F(StoreTest, NamesAreUnique) {
  MakeAgent(1);
  AgentRow same_name = RowOf(2);
  same_name.id = "a1";
  EXPECT_EQ(Do(PutAgent{same_name}).code(), absl::StatusCode::kAlreadyExists);
  AgentRow first = RowOf(3), second = RowOf(4);
  first.made_by = second.made_by = "call";
  ASSERT_OK(Do(PutAgent{first}));
  EXPECT_EQ(Do(PutAgent{second}).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Do(PutAgent{RowOf(1)}).code(), absl::StatusCode::kAlreadyExists);
  // A caller's fault leaves the store as it was.
  EXPECT_EQ(*store_->CountAgents(), 2);
  EXPECT_OK(Append(1, 1, "x"));
}

TEST_F(StoreTest, ACircuitIsPutOnce) {
  ASSERT_OK(Do(PutCircuit{9, "first"}));
  ASSERT_OK(Do(PutCircuit{9, "second"}));
  EXPECT_EQ(*store_->LoadCircuit(9), "first");
}

TEST_F(StoreTest, AnAgentNeedsItsCircuit) {
  EXPECT_EQ(Do(PutAgent{RowOf(1)}).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(*store_->FindAgent(1), std::nullopt);
}

TEST_F(StoreTest, RecordsComeBackInOrderFromWhereTheyAreWanted) {
  MakeAgent(1);
  MakeAgent(2);
  ASSERT_OK(Append(1, 1, "one"));
  Batch batch;
  batch.Add(Record{1, 2, "two"});
  batch.Add(Record{2, 1, "other"});
  batch.Add(Record{1, 3, ""});
  ASSERT_OK(store_->Commit(batch));
  EXPECT_THAT(Records(1), ElementsAre("1:one", "2:two", "3:"));
  EXPECT_THAT(Records(1, 1), ElementsAre("2:two", "3:"));
  EXPECT_THAT(Records(1, 3), IsEmpty());
  EXPECT_THAT(Records(2), ElementsAre("1:other"));
}

TEST_F(StoreTest, AReaderMayEndTheReading) {
  MakeAgent(1);
  for (uint64_t i = 1; i <= 3; ++i) ASSERT_OK(Append(1, i, "x"));
  int calls = 0;
  const absl::Status status = store_->ReadRecords(1, 0, [&](const Record&, uint32_t) {
    return ++calls == 2 ? absl::CancelledError("enough") : absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(calls, 2);
}

TEST_F(StoreTest, ASequenceIsTheNextOrTheBatchIsNotThere) {
  MakeAgent(1);
  ASSERT_OK(Append(1, 1, "one"));
  for (const uint64_t wrong : {0, 1, 3}) {
    Batch batch;
    batch.Add(PutCard{1, "changed"});
    batch.Add(Record{1, wrong, "x"});
    EXPECT_THAT(store_->Commit(batch), Fails(absl::StatusCode::kAborted, "STORE_CONFLICT"));
  }
  EXPECT_THAT(Records(1), ElementsAre("1:one"));
  EXPECT_EQ((*store_->FindAgent(1))->card, "card of 1");
  EXPECT_OK(Append(1, 2, "two"));
}

TEST_F(StoreTest, AStateMakesRecordsUnneeded) {
  MakeAgent(1);
  EXPECT_EQ(*store_->LoadState(1), std::nullopt);
  for (uint64_t i = 1; i <= 3; ++i) ASSERT_OK(Append(1, i, "x"));
  ASSERT_OK(Do(PutState{1, 2, "state at 2", "its card"}));
  const auto state = store_->LoadState(1);
  ASSERT_OK(state);
  EXPECT_EQ((*state)->sequence, 2u);
  EXPECT_EQ((*state)->bytes, "state at 2");
  EXPECT_EQ((*store_->FindAgent(1))->card, "its card");
  EXPECT_THAT(Records(1, 2), ElementsAre("3:x"));
  EXPECT_OK(Append(1, 4, "four"));
  ASSERT_OK(Do(PutState{1, 4, "", "c"}));
  EXPECT_EQ((*store_->LoadState(1))->bytes, "");
  EXPECT_EQ(store_->journal_bytes(), 0);
  EXPECT_OK(Append(1, 5, "five"));
}

TEST_F(StoreTest, AStateNeverGoesBack) {
  MakeAgent(1);
  ASSERT_OK(Do(PutState{1, 5, "at 5", "c"}));
  EXPECT_THAT(Do(PutState{1, 4, "at 4", "c"}), Fails(absl::StatusCode::kAborted, "STORE_CONFLICT"));
  EXPECT_OK(Do(PutState{1, 5, "at 5 again", "c"}));
  EXPECT_EQ((*store_->LoadState(1))->bytes, "at 5 again");
}

TEST_F(StoreTest, AStateAheadOfTheRecordsMovesThemOn) {
  MakeAgent(1);
  ASSERT_OK(Append(1, 1, "x"));
  ASSERT_OK(Do(PutState{1, 100, "at 100", "c"}));
  EXPECT_FALSE(Append(1, 2, "x").ok());
  EXPECT_OK(Append(1, 101, "x"));
  EXPECT_THAT(Records(1, 100), ElementsAre("101:x"));
}

TEST_F(StoreTest, AStateMayHaveNoInputs) {
  MakeAgent(1);
  ASSERT_OK(Do(PutState{1, 0, "as imported", "c"}));
  EXPECT_EQ((*store_->LoadState(1))->sequence, 0u);
  EXPECT_OK(Append(1, 1, "x"));
}

TEST_F(StoreTest, ALargeStateLiesInParts) {
  MakeAgent(1);
  std::string large(20'000'001, 'x');
  for (size_t i = 0; i < large.size(); i += 4'099) large[i] = static_cast<char>(i);
  ASSERT_OK(Do(PutState{1, 1, large, "c"}));
  EXPECT_TRUE((*store_->LoadState(1))->bytes == large);
  ASSERT_OK(Do(PutState{1, 2, "small", "c"}));
  EXPECT_EQ((*store_->LoadState(1))->bytes, "small");
  ASSERT_OK(Do(PutSnapshot{1, {.id = "s", .info = "", .bytes = large}}));
  EXPECT_TRUE((*store_->LoadSnapshot(1, "s"))->bytes == large);
}

TEST_F(StoreTest, ChangesAndRecordsAreDoneInTheirOrder) {
  Batch batch;
  batch.Add(PutCircuit{5, "a circuit"});
  batch.Add(PutAgent{RowOf(1)});
  batch.Add(Record{1, 1, "one"});
  batch.Add(Record{1, 2, "two"});
  batch.Add(PutState{1, 2, "at 2", "c"});
  batch.Add(Record{1, 3, "three"});
  batch.Add(PutAgent{RowOf(2)});
  batch.Add(Record{2, 1, "x"});
  batch.Add(DeleteAgent{2});
  ASSERT_OK(store_->Commit(batch));
  EXPECT_THAT(Records(1, 2), ElementsAre("3:three"));
  EXPECT_EQ(*store_->FindAgent(2), std::nullopt);
  EXPECT_EQ(*store_->CountAgents(), 1);
  // In another order it is another matter.
  Batch late;
  late.Add(Record{3, 1, "x"});
  late.Add(PutAgent{RowOf(3)});
  EXPECT_EQ(store_->Commit(late).code(), absl::StatusCode::kNotFound);
  Batch gone;
  gone.Add(DeleteAgent{1});
  gone.Add(Record{1, 4, "x"});
  EXPECT_EQ(store_->Commit(gone).code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Records(1, 2), ElementsAre("3:three"));
}

TEST_F(StoreTest, ADeletedAgentTakesEverythingWithIt) {
  MakeAgent(1);
  ASSERT_OK(Append(1, 1, "x"));
  ASSERT_OK(Do(PutState{1, 1, "at 1", "c"}));
  ASSERT_OK(Append(1, 2, "x"));
  ASSERT_OK(Do(PutSnapshot{1, {.id = "s", .info = "i", .bytes = "b"}}));
  ASSERT_OK(Do(DeleteAgent{1}));
  EXPECT_EQ(*store_->FindAgent("default", "a1"), std::nullopt);
  EXPECT_EQ(*store_->LoadSnapshot(1, "s"), std::nullopt);
  EXPECT_THAT(Records(1), IsEmpty());
  EXPECT_EQ(store_->journal_bytes(), 0);
  EXPECT_EQ(*store_->CountAgents(), 0);
  // Its name is free, and what comes under it has nothing of the one before.
  AgentRow next = RowOf(2);
  next.id = "a1";
  ASSERT_OK(Do(PutAgent{next}));
  EXPECT_EQ(*store_->LoadState(2), std::nullopt);
}

TEST_F(StoreTest, SnapshotsAreListedWithoutTheirBytes) {
  MakeAgent(1);
  ASSERT_OK(Do(PutSnapshot{1, {.id = "b", .info = "info b", .bytes = "state b"}}));
  ASSERT_OK(Do(PutSnapshot{1, {.id = "a", .info = "info a", .bytes = "state a"}}));
  EXPECT_EQ(Do(PutSnapshot{1, {.id = "a", .info = "", .bytes = ""}}).code(),
            absl::StatusCode::kAlreadyExists);
  const auto list = store_->ListSnapshots(1);
  ASSERT_OK(list);
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].id, "a");
  EXPECT_EQ((*list)[0].info, "info a");
  EXPECT_EQ((*list)[0].bytes, "");
  EXPECT_EQ((*store_->LoadSnapshot(1, "b"))->bytes, "state b");
  ASSERT_OK(Do(DeleteSnapshot{1, "a"}));
  EXPECT_EQ(*store_->LoadSnapshot(1, "a"), std::nullopt);
  EXPECT_EQ(store_->ListSnapshots(1)->size(), 1u);
}

TEST_F(StoreTest, AChangeToWhatIsNotThereIsRefused) {
  MakeAgent(1);
  constexpr auto kNotFound = absl::StatusCode::kNotFound;
  EXPECT_EQ(Append(2, 1, "x").code(), kNotFound);
  EXPECT_EQ(Do(PutCard{2, "c"}).code(), kNotFound);
  EXPECT_EQ(Do(PutState{2, 1, "s", "c"}).code(), kNotFound);
  EXPECT_EQ(Do(DeleteAgent{2}).code(), kNotFound);
  EXPECT_EQ(Do(PutSnapshot{2, {.id = "s", .info = "", .bytes = ""}}).code(), kNotFound);
  EXPECT_EQ(Do(DeleteSnapshot{1, "s"}).code(), kNotFound);
  EXPECT_EQ(*store_->CountAgents(), 1);
}

TEST_F(StoreTest, TheJournalTellsWhoseStatesWouldFreeIt) {
  for (const uint64_t uid : {1, 2, 3}) MakeAgent(uid);
  ASSERT_OK(Append(2, 1, std::string(100, 'x')));
  Batch both;
  both.Add(Record{1, 1, "x"});
  both.Add(Record{3, 1, "x"});
  ASSERT_OK(store_->Commit(both));
  const int64_t full = store_->journal_bytes();
  EXPECT_GT(full, 100);
  EXPECT_EQ(store_->OldestInJournal(1), std::vector<uint64_t>{2});
  EXPECT_EQ(store_->OldestInJournal(9).size(), 3u);
  ASSERT_OK(Do(PutState{2, 1, "s", "c"}));
  EXPECT_LT(store_->journal_bytes(), full - 100);
  ASSERT_OK(Do(PutState{1, 1, "s", "c"}));
  EXPECT_EQ(store_->OldestInJournal(9), std::vector<uint64_t>{3});
  EXPECT_GT(store_->journal_bytes(), 0);  // the other one's record lies in the same row
  ASSERT_OK(Do(DeleteAgent{3}));
  EXPECT_EQ(store_->journal_bytes(), 0);
  EXPECT_THAT(store_->OldestInJournal(9), IsEmpty());
}

TEST_F(StoreTest, UidsAreGivenOnce) {
  EXPECT_EQ(*store_->ReserveUids(100, 10), 100u);
  EXPECT_EQ(*store_->ReserveUids(50, 5), 110u);
  Reopen();
  EXPECT_EQ(*store_->ReserveUids(1, 1), 115u);
  EXPECT_EQ(*store_->ReserveUids(1'000, 1), 1'000u);
}

TEST_F(StoreTest, AnEmptyBatchIsNothingUnlessSynced) {
  Batch batch;
  EXPECT_TRUE(batch.empty());
  EXPECT_OK(store_->Commit(batch));
  batch.set_synced();
  EXPECT_OK(store_->Commit(batch));
}

TEST_F(StoreTest, ManyReadersBesideAWriter) {
  MakeAgent(1);
  ASSERT_OK(Do(PutState{1, 0, std::string(5'000, 'a'), "a"}));
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto state = store_->LoadState(1);
        ASSERT_OK(state);
        // All of one state, never some of two.
        const std::string& bytes = (*state)->bytes;
        EXPECT_EQ(bytes, std::string(5'000, bytes[0]));
        EXPECT_OK(store_->FindAgent("default", "a1"));
        EXPECT_GE(store_->journal_bytes(), 0);
        store_->OldestInJournal(3);
      }
    });
  }
  for (uint64_t i = 1; i <= 200; ++i) {
    Batch batch;
    batch.Add(Record{1, i, "x"});
    if (i % 3 == 0) {
      batch.Add(PutState{1, i, std::string(5'000, static_cast<char>('a' + i % 26)), "c"});
    }
    ASSERT_OK(store_->Commit(batch));
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

TEST(BatchTest, CountsAndForgets) {
  Batch batch;
  const std::string bytes = "abc";
  batch.Add(Record{1, 1, bytes});
  batch.Add(PutCard{1, "four"});
  batch.Add(Record{2, 7, "de"});
  batch.set_synced();
  EXPECT_EQ(batch.records(), 2u);
  EXPECT_EQ(batch.record(0).bytes, "abc");
  EXPECT_EQ(batch.record(1).bytes, "de");
  EXPECT_EQ(batch.record(1).agent, 2u);
  EXPECT_EQ(batch.record(1).sequence, 7u);
  EXPECT_EQ(batch.records_before(0), 1u);
  EXPECT_EQ(batch.bytes(), 5 + 4 + sizeof(Change));
  batch.Clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_FALSE(batch.synced());
  EXPECT_EQ(batch.bytes(), 0u);
}

}  // namespace
}  // namespace phasic::store::testing

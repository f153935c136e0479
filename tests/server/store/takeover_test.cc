// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "server/store/meta.h"
#include "server/store/sqlite.h"
#include "server/store/store.h"
#include "tests/server/store/support/folder.h"

// The lock file keeps a second process away. Where it does not (a file system of a network), the
// epoch does.
namespace phasic::store::testing {
namespace {

using ::phasic::testing::Fails;
using ::testing::ElementsAre;

class TakeoverTest : public StoreTest {
 protected:
  // As a second process would, whose lock did not work.
  void ChangeMeta(const std::function<void(Meta*)>& change) {
    auto database = Database::Open(folder_.file(), "", Database::Mode::kWrite);
    ASSERT_OK(database);
    auto transaction = Transaction::Write(database->get());
    ASSERT_OK(transaction);
    const auto before = ReadMeta(database->get());
    ASSERT_OK(before);
    Meta after = *before;
    change(&after);
    ASSERT_OK(ReplaceMeta(database->get(), *before, after));
    ASSERT_OK(transaction->Commit());
  }
};

TEST_F(TakeoverTest, AnotherEpochEndsThisOne) {
  MakeAgent(1);
  ASSERT_OK(Append(1, 1, "mine"));
  ChangeMeta([](Meta* meta) { ++meta->epoch; });
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Append(1, 2, "late"), Fails(absl::StatusCode::kAborted, "STORE_CONFLICT"));
  }
  EXPECT_THAT(store_->ReserveUids(1, 1), Fails(absl::StatusCode::kAborted, "STORE_CONFLICT"));
  bool held = false;
  EXPECT_THAT(store_->Prove(&held), Fails(absl::StatusCode::kAborted, "STORE_CONFLICT"));
  EXPECT_THAT(Records(1), ElementsAre("1:mine"));
}

TEST_F(TakeoverTest, CommitsOfAnotherEndThisOne) {
  MakeAgent(1);
  ChangeMeta([](Meta* meta) { meta->commits += 2; });
  EXPECT_THAT(Append(1, 1, "late"), Fails(absl::StatusCode::kAborted, "STORE_CONFLICT"));
  bool held = false;
  EXPECT_THAT(store_->Prove(&held), Fails(absl::StatusCode::kAborted, "STORE_CONFLICT"));
}

TEST_F(TakeoverTest, EachOpeningHasAnEpochOfItsOwn) {
  uint64_t epoch = 0;
  for (int i = 0; i < 3; ++i) {
    Reopen();
    uint64_t found = 0;
    ChangeMeta([&](Meta* meta) { found = meta->epoch; });
    EXPECT_GT(found, epoch);
    epoch = found;
  }
}

// Two go on from copies of one store. Neither can take in what the other has.
TEST_F(TakeoverTest, ACopyGoesItsOwnWay) {
  MakeAgent(1);
  ASSERT_OK(Append(1, 1, "common"));
  const Folder other;
  ASSERT_OK(store_->Backup(other.file()));
  auto copy = Open(other.uri(), {.numerics = 7, .vfs = {}});
  ASSERT_OK(copy);
  Batch batch;
  batch.Add(Record{1, 2, "there"});
  ASSERT_OK((*copy)->Commit(batch));
  ASSERT_OK(Append(1, 2, "here"));
  EXPECT_THAT(Records(1), ElementsAre("1:common", "2:here"));
}

TEST_F(TakeoverTest, AWriterThatHoldsTheFileIsWaitedForAndThenTold) {
  MakeAgent(1);
  {
    auto database = Database::Open(folder_.file(), "", Database::Mode::kWrite);
    ASSERT_OK(database);
    auto transaction = Transaction::Write(database->get());
    ASSERT_OK(transaction);
    EXPECT_THAT(Append(1, 1, "x"), Fails(absl::StatusCode::kUnavailable, "STORE_UNAVAILABLE"));
  }
  EXPECT_THAT(Append(1, 1, "x"), Fails(absl::StatusCode::kUnavailable, "STORE_UNAVAILABLE"));
  bool held = true;
  ASSERT_OK(store_->Prove(&held));
  EXPECT_FALSE(held);
  EXPECT_OK(Append(1, 1, "x"));
}

}  // namespace
}  // namespace phasic::store::testing

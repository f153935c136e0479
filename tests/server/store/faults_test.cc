// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "server/store/store.h"
#include "tests/server/store/support/fault_vfs.h"
#include "tests/server/store/support/folder.h"
#include "tests/server/store/support/workload.h"

// A disk that is full, broken, or without power. Whatever happens, what was acknowledged is there,
// nothing is there twice, and a batch is there as a whole or not at all.
namespace phasic::store::testing {
namespace {

using ::phasic::testing::Fails;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

class FaultsTest : public ::testing::Test {
 protected:
  void SetUp() override { Reopen(); }
  void TearDown() override { store_ = nullptr; }
  void Reopen() {
    store_ = nullptr;
    auto opened = Open(folder_.uri(), {.numerics = 7, .vfs = vfs_.name()});
    ASSERT_OK(opened);
    store_ = *std::move(opened);
  }
  // Commits a batch, and when it fails heals the disk, and proves the store, or opens it anew.
  void CommitThroughFaults(const Batch& batch, bool reopen) {
    const absl::Status status = store_->Commit(batch);
    if (status.ok()) {
      model_.Apply(batch);
      return;
    }
    EXPECT_THAT(status, Fails(kUnavailable, "STORE_UNAVAILABLE"));
    EXPECT_THAT(store_->Commit(batch), Fails(kUnavailable, "STORE_UNAVAILABLE"));
    bool held = false;
    if (const absl::Status proof = store_->Prove(&held); !proof.ok()) {
      EXPECT_THAT(proof, Fails(kUnavailable, "STORE_UNAVAILABLE"));
      vfs_.Heal();
      Model with = model_;
      with.Apply(batch);
      if (reopen) {
        Reopen();
        held = TextOf(store_.get()) == with.Text();
      } else {
        ASSERT_OK(store_->Prove(&held));
      }
    }
    vfs_.Heal();
    if (!held) {
      ASSERT_EQ(TextOf(store_.get()), model_.Text());
      ASSERT_OK(store_->Commit(batch));
    }
    model_.Apply(batch);
    ASSERT_EQ(TextOf(store_.get()), model_.Text());
    ASSERT_EQ(*store_->CountAgents(), static_cast<int64_t>(model_.agents().size()));
  }

  FaultVfs vfs_{"faults"};
  Folder folder_;
  std::unique_ptr<Store> store_;
  Model model_;
  std::mt19937_64 random_{1};
};

class EachFaultTest : public FaultsTest,
                      public ::testing::WithParamInterface<std::pair<int, int>> {};

TEST_P(EachFaultTest, LosesNothing) {
  const auto [code, kinds] = GetParam();
  int failed = 0;
  for (int64_t n = 0; n < 150; ++n) {
    vfs_.FailFrom(n % 50, code, kinds);
    for (int i = 0; i < 6; ++i) {
      ASSERT_NO_FATAL_FAILURE(CommitThroughFaults(NextBatch(model_, &random_), n % 3 == 0));
    }
    failed += vfs_.failed() ? 1 : 0;
    vfs_.Heal();
  }
  EXPECT_GT(failed, 40);
  Reopen();
  EXPECT_EQ(TextOf(store_.get()), model_.Text());
  const auto report = store_->Check([](const std::string& fault) { ADD_FAILURE() << fault; });
  EXPECT_OK(report);
}

INSTANTIATE_TEST_SUITE_P(Codes, EachFaultTest,
                         ::testing::Values(std::pair(SQLITE_FULL, int{FaultVfs::kWrite}),
                                           std::pair(SQLITE_IOERR, int{FaultVfs::kAll}),
                                           std::pair(SQLITE_IOERR, int{FaultVfs::kSync})));

// A batch that is large enough for the log to be put into the file right after it.
TEST_F(FaultsTest, WhileTheLogIsPutIntoTheFile) {
  for (int round = 0; round < 12; ++round) {
    ASSERT_NO_FATAL_FAILURE(CommitThroughFaults(NextBatch(model_, &random_), false));
    const int64_t before = vfs_.operations();
    const uint64_t agent = model_.agents().begin()->first;
    const uint64_t sequence = model_.agents().begin()->second.last;
    Batch batch;
    batch.set_synced();
    batch.Add(PutState{agent, sequence, std::string(9'000'000 + round, 'x'), "card"});
    vfs_.FailFrom(4'300 + 300 * round, SQLITE_IOERR);
    ASSERT_NO_FATAL_FAILURE(CommitThroughFaults(batch, false));
    EXPECT_GT(vfs_.operations(), before);
    // What was acknowledged before the fault is there when the power goes with it.
    const Folder disk;
    vfs_.WriteDisk(disk.path(), &random_);
    auto store = Open(disk.uri(), {});
    ASSERT_OK(store);
    EXPECT_EQ(TextOf(store->get()), model_.Text());
    for (int i = 0; i < 3; ++i) {
      ASSERT_NO_FATAL_FAILURE(CommitThroughFaults(NextBatch(model_, &random_), false));
    }
    vfs_.Heal();
  }
}

TEST_F(FaultsTest, AFullDiskIsNamed) {
  vfs_.FailFrom(0, SQLITE_FULL);
  const absl::Status status = store_->Commit(NextBatch(model_, &random_));
  EXPECT_THAT(status, Fails(kUnavailable, "STORE_UNAVAILABLE"));
  EXPECT_NE(status.message().find("full"), absl::string_view::npos) << status;
  EXPECT_NE(status.message().find(folder_.file()), absl::string_view::npos) << status;
  EXPECT_THAT(store_->ReserveUids(1, 1), Fails(kUnavailable, "STORE_UNAVAILABLE"));
}

TEST_F(FaultsTest, UidsAreNotGivenTwice) {
  uint64_t next = 1;
  for (int64_t n = 0; n < 12; ++n) {
    vfs_.FailFrom(n, SQLITE_IOERR);
    auto first = store_->ReserveUids(1, 10);
    if (!first.ok()) {
      vfs_.Heal();
      bool held = true;
      ASSERT_OK(store_->Prove(&held));
      EXPECT_FALSE(held);
      first = store_->ReserveUids(1, 10);
    }
    vfs_.Heal();
    ASSERT_OK(first);
    EXPECT_GE(*first, next);
    next = *first + 10;
  }
}

TEST_F(FaultsTest, AStoreThatCannotBeMadeIsMadeLater) {
  store_ = nullptr;
  for (int64_t n = 0; n < 60; ++n) {
    const Folder folder;
    vfs_.FailFrom(n, n % 2 == 0 ? SQLITE_FULL : SQLITE_IOERR);
    const auto opened = Open(folder.uri(), {.numerics = 7, .vfs = vfs_.name()});
    vfs_.Heal();
    if (!opened.ok()) {
      EXPECT_THAT(opened, Fails(kUnavailable, "STORE_UNAVAILABLE"));
      EXPECT_OK(Open(folder.uri(), {.numerics = 7, .vfs = vfs_.name()}));
    }
  }
}

class PowerLossTest : public FaultsTest {
 protected:
  // What the store may hold: as of the last synced batch, or one of those after it.
  void Commit(const Batch& batch) {
    ASSERT_NO_FATAL_FAILURE(CommitThroughFaults(batch, false));
    if (batch.synced()) texts_.clear();
    texts_.push_back(model_.Text());
  }
  void ExpectOneOf() {
    const Folder disk;
    vfs_.WriteDisk(disk.path(), &random_);
    auto store = Open(disk.uri(), {});
    ASSERT_OK(store);
    const std::string text = TextOf(store->get());
    EXPECT_TRUE(std::find(texts_.begin(), texts_.end(), text) != texts_.end()) << text;
    const auto report = (*store)->Check([](const std::string& fault) { ADD_FAILURE() << fault; });
    EXPECT_OK(report);
  }
  std::deque<std::string> texts_ = {""};
};

TEST_F(PowerLossTest, WhatWasSyncedIsThere) {
  for (int i = 0; i < 300; ++i) {
    ASSERT_NO_FATAL_FAILURE(Commit(NextBatch(model_, &random_)));
    if (i % 10 == 0) {
      // Large ones, for the log to be put into the file.
      const uint64_t agent = model_.agents().begin()->first;
      Batch batch;
      batch.Add(PutState{agent, model_.agents().begin()->second.last,
                         std::string(random_() % 2'000'000, 'x'), "card"});
      ASSERT_NO_FATAL_FAILURE(Commit(batch));
    }
    ASSERT_NO_FATAL_FAILURE(ExpectOneOf());
  }
}

// After a sync that failed the system forgets what it should have saved. What is acknowledged after
// that must not lean on it.
TEST_F(PowerLossTest, ASyncThatFailedTakesNothingWithIt) {
  int failed = 0;
  for (int i = 0; i < 150; ++i) {
    vfs_.FailFrom(static_cast<int64_t>(random_() % 20), SQLITE_IOERR, FaultVfs::kSync);
    for (int k = 0; k < 4; ++k) {
      ASSERT_NO_FATAL_FAILURE(Commit(NextBatch(model_, &random_)));
      ASSERT_NO_FATAL_FAILURE(ExpectOneOf());
    }
    failed += vfs_.failed() ? 1 : 0;
    vfs_.Heal();
  }
  EXPECT_GT(failed, 20);
}

TEST_F(PowerLossTest, AnEmptySyncedBatchSavesWhatWasBefore) {
  for (int i = 0; i < 50; ++i) {
    for (int k = 0; k < 3; ++k) {
      ASSERT_NO_FATAL_FAILURE(Commit(NextBatch(model_, &random_)));
    }
    Batch flush;
    flush.set_synced();
    ASSERT_NO_FATAL_FAILURE(Commit(flush));
    ASSERT_NO_FATAL_FAILURE(ExpectOneOf());
  }
}

}  // namespace
}  // namespace phasic::store::testing

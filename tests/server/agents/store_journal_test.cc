// SPDX-License-Identifier: Apache-2.0
#include "server/agents/store_journal.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "tests/server/support/loose_store.h"
#include "tests/server/support/status_matchers.h"

namespace phasic {
namespace {

using testing::Fails;

class StoreJournalTest : public ::testing::Test {
 protected:
  StoreJournalTest() {
    store::PutAgent put{{.uid = 1, .tenant = "default", .id = "a", .circuit = 5, .card = "card"}};
    EXPECT_OK(journal_->Wait(*journal_->Put({store::PutCircuit{5, "spec"}, put}, true)));
  }

  absl::StatusOr<Journal::Ticket> Append(Durability durability = Durability::kJournaled) {
    auto ticket = journal_->Append({1, sequence_ + 1, durability, ResetArguments{}});
    if (ticket.ok() && *ticket != 0) ++sequence_;
    return ticket;
  }
  uint64_t Stored() {
    uint64_t last = 0;
    EXPECT_OK(store_.ReadRecords(1, 0, [&](const store::Record& record, uint32_t) {
      EXPECT_EQ(record.sequence, last + 1);
      last = record.sequence;
      return absl::OkStatus();
    }));
    return last;
  }
  void AwaitGood() {
    while (!good_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  // A promise as a waiter.
  struct Noted final : Journal::Waiter {
    void Kept(const absl::Status& status) noexcept override { told.set_value(status); }
    std::promise<absl::Status> told;
  };

  uint64_t sequence_ = 0;
  testing::LooseStore store_;
  std::atomic<bool> good_ = true;
  std::unique_ptr<StoreJournal> journal_ = std::make_unique<StoreJournal>(
      store_, [this](const absl::Status& status) { good_ = status.ok(); });
};

TEST_F(StoreJournalTest, WhatIsKeptIsInTheStore) {
  for (int i = 0; i < 10; ++i) {
    const auto ticket = Append(i % 2 == 0 ? Durability::kJournaled : Durability::kSynced);
    ASSERT_OK(ticket);
    ASSERT_OK(journal_->Wait(*ticket));
    EXPECT_TRUE(journal_->IsKept(*ticket));
    EXPECT_EQ(Stored(), static_cast<uint64_t>(i + 1));
  }
}

TEST_F(StoreJournalTest, OfWhatIsNotJournaledThereIsNothingToWaitFor) {
  EXPECT_EQ(*Append(Durability::kEphemeral), 0u);
  EXPECT_EQ(*Append(Durability::kSnapshot), 0u);
  EXPECT_OK(journal_->Wait(0));
  Noted noted;
  EXPECT_EQ(journal_->Join(0, &noted), absl::OkStatus());
}

TEST_F(StoreJournalTest, WhatGathersMeanwhileGoesTogether) {
  Journal::Ticket last = 0;
  const int before = store_.commits;
  {
    MutexLock held(store_.hold);
    for (int i = 0; i < 1'000; ++i) last = *Append();
    EXPECT_FALSE(journal_->IsKept(last));
  }
  ASSERT_OK(journal_->Wait(last));
  EXPECT_LE(store_.commits, before + 2);
  EXPECT_EQ(Stored(), 1'000u);
}

// After a crowd it is expected to come back, but not for long.
TEST_F(StoreJournalTest, WhoIsAloneDoesNotWaitForOthers) {
  const auto alone = [&] {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 20; ++i) {
      EXPECT_OK(journal_->Wait(*Append()));
      EXPECT_OK(journal_->Wait(*journal_->Put({store::PutCircuit{5, "spec"}}, false)));
    }
    return std::chrono::steady_clock::now() - begin;
  };
  alone();
  for (int i = 0; i < 3; ++i) {
    Journal::Ticket last = 0;
    {
      MutexLock held(store_.hold);
      for (int j = 0; j < 500; ++j) last = *Append();
    }
    EXPECT_OK(journal_->Wait(last));
    // Were there no bound, the first would wait for 500.
    EXPECT_LT(alone(), std::chrono::seconds(5));
  }
  EXPECT_EQ(Stored(), 80u + 1'500u);
}

TEST_F(StoreJournalTest, WaitersAreToldOnce) {
  std::vector<Noted> noted(8);
  {
    MutexLock held(store_.hold);
    for (Noted& waiter : noted) {
      ASSERT_FALSE(journal_->Join(*Append(), &waiter).has_value());
    }
  }
  for (Noted& waiter : noted) EXPECT_OK(waiter.told.get_future().get());
}

TEST_F(StoreJournalTest, NothingIsToldKeptWhileTheStoreFails) {
  store_.failing = true;
  const auto first = Append();
  ASSERT_OK(first);
  EXPECT_THAT(journal_->Wait(*first), Fails(absl::StatusCode::kUnavailable, "STORE_UNAVAILABLE"));
  EXPECT_FALSE(good_);
  // Nothing more is taken.
  EXPECT_THAT(Append(), Fails(absl::StatusCode::kUnavailable, "STORE_UNAVAILABLE"));
  Noted noted;
  EXPECT_THAT(*journal_->Join(*first, &noted),
              Fails(absl::StatusCode::kUnavailable, "STORE_UNAVAILABLE"));
  EXPECT_OK(journal_->Wait(0));
  EXPECT_EQ(Stored(), 0u);

  store_.failing = false;
  AwaitGood();
  EXPECT_OK(journal_->Wait(*first));  // it was not lost
  ASSERT_OK(journal_->Wait(*Append()));
  EXPECT_EQ(Stored(), 2u);
}

TEST_F(StoreJournalTest, TheEndCommitsWhatIsThere) {
  {
    MutexLock held(store_.hold);
    for (int i = 0; i < 10; ++i) ASSERT_OK(Append());
  }
  journal_.reset();
  EXPECT_EQ(Stored(), 10u);
}

TEST_F(StoreJournalTest, TheEndDoesNotWaitForAStoreThatFails) {
  store_.failing = true;
  ASSERT_OK(Append());
  journal_.reset();
  store_.failing = false;
  EXPECT_EQ(Stored(), 0u);
}

TEST_F(StoreJournalTest, TooMuchIsRefusedUntilSomeOfItIsWritten) {
  Journal::Ticket last = 0;
  {
    MutexLock held(store_.hold);
    const std::string image(16 << 20, 'x');
    absl::StatusOr<Journal::Ticket> put;
    for (int i = 0; i < 20; ++i) {
      put = journal_->Put({store::PutState{1, 0, image, "card"}}, false);
      if (!put.ok()) break;
      last = *put;
    }
    EXPECT_THAT(put, Fails(absl::StatusCode::kResourceExhausted, "STORE_TOO_SLOW"));
  }
  ASSERT_OK(journal_->Wait(last));
  EXPECT_OK(Append());
}

}  // namespace
}  // namespace phasic

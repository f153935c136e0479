// SPDX-License-Identifier: Apache-2.0
#include "server/store/live_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace phasic::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(LiveJournalTest, KnowsWhereAnAgentsRecordsAre) {
  LiveJournal journal;
  EXPECT_EQ(journal.Last(1), std::nullopt);
  journal.Add(1, 100, {{.agent = 1, .last = 3}});
  journal.Add(4, 50, {{.agent = 1, .last = 5}, {.agent = 2, .last = 1}});
  EXPECT_EQ(journal.Last(1), 5u);
  EXPECT_EQ(journal.Last(2), 1u);
  EXPECT_THAT(journal.RowsOf(1, 0), ElementsAre(1, 4));
  EXPECT_THAT(journal.RowsOf(1, 3), ElementsAre(4));
  EXPECT_THAT(journal.RowsOf(1, 5), IsEmpty());
  EXPECT_EQ(journal.bytes(), 150);
}

TEST(LiveJournalTest, ARowGoesWhenTheLastAgentNeedsItNoMore) {
  LiveJournal journal;
  journal.Add(1, 100, {{.agent = 1, .last = 3}, {.agent = 2, .last = 1}});
  journal.Add(2, 50, {{.agent = 1, .last = 6}});
  EXPECT_THAT(journal.FreedBy({{1, 6}}), ElementsAre(2));
  EXPECT_THAT(journal.FreedBy({{1, 2}}), IsEmpty());
  EXPECT_THAT(journal.FreedBy({{1, 3}, {2, 1}}), ElementsAre(1));
  EXPECT_THAT(journal.FreedBy({{7, 1}}), IsEmpty());
  journal.Drop({{1, 4}});
  EXPECT_EQ(journal.bytes(), 150);
  EXPECT_EQ(journal.Last(1), 6u);
  EXPECT_THAT(journal.FreedBy({{2, 9}}), ElementsAre(1));
  journal.Drop({{2, 9}});
  EXPECT_EQ(journal.bytes(), 50);
  EXPECT_EQ(journal.Last(2), std::nullopt);
  journal.Drop({{1, 6}});
  EXPECT_EQ(journal.bytes(), 0);
}

TEST(LiveJournalTest, TheOldestComeFirst) {
  LiveJournal journal;
  journal.Add(1, 1, {{.agent = 3, .last = 1}});
  journal.Add(2, 1, {{.agent = 2, .last = 1}, {.agent = 3, .last = 2}});
  journal.Add(3, 1, {{.agent = 1, .last = 1}});
  EXPECT_THAT(journal.Oldest(2), ElementsAre(3, 2));
  EXPECT_THAT(journal.Oldest(9), ElementsAre(3, 2, 1));
  journal.Drop({{3, 2}});
  EXPECT_THAT(journal.Oldest(9), ElementsAre(2, 1));
  EXPECT_THAT(journal.Oldest(0), IsEmpty());
}

}  // namespace
}  // namespace phasic::store

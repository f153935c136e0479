// SPDX-License-Identifier: Apache-2.0
#include "server/agents/recall.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace phasic {
namespace {

StepAnswer Answer(uint64_t step) {
  auto outcome = std::make_shared<StepOutcome>();
  outcome->step = step;
  return {std::move(outcome), step};
}

TEST(AnswerMemory, KnowsTheLastEight) {
  AnswerMemory memory;
  for (uint64_t i = 0; i < 11; ++i) {
    memory.Prepare();
    memory.Add(absl::StrCat("call-", i), Answer(i));
  }
  for (uint64_t i = 0; i < 3; ++i) EXPECT_EQ(memory.Find(absl::StrCat("call-", i)), nullptr);
  for (uint64_t i = 3; i < 11; ++i) {
    const StepAnswer* answer = memory.Find(absl::StrCat("call-", i));
    ASSERT_NE(answer, nullptr) << i;
    EXPECT_EQ(answer->outcome->step, i);
    EXPECT_EQ(answer->ticket, i);
  }
}

TEST(AnswerMemory, KnowsNoEmptyId) {
  AnswerMemory memory;
  EXPECT_EQ(memory.Find(""), nullptr);
  memory.Prepare();
  memory.Add("a", Answer(1));
  EXPECT_EQ(memory.Find(""), nullptr);
  EXPECT_EQ(memory.Find("ab"), nullptr);
}

TEST(RewardIds, KnowTheLastThousandAndTwentyFour) {
  RewardIds ids;
  for (int i = 0; i < 3'000; ++i) {
    ids.Prepare(1);
    EXPECT_FALSE(ids.Knows(absl::StrCat("reward-", i)));
    ids.Add(absl::StrCat("reward-", i));
  }
  for (int i = 0; i < 3'000 - 1'024; ++i) EXPECT_FALSE(ids.Knows(absl::StrCat("reward-", i))) << i;
  for (int i = 3'000 - 1'024; i < 3'000; ++i)
    EXPECT_TRUE(ids.Knows(absl::StrCat("reward-", i))) << i;
}

TEST(RewardIds, ACopyGoesItsOwnWay) {
  RewardIds ids;
  ids.Prepare(1);
  ids.Add("a");
  RewardIds copy = ids;
  copy.Prepare(1'024);
  copy.Add("b");
  EXPECT_TRUE(copy.Knows("a"));
  EXPECT_TRUE(copy.Knows("b"));
  EXPECT_FALSE(ids.Knows("b"));
}

}  // namespace
}  // namespace phasic

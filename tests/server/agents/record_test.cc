// SPDX-License-Identifier: Apache-2.0
#include "server/agents/record.h"

#include <gtest/gtest.h>

#include "tests/server/support/status_matchers.h"

namespace phasic {
namespace {

using testing::Fails;

std::string Encode(const DecodedInput::Input& input) {
  std::string bytes;
  EncodeInput({.agent = 1, .sequence = 2, .input = input}, &bytes);
  return bytes;
}

// No part of the bytes is read as a whole, and nothing may follow.
void ExpectNoPartIsRead(const std::string& bytes) {
  for (size_t size = 0; size < bytes.size(); ++size) {
    DecodedInput input;
    EXPECT_THAT(input.Decode(bytes.substr(0, size)),
                Fails(absl::StatusCode::kDataLoss, "STORE_CORRUPT"))
        << size;
  }
  DecodedInput input;
  EXPECT_THAT(input.Decode(bytes + '\0'), Fails(absl::StatusCode::kDataLoss, "STORE_CORRUPT"));
}

class RecordTest : public ::testing::Test {
 protected:
  const std::vector<double> one_ = {1.5}, two_ = {-2, 1e-300};
  const std::vector<RewardArguments> rewards_ = {{0, one_, "r-1", true}, {3, two_, "", false}};
};

TEST_F(RecordTest, AStepComesBackWhole) {
  const std::vector<float> observation = {0.5f, -1e-40f, 3.25e30f};
  const std::vector<uint8_t> forbidden = {0, 1, 0};
  const std::vector<ColumnId> report = {4, 0};
  const std::vector<RecordArguments> record = {{7, 3}};
  const StepArguments step{.observation = observation,
                           .rewards = rewards_,
                           .end = End::kTruncated,
                           .request_id = "request",
                           .run_id = "run",
                           .greedy = true,
                           .ticks = 12,
                           .forbidden = forbidden,
                           .report = report,
                           .record = record};
  const std::string bytes = Encode(&step);
  DecodedInput input;
  ASSERT_OK(input.Decode(bytes));
  const StepArguments& back = *std::get<const StepArguments*>(input.input());
  EXPECT_TRUE(std::equal(observation.begin(), observation.end(), back.observation.begin(),
                         back.observation.end()));
  ASSERT_EQ(back.rewards.size(), 2u);
  EXPECT_EQ(back.rewards[1].channel, 3);
  EXPECT_EQ(back.rewards[1].values[1], 1e-300);
  EXPECT_EQ(back.rewards[0].id, "r-1");
  EXPECT_EQ(back.end, End::kTruncated);
  EXPECT_EQ(back.request_id, "request");
  EXPECT_EQ(back.run_id, "run");
  EXPECT_TRUE(back.greedy);
  EXPECT_EQ(back.ticks, 12);
  EXPECT_EQ(back.forbidden[1], 1);
  EXPECT_EQ(back.report[0], 4);
  EXPECT_EQ(back.record[0].column, 7);
  EXPECT_EQ(back.record[0].every, 3);
  EXPECT_EQ(Encode(&back), bytes);
  ExpectNoPartIsRead(bytes);
}

TEST_F(RecordTest, WhatNobodyCanAskForAgainIsNotKept) {
  const std::vector<ColumnId> report = {4};
  const StepArguments step{.report = report};
  DecodedInput input;
  ASSERT_OK(input.Decode(Encode(&step)));
  EXPECT_TRUE(std::get<const StepArguments*>(input.input())->report.empty());
}

TEST_F(RecordTest, RewardsComeBack) {
  const std::string bytes = Encode(std::span<const RewardArguments>(rewards_));
  DecodedInput input;
  ASSERT_OK(input.Decode(bytes));
  const auto back = std::get<std::span<const RewardArguments>>(input.input());
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0].values[0], 1.5);
  ExpectNoPartIsRead(bytes);
}

TEST_F(RecordTest, WhatRewardsAreForComesBack) {
  std::vector<RewardArguments> rewards = rewards_;
  rewards[1].step = uint64_t{1} << 40;
  rewards[1].incarnation = 77;
  const std::string alone = Encode(std::span<const RewardArguments>(rewards));
  const std::vector<float> taken = {2.0f, -0.5f};
  const StepArguments step{.rewards = rewards, .taken_action = taken};
  const std::string in_step = Encode(&step);
  DecodedInput input;
  const auto expect_back = [&](std::span<const RewardArguments> back) {
    ASSERT_EQ(back.size(), 2u);
    EXPECT_FALSE(back[0].step.has_value());
    EXPECT_EQ(back[1].step, rewards[1].step);
    EXPECT_EQ(back[1].incarnation, 77u);
  };
  ASSERT_OK(input.Decode(alone));
  expect_back(std::get<std::span<const RewardArguments>>(input.input()));
  ASSERT_OK(input.Decode(in_step));
  const StepArguments& back = *std::get<const StepArguments*>(input.input());
  expect_back(back.rewards);
  EXPECT_TRUE(
      std::equal(taken.begin(), taken.end(), back.taken_action.begin(), back.taken_action.end()));
  ExpectNoPartIsRead(alone);
  ExpectNoPartIsRead(in_step);
}

TEST_F(RecordTest, ResetsComeBack) {
  DecodedInput input;
  ASSERT_OK(input.Decode(Encode(ResetArguments{})));
  EXPECT_TRUE(std::holds_alternative<ResetArguments>(input.input()));
}

TEST_F(RecordTest, ChangesComeBack) {
  const SettingsChange change{.mode = Mode::kFrozen,
                              .replace_labels = true,
                              .labels = {{"a", "x"}, {"b", std::nullopt}},
                              .live_parameters = {{2, 0.125}}};
  const std::string bytes = Encode(&change);
  DecodedInput input;
  ASSERT_OK(input.Decode(bytes));
  const SettingsChange& back = *std::get<const SettingsChange*>(input.input());
  EXPECT_EQ(back.mode, Mode::kFrozen);
  EXPECT_TRUE(back.replace_labels);
  EXPECT_EQ(back.labels, change.labels);
  EXPECT_EQ(back.live_parameters, change.live_parameters);
  ExpectNoPartIsRead(bytes);
}

TEST_F(RecordTest, WritesComeBack) {
  const std::vector<std::byte> values(8, std::byte{3});
  const std::vector<StateWrite> writes = {{.column = 2, .first = 5, .count = 2, .values = values},
                                          {.column = 300}};
  const std::string bytes = Encode(std::span<const StateWrite>(writes));
  DecodedInput input;
  ASSERT_OK(input.Decode(bytes));
  const auto back = std::get<std::span<const StateWrite>>(input.input());
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0].first, 5);
  EXPECT_EQ(back[0].values[7], std::byte{3});
  EXPECT_EQ(back[1].column, 300);
  EXPECT_EQ(Encode(back), bytes);
  ExpectNoPartIsRead(bytes);
}

TEST_F(RecordTest, NonsenseIsRefused) {
  for (const std::string& bytes :
       {std::string(1, 9), std::string("\x01\xff\xff\x00", 4), std::string("\x01\x03\x00\x00", 4),
        std::string("\x04\x07\x00\x00\x00", 5),
        // A reward for a channel that no int can say.
        std::string("\x02\x01\xff\xff\xff\xff\xff\xff\x01\x00\x00", 11)}) {
    DecodedInput input;
    EXPECT_THAT(input.Decode(bytes), Fails(absl::StatusCode::kDataLoss, "STORE_CORRUPT"));
  }
}

}  // namespace
}  // namespace phasic

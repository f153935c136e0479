// SPDX-License-Identifier: Apache-2.0
#include "server/store/journal_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/server/support/status_matchers.h"

namespace phasic::store {
namespace {

const std::vector<Record> kRecords = {{1, 5, "abc"}, {1, 6, ""}, {9, 1, "defgh"}};

TEST(JournalRowsTest, ComesBackAsItWas) {
  const std::string row = EncodeJournalRow(3, {.numerics = 7, .epoch = 11}, kRecords);
  const auto directory = DecodeJournalRow(3, row);
  ASSERT_OK(directory);
  EXPECT_EQ(directory->header.numerics, 7u);
  EXPECT_EQ(directory->header.epoch, 11u);
  ASSERT_EQ(directory->entries.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    const JournalEntry& entry = directory->entries[i];
    EXPECT_EQ(entry.agent, kRecords[i].agent);
    EXPECT_EQ(entry.sequence, kRecords[i].sequence);
    EXPECT_EQ(row.substr(entry.offset, entry.size), kRecords[i].bytes);
  }
}

// FORMAT.md, byte by byte; the sums were computed by another program.
TEST(JournalRowsTest, LiesAsItIsSaid) {
  constexpr std::string_view kPieces[] = {
      {"\1\0\0\0\7\0\0\0\1\0\0\0\0\0\0\0", 16}, {"\13\0\0\0\0\0\0\0", 8},
      {"\152\012\041\033\113\073\101\006", 8},  {"\2\1\0\0\0\0\0\0\5\0\0\0\0\0\0\0\3\0\0\0", 20},
      {"\236\035\010\105\331\214\010\152", 8},  {"abc", 3}};
  std::string expected;
  for (const std::string_view piece : kPieces) expected += piece;
  EXPECT_EQ(EncodeJournalRow(3, {.numerics = 7, .epoch = 11}, {{258, 5, "abc"}}), expected);
}

TEST(JournalRowsTest, TheDirectoryIsReadWithoutTheRecords) {
  const std::string row = EncodeJournalRow(3, {}, kRecords);
  const auto bytes = JournalDirectoryBytes(row.substr(0, kJournalPrefixBytes), row.size());
  ASSERT_OK(bytes);
  EXPECT_EQ(*bytes, row.size() - 8);
  EXPECT_OK(DecodeJournalDirectory(3, row.substr(0, *bytes), row.size()));
  EXPECT_FALSE(DecodeJournalDirectory(3, row.substr(0, *bytes - 1), row.size()).ok());
}

TEST(JournalRowsTest, AnyChangedBitIsFound) {
  const std::string row = EncodeJournalRow(3, {.numerics = 7, .epoch = 11}, kRecords);
  for (size_t bit = 0; bit < 8 * row.size(); ++bit) {
    std::string damaged = row;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(DecodeJournalRow(3, damaged).status().code(), absl::StatusCode::kDataLoss) << bit;
  }
}

TEST(JournalRowsTest, AnyOtherLengthIsFound) {
  const std::string row = EncodeJournalRow(3, {}, kRecords);
  for (size_t size = 0; size < row.size(); ++size) {
    EXPECT_FALSE(DecodeJournalRow(3, row.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(DecodeJournalRow(3, row + std::string(1, '\0')).ok());
}

TEST(JournalRowsTest, AnotherRowsBytesAreFound) {
  EXPECT_FALSE(DecodeJournalRow(4, EncodeJournalRow(3, {}, kRecords)).ok());
}

TEST(JournalRowsTest, AnUnknownFormatIsNamed) {
  std::string row = EncodeJournalRow(3, {}, kRecords);
  row[0] = 2;
  EXPECT_NE(DecodeJournalRow(3, row).status().message().find("format 2"), absl::string_view::npos);
}

}  // namespace
}  // namespace phasic::store

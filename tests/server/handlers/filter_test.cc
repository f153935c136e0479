// SPDX-License-Identifier: Apache-2.0
#include "server/handlers/filter.h"

#include <gtest/gtest.h>

#include "tests/server/support/status_matchers.h"

namespace phasic::handlers {
namespace {

using Labels = std::map<std::string, std::string>;

bool Matches(const std::string& filter, const Labels& labels) {
  const auto parsed = LabelFilter::Parse(filter);
  EXPECT_OK(parsed);
  return parsed.ok() && parsed->Matches(labels);
}

TEST(LabelFilter, EmptyLetsAllThrough) {
  EXPECT_TRUE(Matches("", {}));
  EXPECT_TRUE(Matches(" \t\n ", {{"a", "b"}}));
}

TEST(LabelFilter, TestsOneLabel) {
  EXPECT_TRUE(Matches("labels.env = \"maze\"", {{"env", "maze"}, {"x", "y"}}));
  EXPECT_TRUE(Matches("  labels.env=\"maze\"  ", {{"env", "maze"}}));
  EXPECT_FALSE(Matches("labels.env = \"maze\"", {{"env", "cart"}}));
  EXPECT_FALSE(Matches("labels.env = \"maze\"", {{"other", "maze"}}));
  EXPECT_TRUE(Matches("labels.env = \"\"", {{"env", ""}}));
  EXPECT_FALSE(Matches("labels.env = \"\"", {}));
}

TEST(LabelFilter, JoinsByAnd) {
  const std::string filter = "labels.a = \"1\" AND labels.b-c_d = \"2\"  AND  labels.a=\"1\"";
  EXPECT_TRUE(Matches(filter, {{"a", "1"}, {"b-c_d", "2"}}));
  EXPECT_FALSE(Matches(filter, {{"a", "1"}}));
  EXPECT_FALSE(Matches("labels.a = \"1\" AND labels.a = \"2\"", {{"a", "1"}}));
}

TEST(LabelFilter, QuotesMayHoldAnything) {
  EXPECT_TRUE(Matches(R"(labels.a = "x AND labels.b = 1")", {{"a", "x AND labels.b = 1"}}));
  EXPECT_TRUE(Matches(R"(labels.a = "say \"hi\" \\")", {{"a", R"(say "hi" \)"}}));
  EXPECT_TRUE(Matches("labels.a = \"ü\"", {{"a", "ü"}}));
}

TEST(LabelFilter, SaysWhereItGoesWrong) {
  static constexpr std::pair<const char*, const char*> kFaults[] = {
      {"env = \"maze\"", "labels.KEY at character 1"},
      {"labels. = \"maze\"", "a label's key at character 8"},
      {"labels.Env = \"maze\"", "a label's key"},
      {"labels.env \"maze\"", "= at character 12"},
      {"labels.env = maze", "a value in quotes at character 14"},
      {"labels.env = \"maze", "a value in quotes"},
      {"labels.env = \"maze\\", "a value in quotes"},
      {"labels.a = \"1\" labels.b = \"2\"", "AND at character 16"},
      {"labels.a = \"1\" OR labels.b = \"2\"", "AND at character 16"},
      {"labels.a = \"1\" AND", "labels.KEY"},
      {"labels.a != \"1\"", "= at character 10"},
  };
  for (const auto& [filter, wanted] : kFaults) {
    const auto parsed = LabelFilter::Parse(filter);
    EXPECT_THAT(parsed, testing::FailsFor("BAD_FIELD", testing::Fields{"filter"})) << filter;
    EXPECT_NE(std::string(parsed.status().message()).find(wanted), std::string::npos)
        << parsed.status();
  }
  EXPECT_FALSE(LabelFilter::Parse(std::string(5'000, ' ')).ok());
}

}  // namespace
}  // namespace phasic::handlers

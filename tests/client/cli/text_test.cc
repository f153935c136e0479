// SPDX-License-Identifier: Apache-2.0
//
// Tables and charts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_split.h"
#include "client/cli/chart.h"
#include "client/cli/table.h"

namespace phasic {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> LinesOf(const std::string& text) { return absl::StrSplit(text, '\n'); }

TEST(DisplayWidth, CountsCodePoints) {
  EXPECT_EQ(DisplayWidth(""), 0);
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("τ·λ"), 3);
  EXPECT_EQ(DisplayWidth("█▁"), 2);
}

TEST(Table, AlignsColumns) {
  Table table({{"NAME"}, {"N", Table::Align::kRight}, {"WHAT"}});
  table.Row({"a", "1", "x"});
  table.Row({"longer", "100", ""});
  EXPECT_EQ(table.Text(),
            "NAME      N  WHAT\n"
            "a         1  x\n"
            "longer  100\n");
  EXPECT_EQ(table.Text(0, 2).substr(0, 6), "  NAME");
}

TEST(Table, AlignsLettersOfSeveralBytes) {
  Table table({{""}, {""}});
  table.Row({"τ", "x"});
  table.Row({"ab", "y"});
  EXPECT_EQ(table.Text(), "τ   x\nab  y\n");
}

TEST(Table, HasNoTitleLineWithoutTitlesAndNoLinesWithoutRows) {
  Table table({{""}, {"", Table::Align::kRight}});
  EXPECT_EQ(table.Text(), "");
  table.Row({"a", "1"});
  table.Row({"b", "10"});
  EXPECT_EQ(table.Text(), "a   1\nb  10\n");
}

TEST(Table, WrapsTheLastColumnToTheWidth) {
  Table table({{"N"}, {"WHAT"}});
  table.Row({"a", "one two three four five six seven eight nine ten"});
  EXPECT_EQ(table.Text(30),
            "N  WHAT\n"
            "a  one two three four five six\n"
            "   seven eight nine ten\n");
  // However narrow the terminal, a few words stay in a line.
  EXPECT_THAT(table.Text(1), HasSubstr("a  one two three four five\n"));
}

TEST(Wrap, BreaksAtSpacesAndKeepsLineBreaks) {
  EXPECT_EQ(Wrap("", 10), "");
  EXPECT_EQ(Wrap("aa bb cc", 5), "aa bb\ncc\n");
  EXPECT_EQ(Wrap("aa bb cc", 0), "aa bb cc\n");
  EXPECT_EQ(Wrap("incompressible aa", 5), "incompressible\naa\n");
  EXPECT_EQ(Wrap("a\n\n  as it is, with no break", 5), "a\n\n  as it is, with no break\n");
  EXPECT_EQ(Wrap("aa bb\n\ncc", 7, 2), "  aa bb\n\n  cc\n");
}

TEST(Chart, DrawsOneColumnForEachValue) {
  const std::vector<double> values = {0, 1, 2, 3, 4};
  EXPECT_EQ(DrawChart(values, 7, "episode", {30, true}),
            "4 ┤                ████\n"
            "  │                ████\n"
            "  │                ████\n"
            "3 ┤            ████████\n"
            "  │            ████████\n"
            "  │            ████████\n"
            "2 ┤        ████████████\n"
            "  │        ████████████\n"
            "  │        ████████████\n"
            "1 ┤    ████████████████\n"
            "  │    ████████████████\n"
            "  │▁▁▁▁████████████████\n"
            "0 └────────────────────\n"
            "   7     episode     11\n");
}

TEST(Chart, DrawsInAscii) {
  const std::vector<double> values = {0, 1, 2, 3, 4};
  const std::string chart = DrawChart(values, 0, "episode", {30, false});
  EXPECT_TRUE(std::all_of(chart.begin(), chart.end(), [](char c) { return c > 0; }));
  EXPECT_THAT(chart, HasSubstr("4 +                ####\n"));
  EXPECT_THAT(chart, HasSubstr("  |....################\n"));
  EXPECT_THAT(chart, HasSubstr("0 +--------------------\n"));
}

TEST(Chart, ShowsPartsOfACell) {
  // Half of one of the three rows of a tick.
  const std::vector<double> values = {1, 1.0 / 6};
  const std::vector<std::string> lines = LinesOf(DrawChart(values, 0, "n", {20, true}));
  // Five ticks of 0.2, fifteen rows: a sixth is two and a half of them.
  ASSERT_EQ(lines.size(), 18u);
  EXPECT_EQ(lines[14], "    │████████");
  EXPECT_EQ(lines[13], "    │████████");
  EXPECT_EQ(lines[12], "0.2 ┤████▄▄▄▄");
  EXPECT_EQ(lines[11], "    │████");
}

TEST(Chart, FitsTheWidthByAveragingNeighbours) {
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) values.push_back(i % 2 == 0 ? 0 : 10);
  for (const int width : {40, 80, 133}) {
    const std::string chart = DrawChart(values, 0, "episode", {width, true});
    for (const std::string& line : LinesOf(chart)) EXPECT_LE(DisplayWidth(line), width) << line;
    EXPECT_THAT(chart, HasSubstr("999\n"));
    // The means are near 5: nothing reaches the upper third, everything the lower.
    const std::vector<std::string> lines = LinesOf(chart);
    EXPECT_THAT(lines[0], Not(HasSubstr("█")));
    const size_t rows = lines.size() - 3;
    EXPECT_EQ(lines[rows - 1].find(' ', lines[rows - 1].find("│")), std::string::npos);
  }
}

TEST(Chart, HasRoundLabelsAboveAndBelowZero) {
  const std::vector<double> values = {-200, -180, -97};
  const std::string negative = DrawChart(values, 0, "episode", {60, true});
  EXPECT_THAT(negative, HasSubstr("-200 └"));
  EXPECT_THAT(negative, HasSubstr("-50 ┤"));
  EXPECT_THAT(negative, Not(HasSubstr(" 0 ┤")));
  const std::vector<double> both = {-1, 1};
  const std::string mixed = DrawChart(both, 0, "episode", {60, true});
  EXPECT_THAT(mixed, HasSubstr("-1 └"));
  EXPECT_THAT(mixed, HasSubstr(" 0 ┤"));
  EXPECT_THAT(mixed, HasSubstr(" 1 ┤"));
}

TEST(Chart, DrawsEqualExtremeAndSingleValues) {
  EXPECT_EQ(DrawChart({}, 0, "episode", {80, true}), "");
  const std::vector<std::vector<double>> cases = {
      {0}, {5}, {-5}, {500, 500, 500}, {1e300, -1e300}, {1e-300}, {-1e10, -1e10 + 1e-6}};
  for (const std::vector<double>& values : cases) {
    const std::string chart = DrawChart(values, 0, "episode", {40, true});
    // Up to ten ticks of three rows, the axis and the labels, and every column shows.
    EXPECT_LE(LinesOf(chart).size(), 33u) << chart;
    EXPECT_THAT(chart, HasSubstr("└")) << chart;
    EXPECT_THAT(chart, Not(HasSubstr("nan"))) << chart;
    const bool shows = chart.find("█") != std::string::npos || chart.find("▁") != std::string::npos;
    EXPECT_TRUE(shows) << chart;
  }
}

}  // namespace
}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "client/cli/args.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace phasic {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::StatusOr<Exit> Nothing(const Context&) { return Exit::kOk; }

// tool [--json] [--server A] pets feed ID [FOOD] [--much N] [--kind dry|wet] [--toy T]...
Command Tool() {
  Command feed = {"feed",
                  "Feed a pet.",
                  "  tool pets feed rex",
                  {{"ID", "The pet."}, {"FOOD", "What it gets.", false}},
                  {{"much", Type::kCount, "N", "How much."},
                   {"from", Type::kOffset, "N", "From where."},
                   {"times", Type::kSize, "N", "How often."},
                   {"heat", Type::kNumber, "DEGREES", "How warm."},
                   {"kind", Type::kChoice, "dry|wet", "Of which kind."},
                   {"toy", Type::kText, "TOY", "A toy.", true}},
                  Nothing,
                  {}};
  Command pets = {"pets", "Pets.", "", {}, {}, nullptr, {feed}};
  return {"tool",
          "Looks after pets.",
          "",
          {},
          {{"json", Type::kSwitch, "", "As JSON."},
           {"server", Type::kText, "ADDRESS", "Where."},
           {"help", Type::kSwitch, "", "Explain."},
           {"version", Type::kSwitch, "", "Tell the version."}},
          nullptr,
          {pets}};
}

std::string FaultOf(const std::vector<std::string>& words) {
  const auto parsed = Parse(Tool(), words);
  return parsed.ok() ? "" : std::string(parsed.status().message());
}

TEST(Parse, FindsTheCommandItsOperandsAndOptions) {
  const Command tool = Tool();
  const auto parsed = Parse(tool, {"--server", "a:1", "pets", "feed", "rex", "--much=3", "--toy",
                                   "ball", "bone", "--toy", "rope", "--json"});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  ASSERT_EQ(parsed->path.size(), 3u);
  EXPECT_EQ(parsed->path.back()->name, "feed");
  const Args& args = parsed->args;
  EXPECT_EQ(args.Text("server"), "a:1");
  EXPECT_EQ(args.Text("ID"), "rex");
  EXPECT_EQ(args.Text("FOOD"), "bone");
  EXPECT_EQ(args.Count("much"), 3u);
  EXPECT_THAT(args.All("toy"), ElementsAre("ball", "rope"));
  EXPECT_TRUE(args.Has("json"));
  EXPECT_FALSE(args.Has("kind"));
  EXPECT_EQ(args.Text("kind", "dry"), "dry");
  EXPECT_EQ(args.Number("heat"), std::nullopt);
}

TEST(Parse, TakesNegativeNumbersAndALoneDashForOperands) {
  const Command tool = Tool();
  const auto parsed = Parse(tool, {"pets", "feed", "-", "-1.5", "--heat", "-3e2"});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->args.Text("ID"), "-");
  EXPECT_EQ(parsed->args.Text("FOOD"), "-1.5");
  EXPECT_EQ(parsed->args.Number("heat"), -300);
}

TEST(Parse, TakesEverythingAfterTwoDashesForOperands) {
  const Command tool = Tool();
  const auto parsed = Parse(tool, {"pets", "feed", "--", "--json", "--help"});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->args.Text("ID"), "--json");
  EXPECT_EQ(parsed->args.Text("FOOD"), "--help");
  EXPECT_FALSE(parsed->args.Has("json"));
}

TEST(Parse, KeepsWhatFollowsTheFirstEqualsSign) {
  const Command tool = Tool();
  const auto parsed = Parse(tool, {"pets", "feed", "rex", "--toy=a=b", "--toy="});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_THAT(parsed->args.All("toy"), ElementsAre("a=b", ""));
}

TEST(Parse, NamesTheFaultAndThePlace) {
  EXPECT_EQ(FaultOf({}), "name a command: pets; see tool --help");
  EXPECT_EQ(FaultOf({"pets"}), "pets: name a command: feed; see tool pets --help");
  EXPECT_EQ(FaultOf({"petz"}), "unknown command petz (did you mean pets?); see tool --help");
  EXPECT_EQ(FaultOf({"pets", "feed"}), "pets feed: ID is missing; see tool pets feed --help");
  EXPECT_THAT(FaultOf({"pets", "feed", "a", "b", "c"}), HasSubstr("\"c\" is one word too many"));
  EXPECT_THAT(FaultOf({"pets", "feed", ""}), HasSubstr("ID is empty"));
  EXPECT_THAT(FaultOf({"pets", "feed", "a", "--muhc", "1"}),
              HasSubstr("unknown option --muhc (did you mean --much?)"));
  EXPECT_THAT(FaultOf({"--much", "1", "pets", "feed", "a"}), HasSubstr("unknown option --much"));
  EXPECT_THAT(FaultOf({"pets", "feed", "a", "--zzzzzzz"}), HasSubstr("unknown option --zzzzzzz;"));
}

TEST(Parse, ChecksValues) {
  const std::vector<std::string> feed = {"pets", "feed", "a"};
  const auto fault = [&](const std::string& option, const std::string& value) {
    std::vector<std::string> words = feed;
    words.insert(words.end(), {option, value});
    return FaultOf(words);
  };
  EXPECT_EQ(fault("--much", "18446744073709551615"), "");
  EXPECT_THAT(fault("--much", "18446744073709551616"), HasSubstr("is not a whole number"));
  EXPECT_THAT(fault("--much", "-1"), HasSubstr("--much: \"-1\" is not a whole number from 0 up"));
  EXPECT_THAT(fault("--much", "2.5"), HasSubstr("is not a whole number"));
  EXPECT_EQ(fault("--from", "9223372036854775807"), "");
  EXPECT_THAT(fault("--from", "9223372036854775808"), HasSubstr("is not a whole number from 0 up"));
  EXPECT_EQ(fault("--times", "2147483647"), "");
  EXPECT_THAT(fault("--times", "2147483648"), HasSubstr("is not a whole number from 1 up"));
  EXPECT_THAT(fault("--times", "0"), HasSubstr("is not a whole number from 1 up"));
  EXPECT_EQ(fault("--heat", "-2.5"), "");
  EXPECT_THAT(fault("--heat", "nan"), HasSubstr("is not a number"));
  EXPECT_THAT(fault("--heat", "inf"), HasSubstr("is not a number"));
  EXPECT_EQ(fault("--kind", "wet"), "");
  EXPECT_THAT(fault("--kind", "we"), HasSubstr("--kind: \"we\" is not one of dry, wet"));
  EXPECT_THAT(fault("--kind", "--json"), HasSubstr("--kind needs a value: dry|wet"));
  EXPECT_THAT(FaultOf({"pets", "feed", "a", "--much"}), HasSubstr("--much needs a value: N"));
  EXPECT_THAT(FaultOf({"pets", "feed", "a", "--json=1"}), HasSubstr("--json takes no value"));
  EXPECT_THAT(FaultOf({"pets", "feed", "a", "--kind=dry", "--kind=wet"}),
              HasSubstr("--kind is given twice"));
}

TEST(Parse, LetsHelpAndVersionStandWithoutTheRest) {
  const Command tool = Tool();
  const auto check = [&](const std::vector<std::string>& words, const std::string& command) {
    const auto parsed = Parse(tool, words);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_TRUE(parsed->args.Has("help"));
    EXPECT_EQ(parsed->path.back()->name, command);
  };
  check({"--help"}, "tool");
  check({"-h"}, "tool");
  check({"pets", "--help"}, "pets");
  check({"--help", "pets", "feed"}, "feed");
  check({"--server", "pets", "--help"}, "tool");  // "pets" is the server's address
  check({"pets", "feed", "--much", "x", "--bad", "--help"}, "feed");
  const auto parsed = Parse(tool, {"--version"});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(parsed->args.Has("version"));
}

TEST(Help, ShowsWhatTheCommandDeclares) {
  const Command tool = Tool();
  const auto feed = Parse(tool, {"pets", "feed", "--help"});
  ASSERT_TRUE(feed.ok());
  EXPECT_EQ(Help(feed->path, 80),
            "usage: tool pets feed ID [FOOD] [OPTION]...\n"
            "\n"
            "Feed a pet.\n"
            "\n"
            "  ID    The pet.\n"
            "  FOOD  What it gets.\n"
            "\n"
            "options:\n"
            "  --much N        How much.\n"
            "  --from N        From where.\n"
            "  --times N       How often.\n"
            "  --heat DEGREES  How warm.\n"
            "  --kind dry|wet  Of which kind.\n"
            "  --toy TOY       A toy. May be repeated.\n"
            "\n"
            "options of every tool command:\n"
            "  --json            As JSON.\n"
            "  --server ADDRESS  Where.\n"
            "  --help            Explain.\n"
            "  --version         Tell the version.\n"
            "\n"
            "  tool pets feed rex\n");
  const auto root = Parse(tool, {"--help"});
  ASSERT_TRUE(root.ok());
  EXPECT_THAT(Help(root->path, 80), HasSubstr("usage: tool COMMAND [OPTION]...\n"));
  EXPECT_THAT(Help(root->path, 80), HasSubstr("commands:\n  pets  Pets.\n"));
}

}  // namespace
}  // namespace phasic

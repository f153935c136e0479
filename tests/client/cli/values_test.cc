// SPDX-License-Identifier: Apache-2.0
#include "client/cli/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace phasic {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ParsePair, SplitsAtTheFirstEqualsSign) {
  const auto pair = ParsePair("a.b=c=d");
  ASSERT_TRUE(pair.ok());
  EXPECT_EQ(pair->first, "a.b");
  EXPECT_EQ(pair->second, "c=d");
  EXPECT_EQ(ParsePair("a=")->second, "");
  EXPECT_EQ(ParsePair("a").status().message(), "\"a\" is not of the form KEY=VALUE");
  EXPECT_FALSE(ParsePair("=a").ok());
}

TEST(ParseValue, TakesJsonAndBareWords) {
  EXPECT_EQ(ParseValue("0.1")->number_value(), 0.1);
  EXPECT_EQ(ParseValue("-.5e-3")->number_value(), -0.5e-3);
  EXPECT_EQ(ParseValue("16")->number_value(), 16);
  EXPECT_TRUE(ParseValue("true")->bool_value());
  EXPECT_EQ(ParseValue("null")->kind_case(), google::protobuf::Value::kNullValue);
  EXPECT_EQ(ParseValue("tanh")->string_value(), "tanh");
  EXPECT_EQ(ParseValue("two words")->string_value(), "two words");
  EXPECT_EQ(ParseValue("\"0.1\"")->string_value(), "0.1");
  EXPECT_EQ(ParseValue("")->string_value(), "");
  // No JSON number: the server says what it thinks of the word.
  EXPECT_EQ(ParseValue("nan")->string_value(), "nan");
  EXPECT_EQ(ParseValue("inf")->string_value(), "inf");
  const auto list = ParseValue("[1, 2.5, \"x\"]");
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->list_value().values_size(), 3);
  EXPECT_EQ(list->list_value().values(1).number_value(), 2.5);
  EXPECT_EQ(list->list_value().values(2).string_value(), "x");
}

TEST(ParseValue, RefusesBrokenJson) {
  EXPECT_EQ(ParseValue("[1, 2").status().message(), "\"[1, 2\" is not JSON");
  EXPECT_FALSE(ParseValue("\"open").ok());
  EXPECT_FALSE(ParseValue("{1}").ok());
}

TEST(ParseSpace, TakesEveryKind) {
  EXPECT_EQ(ParseSpace("discrete:5")->discrete().n(), 5);
  EXPECT_EQ(ParseSpace("binary:8")->multi_binary().n(), 8);
  EXPECT_THAT(ParseSpace("multidiscrete:2,3")->multi_discrete().nvec(), ElementsAre(2, 3));
  EXPECT_THAT(ParseSpace("multidiscrete:4")->multi_discrete().nvec(), ElementsAre(4));
  const auto box = ParseSpace("box:4");
  ASSERT_TRUE(box.ok());
  EXPECT_THAT(box->box().shape(), ElementsAre(4));
  EXPECT_THAT(box->box().low(), IsEmpty());
  EXPECT_THAT(box->box().high(), IsEmpty());
  const auto bounded = ParseSpace("box:2x3:-1:1.5");
  ASSERT_TRUE(bounded.ok());
  EXPECT_THAT(bounded->box().shape(), ElementsAre(2, 3));
  EXPECT_THAT(bounded->box().low(), ElementsAre(-1));
  EXPECT_THAT(bounded->box().high(), ElementsAre(1.5));
}

TEST(ParseSpace, TakesBoundsForEachElementAndForOneSide) {
  const auto space = ParseSpace("box:2:-4.8,-inf:4.8,inf");
  ASSERT_TRUE(space.ok());
  EXPECT_THAT(space->box().low(), ElementsAre(-4.8, -INFINITY));
  EXPECT_THAT(space->box().high(), ElementsAre(4.8, INFINITY));
  EXPECT_THAT(ParseSpace("box:2::1")->box().low(), IsEmpty());
  EXPECT_THAT(ParseSpace("box:2::1")->box().high(), ElementsAre(1));
  EXPECT_THAT(ParseSpace("box:2:-inf:1")->box().low(), IsEmpty());
  EXPECT_THAT(ParseSpace("box:2:0:inf")->box().high(), IsEmpty());
}

TEST(ParseSpace, RefusesWhatIsNoSpace) {
  for (const char* text :
       {"", "discrete", "discrete:", "discrete:x", "discrete:2:3", "multidiscrete",
        "multidiscrete:", "multidiscrete:2,", "multidiscrete:2x3", "binary:", "box",
        "box:", "box:2x", "box:2:a", "box:2:nan", "box:2:0:1:2", "ball:3", "box:2:0,:1"}) {
    EXPECT_FALSE(ParseSpace(text).ok()) << text;
  }
  EXPECT_EQ(ParseSpace("ball:3").status().message(),
            "\"ball:3\" is no space: discrete:N, multidiscrete:N,M,..., binary:N or "
            "box:SHAPE[:LOW[:HIGH]]");
}

TEST(SpaceText, IsWhatParseSpaceTakes) {
  for (const char* text : {"discrete:5", "binary:8", "box:4", "box:2x3:-1:1", "box:2::1",
                           "box:2:-0.1", "box:2:-4.8,-inf:4.8,inf"}) {
    const auto space = ParseSpace(text);
    ASSERT_TRUE(space.ok()) << text;
    EXPECT_EQ(SpaceText(*space), text);
  }
  EXPECT_EQ(SpaceText(v1::Space()), "-");
}

TEST(ParseNumbers, TakesFiniteNumbersOnly) {
  EXPECT_THAT(*ParseNumbers("0.5"), ElementsAre(0.5));
  EXPECT_THAT(*ParseNumbers("1,-2e3,0"), ElementsAre(1, -2000, 0));
  EXPECT_EQ(ParseNumbers("1,x").status().message(), "\"x\" is not a number");
  for (const char* text : {"", "1,", "nan", "1,inf"}) EXPECT_FALSE(ParseNumbers(text).ok()) << text;
}

TEST(ParseNamedNumbers, SeparatesTheName) {
  EXPECT_EQ(ParseNamedNumbers("1,2")->name, "");
  const auto named = ParseNamedNumbers("left.eye=1,2");
  ASSERT_TRUE(named.ok());
  EXPECT_EQ(named->name, "left.eye");
  EXPECT_THAT(named->numbers, ElementsAre(1, 2));
  EXPECT_FALSE(ParseNamedNumbers("left=").ok());
}

TEST(MakeReward, IsAScalarForOneValueAndAVectorForMore) {
  const v1::Reward scalar = MakeReward({"", {0.5}});
  EXPECT_EQ(scalar.value(), 0.5);
  EXPECT_THAT(scalar.values(), IsEmpty());
  const v1::Reward vector = MakeReward({"errors", {1, 0}});
  EXPECT_EQ(vector.channel(), "errors");
  EXPECT_FALSE(vector.has_value());
  EXPECT_THAT(vector.values(), ElementsAre(1, 0));
}

TEST(ResourceName, AddsTheCollectionToABareId) {
  EXPECT_EQ(ResourceName("agents", "cart"), "agents/cart");
  EXPECT_EQ(ResourceName("agents", "agents/cart"), "agents/cart");
  EXPECT_EQ(ResourceName("agents", "tenants/lab/agents/cart"), "tenants/lab/agents/cart");
  EXPECT_EQ(IdOf("tenants/lab/agents/cart"), "cart");
  EXPECT_EQ(IdOf("cart"), "cart");
}

}  // namespace
}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "core/model/parameter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/base/limits.h"

namespace phasic {
namespace {

enum Index { kTau, kBins, kCode };

constexpr const char* kCodes[] = {"product", "separate"};
constexpr ParamInfo kInfos[] = {
    {.name = "tau", .description = "", .unit = "ms", .default_value = 5, .min = 0.5, .max = 100},
    {.name = "bins",
     .description = "",
     .default_value = 3,
     .min = 1,
     .max = 9,
     .list = true,
     .integer = true},
    {.name = "code", .description = "", .choices = kCodes},
};

using List = std::vector<double>;

std::vector<Violation> Faults(const ParamMap& given) {
  std::vector<Violation> violations;
  const Parameters checked(kInfos, given, "p", &violations);
  return violations;
}

// The only fault of a map, as "field: description".
std::string Fault(const ParamMap& given) {
  const auto faults = Faults(given);
  EXPECT_EQ(faults.size(), 1u);
  return faults.empty() ? "" : faults[0].field + ": " + faults[0].description;
}

TEST(ParametersTest, WhatIsNotGivenIsTheDefault) {
  std::vector<Violation> violations;
  const Parameters p(kInfos, {{"tau", 7.0}}, "p", &violations);
  EXPECT_TRUE(violations.empty());
  EXPECT_EQ(p.number(kTau), 7);
  EXPECT_TRUE(p.given(kTau));
  EXPECT_EQ(p.number(kBins), 3);
  EXPECT_EQ(p.list(kBins).size(), 1u);
  EXPECT_FALSE(p.given(kBins));
  EXPECT_EQ(p.choice(kCode), 0);
  EXPECT_EQ(p.size(), 3);
}

TEST(ParametersTest, ListsAndWordsAreTaken) {
  std::vector<Violation> violations;
  const Parameters p(kInfos, {{"bins", List{4, 5, 9}}, {"code", std::string("separate")}}, "p",
                     &violations);
  EXPECT_TRUE(violations.empty());
  EXPECT_THAT(p.list(kBins), ::testing::ElementsAre(4, 5, 9));
  EXPECT_EQ(p.choice(kCode), 1);
}

TEST(ParametersTest, TheEndsOfARangeAreInside) {
  EXPECT_TRUE(Faults({{"tau", 0.5}}).empty());
  EXPECT_TRUE(Faults({{"tau", 100.0}}).empty());
}

TEST(ParametersTest, EachFaultNamesItsFieldAndWhatIsRight) {
  EXPECT_EQ(Fault({{"tau", 0.25}}), "p.tau: is 0.25 ms, but must be 0.5 to 100 ms");
  EXPECT_EQ(Fault({{"tau", 101.0}}), "p.tau: is 101 ms, but must be 0.5 to 100 ms");
  EXPECT_EQ(Fault({{"tau", std::numeric_limits<double>::quiet_NaN()}}),
            "p.tau: is not a finite number");
  EXPECT_EQ(Fault({{"tau", std::numeric_limits<double>::infinity()}}),
            "p.tau: is not a finite number");
  EXPECT_EQ(Fault({{"tau", List{1, 2}}}), "p.tau: is a list, but must be one number");
  EXPECT_EQ(Fault({{"tau", std::string("long")}}),
            "p.tau: is the word \"long\", but must be a number");
  EXPECT_EQ(Fault({{"tua", 1.0}}), "p.tua: is not a parameter here: there are tau, bins, code");
  EXPECT_EQ(Fault({{"bins", 2.5}}), "p.bins: is 2.5, but must be a whole number");
  EXPECT_EQ(Fault({{"bins", List{}}}), "p.bins: is an empty list");
  EXPECT_EQ(Fault({{"bins", List{1, 10}}}), "p.bins[1]: is 10, but must be 1 to 9");
  EXPECT_EQ(Fault({{"code", std::string("sum")}}),
            "p.code: is \"sum\", but must be one of product, separate");
  EXPECT_EQ(Fault({{"code", 1.0}}), "p.code: must be one of product, separate");
  const List long_list(limits::kMaxListParameter + 1, 1.0);
  EXPECT_EQ(Fault({{"bins", long_list}}), "p.bins: has 65537 numbers, but may have at most 65536");
}

TEST(ParametersTest, AllFaultsAreReported) {
  EXPECT_EQ(Faults({{"tau", 0.0}, {"bins", List{0, 10}}, {"x", 1.0}}).size(), 4u);
}

TEST(ParametersTest, AFaultyValueLeavesTheDefault) {
  std::vector<Violation> violations;
  const Parameters p(kInfos, {{"tau", -1.0}, {"bins", List{4, 99}}}, "p", &violations);
  EXPECT_EQ(p.number(kTau), 5);
  EXPECT_THAT(p.list(kBins), ::testing::ElementsAre(3));
}

}  // namespace
}  // namespace phasic

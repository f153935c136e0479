// SPDX-License-Identifier: Apache-2.0
#include "core/model/space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace phasic {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> FaultyFields(const Space& space) {
  std::vector<Violation> violations;
  space.Check("s", &violations);
  std::vector<std::string> fields;
  for (const Violation& v : violations) fields.push_back(v.field);
  return fields;
}

// The faulty element, or -2 when the value is inside.
int Outside(const Space& space, std::vector<float> value) {
  int element = 0;
  return space.WhyNot(value, &element).empty() ? -2 : element;
}

TEST(SpaceTest, SizesAreNumbersPerValue) {
  EXPECT_EQ(Space().size(), 0);
  EXPECT_EQ(Space::Discrete(7).size(), 1);
  EXPECT_EQ(Space::MultiDiscrete({7, 2}).size(), 2);
  EXPECT_EQ(Space::MultiBinary(7).size(), 7);
  EXPECT_EQ(Space::Box({2, 3, 4}).size(), 24);
}

TEST(SpaceTest, BoundsAreOneForEachOneForAllOrNone) {
  const Space each = Space::Box({2}, {-1, -2}, {1, 2});
  EXPECT_EQ(each.lower(1), -2);
  EXPECT_EQ(each.upper(1), 2);
  const Space all = Space::Box({2}, {-1}, {1});
  EXPECT_EQ(all.lower(1), -1);
  const Space none = Space::Box({2});
  EXPECT_EQ(none.lower(0), -kInf);
  EXPECT_EQ(none.upper(0), kInf);
  EXPECT_EQ(Space::Discrete(5).upper(0), 4);
  EXPECT_EQ(Space::MultiBinary(5).upper(3), 1);
  EXPECT_EQ(Space::MultiDiscrete({5, 3}).lower(1), 0);
  EXPECT_EQ(Space::MultiDiscrete({5, 3}).upper(1), 2);
}

TEST(SpaceTest, ChoicesHaveAlternatives) {
  EXPECT_EQ(Space::Discrete(5).choices(), 1);
  EXPECT_EQ(Space::Discrete(5).alternatives(), 5);
  EXPECT_EQ(Space::MultiDiscrete({5, 3}).choices(), 2);
  EXPECT_EQ(Space::MultiDiscrete({5, 3}).alternatives(1), 3);
  EXPECT_EQ(Space::MultiDiscrete({5, 3}).alternatives(), 8);
  for (const Space& space : {Space(), Space::MultiBinary(5), Space::Box({5})}) {
    EXPECT_EQ(space.choices(), 0) << space.ToString();
    EXPECT_EQ(space.alternatives(), 0) << space.ToString();
  }
}

TEST(SpaceTest, EveryChoiceNeedsAnAlternative) {
  const Space space = Space::MultiDiscrete({2, 1, 3});
  const auto without = [&](std::vector<uint8_t> forbidden) {
    return space.ChoiceWithout(forbidden);
  };
  EXPECT_EQ(without({0, 0, 0, 0, 0, 0}), -1);
  EXPECT_EQ(without({1, 0, 0, 1, 0, 1}), -1);
  EXPECT_EQ(without({1, 1, 0, 0, 0, 0}), 0);
  EXPECT_EQ(without({0, 1, 1, 1, 1, 1}), 1);
  EXPECT_EQ(without({0, 1, 0, 1, 1, 1}), 2);
}

TEST(SpaceTest, ALongSpaceIsQuotedInShort) {
  EXPECT_EQ(Space::MultiDiscrete({2, 3}).ToString(), "MultiDiscrete([2, 3])");
  EXPECT_EQ(Space::MultiDiscrete(std::vector<int>(9, 4)).ToString(),
            "MultiDiscrete([4, 4, 4, 4, 4, 4, 4, 4, ...])");
}

TEST(SpaceTest, SoundSpacesPass) {
  for (const Space& space :
       {Space::Discrete(1), Space::Discrete(65536), Space::MultiBinary(1), Space::Box({256, 256}),
        Space::Box({2}, {-kInf, 0}, {kInf, 1}), Space::Box({1}, {3}, {3}),
        Space::MultiDiscrete({1, 65535}), Space::MultiDiscrete(std::vector<int>(65536, 1))}) {
    EXPECT_THAT(FaultyFields(space), ::testing::IsEmpty()) << space.ToString();
  }
}

TEST(SpaceTest, FaultsOfTheSpaceItselfNameTheirField) {
  using ::testing::ElementsAre;
  EXPECT_THAT(FaultyFields(Space()), ElementsAre("s"));
  EXPECT_THAT(FaultyFields(Space::Discrete(0)), ElementsAre("s.discrete.n"));
  EXPECT_THAT(FaultyFields(Space::Discrete(65537)), ElementsAre("s.discrete.n"));
  EXPECT_THAT(FaultyFields(Space::MultiBinary(-1)), ElementsAre("s.multi_binary.n"));
  EXPECT_THAT(FaultyFields(Space::MultiDiscrete({})), ElementsAre("s.multi_discrete.nvec"));
  EXPECT_THAT(FaultyFields(Space::MultiDiscrete({2, 0, 3, 65537})),
              ElementsAre("s.multi_discrete.nvec[1]", "s.multi_discrete.nvec[3]"));
  EXPECT_THAT(FaultyFields(Space::MultiDiscrete({2, 65535})), ElementsAre("s.multi_discrete.nvec"));
  EXPECT_THAT(FaultyFields(Space::Box({})), ElementsAre("s.box.shape"));
  EXPECT_THAT(FaultyFields(Space::Box({2, 0, -3})),
              ElementsAre("s.box.shape[1]", "s.box.shape[2]"));
  EXPECT_THAT(FaultyFields(Space::Box({65536, 65536, 65536})), ElementsAre("s.box.shape"));
  EXPECT_THAT(FaultyFields(Space::Box({3}, {0, 0}, {1, 1})),
              ElementsAre("s.box.low", "s.box.high"));
  EXPECT_THAT(FaultyFields(Space::Box({2}, {0, kNan})), ElementsAre("s.box.low[1]"));
  EXPECT_THAT(FaultyFields(Space::Box({2}, {0, 5}, {1, 4})), ElementsAre("s.box.low[1]"));
  EXPECT_THAT(FaultyFields(Space::Box({2}, {5}, {4})), ElementsAre("s.box.low[0]"));
  EXPECT_THAT(FaultyFields(Space::Box({1}, {kInf}, {kInf})), ElementsAre("s.box.low[0]"));
}

TEST(SpaceTest, ValuesAreInsideOrTheFaultyElementIsNamed) {
  EXPECT_EQ(Outside(Space::Discrete(3), {2}), -2);
  EXPECT_EQ(Outside(Space::Discrete(3), {3}), 0);
  EXPECT_EQ(Outside(Space::Discrete(3), {-1}), 0);
  EXPECT_EQ(Outside(Space::Discrete(3), {1.5f}), 0);
  EXPECT_EQ(Outside(Space::Discrete(3), {1, 1}), -1);
  EXPECT_EQ(Outside(Space::MultiDiscrete({2, 3}), {1, 2}), -2);
  EXPECT_EQ(Outside(Space::MultiDiscrete({2, 3}), {2, 2}), 0);
  EXPECT_EQ(Outside(Space::MultiDiscrete({2, 3}), {1, 3}), 1);
  EXPECT_EQ(Outside(Space::MultiDiscrete({2, 3}), {1, 0.5f}), 1);
  EXPECT_EQ(Outside(Space::MultiDiscrete({2, 3}), {1}), -1);
  EXPECT_EQ(Outside(Space::MultiBinary(3), {0, 1, 1}), -2);
  EXPECT_EQ(Outside(Space::MultiBinary(3), {0, 0.5f, 1}), 1);
  const Space box = Space::Box({2}, {-1, -kInf}, {1, kInf});
  EXPECT_EQ(Outside(box, {1, 1e30f}), -2);
  EXPECT_EQ(Outside(box, {1.1f, 0}), 0);
  EXPECT_EQ(Outside(box, {0, static_cast<float>(kInf)}), 1);
  EXPECT_EQ(Outside(box, {0, static_cast<float>(kNan)}), 1);
  EXPECT_EQ(Outside(box, {}), -1);
}

TEST(SpaceTest, TheFloatNearestToABoundIsInside) {
  // 0.1f is above 0.1, -0.1f below -0.1.
  const Space box = Space::Box({1}, {-0.1}, {0.1});
  ASSERT_GT(static_cast<double>(0.1f), 0.1);
  EXPECT_EQ(Outside(box, {0.1f}), -2);
  EXPECT_EQ(Outside(box, {-0.1f}), -2);
  EXPECT_EQ(Outside(box, {std::nextafter(0.1f, 1.0f)}), 0);
  EXPECT_EQ(Outside(Space::Box({1}, {-1e300}, {1e300}), {3e38f}), -2);
}

}  // namespace
}  // namespace phasic

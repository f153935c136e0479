// SPDX-License-Identifier: Apache-2.0
#include "core/model/elements.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace phasic {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

Column ColumnOf(Type type, double min = -kInf, double max = kInf) {
  Column column{"c", "x", "", type, Life::kFast, false, 1, 4, 0};
  column.min = min;
  column.max = max;
  return column;
}

template <class T>
int64_t FaultOf(const Column& column, const std::vector<T>& elements) {
  const auto fault = FindFault(column, std::as_bytes(std::span(elements)));
  if (!fault) return -1;
  EXPECT_FALSE(fault->description.empty());
  return fault->index;
}

TEST(ElementsTest, TheFirstThatIsNotFiniteOrOutOfBoundsIsFound) {
  const Column column = ColumnOf(Type::kF32, -1, 2);
  EXPECT_EQ(FaultOf<float>(column, {-1, 2, 0}), -1);
  EXPECT_EQ(FaultOf<float>(column, {}), -1);
  EXPECT_EQ(FaultOf<float>(column, {0, 2.5f, 3}), 1);
  EXPECT_EQ(FaultOf<float>(column, {0, 0, -1.5f}), 2);
  EXPECT_EQ(FaultOf<float>(column, {NAN}), 0);
  EXPECT_EQ(FaultOf<float>(ColumnOf(Type::kF32), {1, INFINITY}), 1);
  EXPECT_EQ(FaultOf<float>(ColumnOf(Type::kF32), {1, -INFINITY}), 1);
  EXPECT_EQ(FaultOf<double>(ColumnOf(Type::kF64), {1e100, -1e100}), -1);
  EXPECT_EQ(FaultOf<double>(ColumnOf(Type::kF64), {0, 1e200}), 1);
  EXPECT_EQ(FaultOf<double>(ColumnOf(Type::kF64), {NAN}), 0);
  EXPECT_EQ(FaultOf<uint32_t>(ColumnOf(Type::kU32, -kInf, 3), {3, 4}), 1);
  EXPECT_EQ(FaultOf<uint64_t>(ColumnOf(Type::kU64), {~uint64_t{0}}), -1);
  EXPECT_EQ(FaultOf<uint8_t>(ColumnOf(Type::kU8, -kInf, 1), {0, 1, 2}), 2);
}

TEST(ElementsTest, TheyNeedNotBeAligned) {
  const float values[] = {1, NAN};
  std::vector<std::byte> bytes(1 + sizeof values);
  std::memcpy(bytes.data() + 1, values, sizeof values);
  const auto fault = FindFault(ColumnOf(Type::kF32), std::span(bytes).subspan(1));
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->index, 1);
  EXPECT_EQ(fault->description, "is nan, but must be finite");
}

template <class T>
bool Becomes(double number, Type type, T expected) {
  T element{};
  return !ToElement(number, type, reinterpret_cast<std::byte*>(&element)) && element == expected;
}
bool Fits(double number, Type type) {
  std::byte element[8];
  return !ToElement(number, type, element);
}

TEST(ElementsTest, NumbersBecomeElementsWhereTheyCan) {
  EXPECT_TRUE(Becomes<float>(0.1, Type::kF32, 0.1f));
  EXPECT_TRUE(Becomes<double>(0.1, Type::kF64, 0.1));
  EXPECT_TRUE(Becomes<uint8_t>(255, Type::kU8, 255));
  EXPECT_TRUE(Becomes<uint16_t>(65535, Type::kU16, 65535));
  EXPECT_TRUE(Becomes<uint32_t>(4294967295.0, Type::kU32, 4294967295u));
  EXPECT_TRUE(Becomes<uint64_t>(9007199254740992.0, Type::kU64, 9007199254740992u));
  for (const Type type : {Type::kU8, Type::kU16, Type::kU32, Type::kU64}) {
    for (const double bad : {-1.0, 0.5, double{NAN}, kInf, 1.9e19}) {
      EXPECT_FALSE(Fits(bad, type)) << bad << " " << static_cast<int>(type);
    }
  }
  EXPECT_FALSE(Fits(256, Type::kU8));
  EXPECT_FALSE(Fits(1e39, Type::kF32));
  EXPECT_TRUE(Fits(1e39, Type::kF64));
  EXPECT_FALSE(Fits(NAN, Type::kF32));
  EXPECT_FALSE(Fits(-kInf, Type::kF64));
}

}  // namespace
}  // namespace phasic

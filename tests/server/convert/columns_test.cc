// SPDX-License-Identifier: Apache-2.0
#include "server/convert/columns.h"

#include <gtest/gtest.h>

#include "tests/server/support/circuits.h"

namespace phasic::convert {
namespace {

std::vector<int64_t> Shape(const Circuit& circuit, const std::string& name) {
  for (const Column& column : circuit.layout().columns) {
    if (NameOf(column) == name) {
      return ShapeOf(circuit, column, column.size() * SizeOf(column.type));
    }
  }
  ADD_FAILURE() << name;
  return {};
}

using Dims = std::vector<int64_t>;

TEST(Columns, HaveTheShapesOfWhatTheyAre) {
  const auto circuit = testing::CompileOrDie(testing::LearnerSpec());
  EXPECT_EQ(Shape(*circuit, "weights.weights"), (Dims{4, 3}));
  EXPECT_EQ(Shape(*circuit, "policy.probability"), Dims{4});
  EXPECT_EQ(Shape(*circuit, "teacher.level"), Dims{2});
  EXPECT_EQ(Shape(*circuit, "agent.steps"), Dims{1});
  EXPECT_EQ(Shape(*circuit, "agent.returns"), Dims{100});
}

TEST(Columns, WeightsOfASingleTargetAreAMatrixToo) {
  CircuitSpec spec = testing::LearnerSpec();
  spec.populations.push_back({"value", "rate", 1, {}, {}});
  spec.projections.push_back({.name = "critic", .source = "state", .target = "value.drive"});
  EXPECT_EQ(Shape(*testing::CompileOrDie(spec), "critic.weights"), (Dims{1, 3}));
}

TEST(Columns, AnArenaHasWhatIsInUse) {
  Column column{"c", "list", "", Type::kU16, Life::kLearned, false, 100, 1, 0, 0};
  column.arena = 0;
  EXPECT_EQ(ShapeOf(*testing::CompileOrDie(testing::LearnerSpec()), column, 14), Dims{7});
}

TEST(Columns, TypesHaveTheirNamesOnTheWire) {
  EXPECT_EQ(DtypeOf(Type::kF32), v1::Tensor::FLOAT32);
  EXPECT_EQ(DtypeOf(Type::kF64), v1::Tensor::FLOAT64);
  EXPECT_EQ(DtypeOf(Type::kU8), v1::Tensor::UINT8);
  EXPECT_EQ(DtypeOf(Type::kU16), v1::Tensor::UINT16);
  EXPECT_EQ(DtypeOf(Type::kU32), v1::Tensor::UINT32);
  EXPECT_EQ(DtypeOf(Type::kU64), v1::Tensor::UINT64);
}

}  // namespace
}  // namespace phasic::convert

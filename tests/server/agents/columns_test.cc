// SPDX-License-Identifier: Apache-2.0
#include "server/agents/columns.h"

#include <gtest/gtest.h>

#include "tests/server/support/circuits.h"

namespace phasic {
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

TEST(Columns, AreFoundByTheirNames) {
  const auto circuit = testing::CompileOrDie(testing::LearnerSpec());
  const auto& columns = circuit->layout().columns;
  for (size_t id = 0; id < columns.size(); ++id) {
    EXPECT_EQ(FindColumn(*circuit, NameOf(columns[id])), static_cast<ColumnId>(id));
  }
  for (const char* name : {"", ".", "weights", "weights.", "weights.weight", "weightsXweights"}) {
    EXPECT_EQ(FindColumn(*circuit, name), kNoColumn) << name;
  }
}

TEST(Columns, TheEndsOfSparseSynapsesAreToldInTheOrderOfTheirWeights) {
  EXPECT_TRUE(EndsOf(*testing::CompileOrDie(testing::LearnerSpec())).empty());
  const auto circuit = testing::CompileOrDie(testing::SparseLearnerSpec());
  EXPECT_EQ(Shape(*circuit, "weights.weights"), Dims{8});
  const std::vector<Ends> ends = EndsOf(*circuit);
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_EQ(ends[0].name(), "weights.sources");
  EXPECT_EQ(ends[1].name(), "weights.targets");
  ASSERT_EQ(ends[0].units.size(), 8u);
  std::vector<int> in_degree(4);
  for (size_t k = 0; k < 8; ++k) {
    EXPECT_EQ(circuit->links()[0].synapses->Find(ends[0].units[k], ends[1].units[k]),
              static_cast<int64_t>(k));
    ++in_degree[ends[1].units[k]];
  }
  EXPECT_EQ(in_degree, (std::vector<int>{2, 2, 2, 2}));
}

}  // namespace
}  // namespace phasic

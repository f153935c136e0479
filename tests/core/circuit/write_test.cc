// SPDX-License-Identifier: Apache-2.0
#include "core/circuit/write.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <vector>

#include "core/base/errors.h"
#include "tests/core/support/toy_circuits.h"

namespace phasic::testing {
namespace {

constexpr uint64_t kSeed = 20260101;

ColumnId Find(const Circuit& circuit, const std::string& component, const std::string& name) {
  const auto& columns = circuit.layout().columns;
  for (size_t id = 0; id < columns.size(); ++id) {
    if (columns[id].component == component && columns[id].name == name)
      return static_cast<ColumnId>(id);
  }
  ADD_FAILURE() << component << "." << name;
  return kNoColumn;
}

template <class T>
std::span<const std::byte> Bytes(const std::vector<T>& values) {
  return std::as_bytes(std::span(values));
}

std::string FieldOf(const Agent& agent, const StateWrite& write) {
  const absl::Status status = CheckWrites(agent, {&write, 1});
  if (status.ok()) return "";
  EXPECT_EQ(DetailsOf(status).reason, "BAD_WRITE");
  return DetailsOf(status).violations.at(0).field;
}

class WriteTest : public ::testing::TestWithParam<ToyCircuit> {
 protected:
  void SetUp() override { circuit_ = CompileToy(GetParam().spec); }
  void Step(Agent& agent, uint64_t index) {
    std::vector<float> action(circuit_->action_size());
    Script script(*circuit_, 7);
    agent.Step(script.At(index), action);
  }
  std::shared_ptr<const Circuit> circuit_;
};

// All that may be written, written back from another agent, makes an agent of its time.
TEST_P(WriteTest, WhatWasReadCanBeWrittenToACloneWithTheSameBits) {
  Agent agent(circuit_, kSeed);
  for (int i = 0; i < 60; ++i) Step(agent, i);
  Agent lesioned = agent;
  std::vector<StateWrite> writes;
  std::deque<std::vector<std::byte>> values;
  const std::vector<std::byte> zero(8);
  const auto& columns = circuit_->layout().columns;
  for (size_t id = 0; id < columns.size(); ++id) {
    if (!Writable(*circuit_, columns[id]) || columns[id].min > 0 || columns[id].max < 0) continue;
    const auto column = static_cast<ColumnId>(id);
    const StateWrite lesion{column, 0, 0, std::span(zero).first(SizeOf(columns[id].type))};
    ASSERT_EQ(FieldOf(lesioned, lesion), "") << columns[id].component << "." << columns[id].name;
    Write({&lesion, 1}, &lesioned);
    const auto& bytes = values.emplace_back(agent.Read(column));
    if (bytes.empty()) continue;
    writes.push_back(
        {column, 0, static_cast<int64_t>(bytes.size() / SizeOf(columns[id].type)), bytes});
  }
  EXPECT_NE(lesioned.Digest(), agent.Digest());
  ASSERT_TRUE(CheckWrites(lesioned, writes).ok()) << CheckWrites(lesioned, writes);
  Write(writes, &lesioned);
  // What stores have put off is done by a write, whatever is written.
  Write(writes, &agent);
  EXPECT_EQ(lesioned.Digest(), agent.Digest());
  for (int i = 60; i < 120; ++i) {
    Step(agent, i);
    Step(lesioned, i);
  }
  EXPECT_EQ(lesioned.Digest(), agent.Digest());
}

// Whatever integers the bounds allow leads to no harm: the sanitizers look on.
TEST_P(WriteTest, TheGreatestIntegersDoNoHarm) {
  Agent agent(circuit_, kSeed);
  for (int i = 0; i < 20; ++i) Step(agent, i);
  const auto& columns = circuit_->layout().columns;
  for (size_t id = 0; id < columns.size(); ++id) {
    const Column& column = columns[id];
    if (!Writable(*circuit_, column) || column.type == Type::kF32 || column.type == Type::kF64)
      continue;
    const uint64_t most = column.max < 1.8e19 ? static_cast<uint64_t>(column.max) : ~uint64_t{0};
    const StateWrite write{static_cast<ColumnId>(id), 0, 0,
                           std::as_bytes(std::span(&most, 1)).first(SizeOf(column.type))};
    ASSERT_EQ(FieldOf(agent, write), "") << column.component << "." << column.name;
    Write({&write, 1}, &agent);
    for (int i = 0; i < 20; ++i) Step(agent, i);
  }
}

TEST_P(WriteTest, ClocksAndSettingsStay) {
  const Agent agent(circuit_, kSeed);
  const uint64_t one = 1;
  const StateWrite seed{kAgentSeed, 0, 1, std::as_bytes(std::span(&one, 1))};
  EXPECT_EQ(FieldOf(agent, seed), "writes[0].variable");
  const auto& columns = circuit_->layout().columns;
  for (size_t id = 0; id < columns.size(); ++id) {
    const bool kept = columns[id].life == Life::kTrace && circuit_->spec().reward_window > 0;
    EXPECT_EQ(Writable(*circuit_, columns[id]),
              columns[id].life != Life::kClock && !columns[id].derived && !kept);
  }
}

INSTANTIATE_TEST_SUITE_P(All, WriteTest, ::testing::ValuesIn(ToyCircuits()),
                         [](const auto& toy) { return toy.param.name; });

// Two rate neurons onto one, with bounded weights and a rule that remembers the last pair.
CircuitSpec Bounded() {
  CircuitSpec s;
  s.inputs = {{.name = "observation", .space = Space::Box({2}), .encoder = "raw", .target = "in"}};
  s.populations = {{.name = "in", .model = "rate", .size = 2},
                   {.name = "out", .model = "bernoulli", .size = 1}};
  ProjectionSpec p{.name = "p", .source = "in", .target = "out"};
  p.rule = {.name = "leaky-reward", .bindings = {{"reward", "reward"}}};
  p.min_weight = -1;
  p.max_weight = 2;
  s.projections = {p};
  s.modulators = {{.name = "reward", .model = "baseline"}};
  s.outputs = {{.name = "action", .source = "out.spike", .decoder = "bits"}};
  return s;
}

class BoundsTest : public ::testing::Test {
 protected:
  const std::shared_ptr<const Circuit> circuit_ = CompileToy(Bounded());
  Agent agent_{circuit_, kSeed};
  const ColumnId weights_ = Find(*circuit_, "p", "weights");
};

TEST_F(BoundsTest, WeightsKeepTheirs) {
  const std::vector<Real> good = {-1, 2}, high = {0, Real(2.5)}, nan = {Real(NAN), 0}, one = {1};
  EXPECT_EQ(FieldOf(agent_, {weights_, 0, 2, Bytes(good)}), "");
  EXPECT_EQ(FieldOf(agent_, {weights_, 0, 2, Bytes(high)}), "writes[0].values[1]");
  EXPECT_EQ(FieldOf(agent_, {weights_, 0, 2, Bytes(nan)}), "writes[0].values[0]");
  EXPECT_EQ(FieldOf(agent_, {weights_, 0, 0, Bytes(one)}), "");
  EXPECT_EQ(FieldOf(agent_, {weights_, 1, 2, Bytes(good)}), "writes[0].count");
  EXPECT_EQ(FieldOf(agent_, {weights_, 3, 1, Bytes(one)}), "writes[0].offset");
  EXPECT_EQ(FieldOf(agent_, {weights_, -1, 1, Bytes(one)}), "writes[0].offset");
  EXPECT_EQ(FieldOf(agent_, {weights_, 0, INT64_MAX, Bytes(one)}), "writes[0].count");
  EXPECT_EQ(FieldOf(agent_, {weights_, 0, -1, Bytes(one)}), "writes[0].count");
  EXPECT_EQ(FieldOf(agent_, {weights_, 0, 2, Bytes(good).first(3)}), "writes[0].values");
  EXPECT_EQ(FieldOf(agent_, {weights_, 0, 2, {}}), "writes[0].values");
  EXPECT_EQ(FieldOf(agent_, {kNoColumn, 0, 1, Bytes(one)}), "writes[0].variable");
  EXPECT_EQ(FieldOf(agent_, {10'000, 0, 1, Bytes(one)}), "writes[0].variable");
}

TEST_F(BoundsTest, NonNegativeColumnsAndRingHeadsKeepTheirs) {
  const std::vector<Real> negative = {-1};
  EXPECT_EQ(FieldOf(agent_, {Find(*circuit_, "reward", "surprise"), 0, 1, Bytes(negative)}),
            "writes[0].values[0]");
  const ColumnId head = Find(*circuit_, "p", "pair_head_1");
  const std::vector<uint32_t> past = {1};
  ASSERT_EQ(circuit_->layout().columns[head].max, 0);
  EXPECT_EQ(FieldOf(agent_, {head, 0, 1, Bytes(past)}), "writes[0].values[0]");
  const std::vector<uint8_t> two = {2};
  EXPECT_EQ(FieldOf(agent_, {Find(*circuit_, "reward", "fired"), 0, 1, Bytes(two)}),
            "writes[0].values[0]");
}

TEST_F(BoundsTest, ASnapshotOutOfThemIsRefused) {
  const uint64_t digest = agent_.Digest();
  const auto refuses = [&](ColumnId column) {
    Agent other = agent_;
    std::byte* const element = other.state().elements(column);
    std::fill_n(element, SizeOf(circuit_->layout().columns[column].type), std::byte{0xff});
    const absl::Status status = agent_.Load(other.Save());
    EXPECT_EQ(DetailsOf(status).reason, "BAD_SNAPSHOT");
    EXPECT_EQ(agent_.Digest(), digest);
  };
  refuses(weights_);  // a NaN
  refuses(Find(*circuit_, "p", "pair_head_1"));
}

TEST_F(BoundsTest, NoListOfWritesTakesLong) {
  const std::vector<Real> zero = {0};
  const std::vector<StateWrite> writes(10'000, {weights_, 0, 0, Bytes(zero)});
  EXPECT_TRUE(CheckWrites(agent_, std::span(writes).first(10)).ok());
  EXPECT_EQ(DetailsOf(CheckWrites(agent_, writes)).reason, "BAD_WRITE");
}

}  // namespace
}  // namespace phasic::testing

// SPDX-License-Identifier: Apache-2.0
//
// What every circuit promises, held by seven that touch every concept of the core.
#include "tests/core/support/toy_circuits.h"

#include <gtest/gtest.h>

#include <cstring>

namespace phasic::testing {
namespace {

constexpr uint64_t kSeed = 20260101;

class ToyCircuitTest : public ::testing::TestWithParam<ToyCircuit> {
 protected:
  void SetUp() override {
    circuit_ = CompileToy(GetParam().spec);
    ASSERT_NE(circuit_, nullptr);
    action_.resize(circuit_->action_size());
  }
  void Step(Agent& agent, uint64_t index) {
    Script script(*circuit_, 7);
    const StepInput& input = script.At(index);
    ASSERT_TRUE(agent.Check(input).ok()) << agent.Check(input);
    agent.Step(input, action_);
  }
  // The learned and adaptive columns' bytes.
  static std::string Learned(const Agent& agent) {
    std::string out;
    const auto& columns = agent.circuit().layout().columns;
    for (size_t id = 0; id < columns.size(); ++id) {
      if (columns[id].life != Life::kLearned && columns[id].life != Life::kAdaptive) continue;
      const auto bytes = agent.Read(static_cast<ColumnId>(id));
      out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    return out;
  }

  std::shared_ptr<const Circuit> circuit_;
  std::vector<float> action_;
};

TEST_P(ToyCircuitTest, LearnsFromTheScript) {
  Agent agent(circuit_, kSeed);
  const std::string before = Learned(agent);
  for (int i = 0; i < 200; ++i) Step(agent, i);
  EXPECT_NE(Learned(agent), before);
  EXPECT_GT(agent.episodes(), 5u);
  EXPECT_EQ(agent.steps(), 200u);
}

TEST_P(ToyCircuitTest, RestoredAtEveryPowerOfTwoGoesOnWithTheSameBits) {
  Agent whole(circuit_, kSeed);
  std::vector<Agent> restored;
  for (int i = 0; i < 300; ++i) {
    if ((i & (i - 1)) == 0) {
      restored.emplace_back(circuit_, kSeed + 1);
      ASSERT_TRUE(restored.back().Load(whole.Save()).ok());
      ASSERT_EQ(restored.back().Digest(), whole.Digest());
    }
    Step(whole, i);
    const std::vector<float> action = action_;
    for (Agent& agent : restored) {
      Step(agent, i);
      ASSERT_EQ(std::memcmp(action.data(), action_.data(), action.size() * sizeof(float)), 0);
    }
  }
  for (const Agent& agent : restored) EXPECT_EQ(agent.Digest(), whole.Digest());
}

TEST_P(ToyCircuitTest, ACloneIsBitEqualAndThenItsOwn) {
  Agent original(circuit_, kSeed);
  for (int i = 0; i < 50; ++i) Step(original, i);
  Agent clone = original;
  for (int i = 50; i < 100; ++i) Step(clone, i);
  const uint64_t ahead = clone.Digest();
  EXPECT_NE(original.Digest(), ahead);
  for (int i = 50; i < 100; ++i) Step(original, i);
  EXPECT_EQ(original.Digest(), ahead);
}

TEST_P(ToyCircuitTest, LanesSideBySideGiveTheBitsOfOneAfterTheOther) {
  for (const size_t width : {size_t{1}, size_t{3}, size_t{8}, size_t{70}}) {
    std::vector<Agent> alone, together;
    for (size_t a = 0; a < width; ++a) {
      alone.emplace_back(circuit_, a);
      together.emplace_back(circuit_, a);
    }
    for (int i = 0; i < 60; ++i) {
      std::vector<Script> scripts;
      for (size_t a = 0; a < width; ++a) scripts.emplace_back(*circuit_, 100 + a);
      std::vector<StepInput> inputs;
      std::vector<Agent*> agents;
      std::vector<std::vector<float>> actions(width, std::vector<float>(circuit_->action_size()));
      std::vector<std::span<float>> spans;
      for (size_t a = 0; a < width; ++a) {
        inputs.push_back(scripts[a].At(i));
        agents.push_back(&together[a]);
        spans.emplace_back(actions[a]);
        alone[a].Step(inputs[a], action_);
      }
      Agent::StepTogether(agents, inputs, spans);
    }
    for (size_t a = 0; a < width; ++a) ASSERT_EQ(alone[a].Digest(), together[a].Digest()) << width;
  }
}

TEST_P(ToyCircuitTest, FrozenActsAndTracesRunButNothingIsLearned) {
  Agent agent(circuit_, kSeed);
  for (int i = 0; i < 40; ++i) Step(agent, i);
  const std::string learned = Learned(agent);
  const uint64_t digest = agent.Digest();
  Script script(*circuit_, 8);
  for (int i = 0; i < 200; ++i) {
    StepInput input = script.At(i);
    input.learning = false;
    agent.Step(input, action_);
    agent.Reward({0, {Real{1}}}, /*learning=*/false);
  }
  agent.ResetEpisode(/*learning=*/false);
  EXPECT_EQ(Learned(agent), learned);
  EXPECT_NE(agent.Digest(), digest);
}

TEST_P(ToyCircuitTest, LookingChangesNothing) {
  Agent watched(circuit_, kSeed), alone(circuit_, kSeed);
  for (int i = 0; i < 100; ++i) {
    Step(watched, i);
    (void)watched.Digest();
    (void)watched.Save();
    Step(alone, i);
  }
  EXPECT_EQ(watched.Digest(), alone.Digest());
}

TEST_P(ToyCircuitTest, AnEndOfEpisodeClearsTracesAndActivityAndKeepsTheRest) {
  Agent agent(circuit_, kSeed);
  for (int i = 0; i < 37; ++i) Step(agent, i);
  agent.ResetEpisode(/*learning=*/true);
  const Agent fresh(circuit_, kSeed);
  const auto& columns = circuit_->layout().columns;
  for (size_t id = 0; id < columns.size(); ++id) {
    const auto now = agent.state().bytes(static_cast<ColumnId>(id));
    const auto first = fresh.state().bytes(static_cast<ColumnId>(id));
    if (columns[id].life != Life::kFast && columns[id].life != Life::kTrace) continue;
    EXPECT_TRUE(std::equal(now.begin(), now.end(), first.begin(), first.end()))
        << columns[id].component << "." << columns[id].name;
  }
  EXPECT_EQ(agent.steps(), 37u);
}

TEST_P(ToyCircuitTest, SizesAreExactAndCapped) {
  Agent agent(circuit_, kSeed);
  EXPECT_EQ(agent.state().footprint(), static_cast<size_t>(circuit_->state_bytes()));
  for (int i = 0; i < 1000; ++i) Step(agent, i);
  EXPECT_LE(agent.state().footprint(), static_cast<size_t>(circuit_->max_state_bytes()));
}

TEST_P(ToyCircuitTest, DamagedSnapshotsAreRefusedAndChangeNothing) {
  Agent agent(circuit_, kSeed);
  for (int i = 0; i < 20; ++i) Step(agent, i);
  const std::string good = agent.Save();
  const uint64_t digest = agent.Digest();
  for (const size_t length : {size_t{0}, size_t{7}, size_t{12}, good.size() / 2, good.size() - 1}) {
    EXPECT_FALSE(agent.Load(good.substr(0, length)).ok());
  }
  EXPECT_FALSE(agent.Load(good + "x").ok());
  std::string other = good;
  other[9] ^= 1;  // the fingerprint
  EXPECT_FALSE(agent.Load(other).ok());
  EXPECT_EQ(agent.Digest(), digest);
}

INSTANTIATE_TEST_SUITE_P(All, ToyCircuitTest, ::testing::ValuesIn(ToyCircuits()),
                         [](const auto& toy) { return toy.param.name; });

}  // namespace
}  // namespace phasic::testing

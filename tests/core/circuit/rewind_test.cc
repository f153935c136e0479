// SPDX-License-Identifier: Apache-2.0
#include "core/circuit/rewind.h"

#include <gtest/gtest.h>

#include <tuple>

#include "tests/core/support/probe.h"
#include "tests/core/support/toy_circuits.h"

namespace phasic::testing {
namespace {

// One synapse that grows without bounds: dw = r * x * y, y = w x.
CircuitSpec Explosive() {
  CircuitSpec s;
  s.inputs = {{.name = "observation", .space = Space::Box({1}), .encoder = "raw", .target = "in"}};
  s.populations = {{.name = "in", .model = "rate", .size = 1},
                   {.name = "out", .model = "gaussian", .size = 1}};
  ProjectionSpec p{.name = "p", .source = "in", .target = "out"};
  p.rule = {.name = "reinforce-trace", .bindings = {{"reward", "reward"}}};
  s.projections = {p};
  s.modulators = {{.name = "reward", .model = "raw"}};
  s.outputs = {{.name = "action", .source = "out.value", .decoder = "rates"}};
  return s;
}

TEST(DivergenceTest, NamesTheColumnAndTheTickOfTheFirstNumberThatIsNotFinite) {
  Probe probe(Explosive());
  probe.Step({1e10f});
  EXPECT_EQ(probe.agent().divergence().column, kNoColumn);
  probe.Reward({Real(1e38)});
  const Divergence divergence = probe.agent().divergence();
  ASSERT_NE(divergence.column, kNoColumn);
  const Column& column = probe.agent().circuit().layout().columns[divergence.column];
  EXPECT_EQ(column.component + "." + column.name, "p.weights");
  EXPECT_EQ(divergence.tick, 1u);
}

TEST(DivergenceTest, ActivityIsWatchedToo) {
  CircuitSpec spec = Explosive();
  spec.projections[0].initial.mean = 1e30;
  Probe probe(spec);
  probe.Step({1});
  EXPECT_EQ(probe.agent().divergence().column, kNoColumn);
  probe.Step({1e20f});
  const Divergence divergence = probe.agent().divergence();
  ASSERT_NE(divergence.column, kNoColumn);
  EXPECT_EQ(probe.agent().circuit().layout().columns[divergence.column].component, "out");
  EXPECT_EQ(divergence.tick, 1u);
}

// Finite activity whose products are not: small activity needs no look at what it leaves in traces.
TEST(DivergenceTest, TracesAreLookedAtWhereActivityIsLarge) {
  Probe probe(Explosive());
  int steps = 0;
  while (probe.agent().divergence().column == kNoColumn && steps++ < 100) probe.Step({3e38f});
  const Divergence divergence = probe.agent().divergence();
  ASSERT_NE(divergence.column, kNoColumn);
  const Column& column = probe.agent().circuit().layout().columns[divergence.column];
  EXPECT_EQ(column.component + "." + column.name, "p.trace");
}

// A long script of steps, rewards and resets, any of which is undone and done again: with inputs,
// and, where a state is small, by a copy before each turn.
class RewindTest : public ::testing::TestWithParam<std::tuple<ToyCircuit, bool>> {
 protected:
  std::shared_ptr<const Circuit> circuit() const {
    return CompileToy(std::get<ToyCircuit>(GetParam()).spec);
  }
  std::vector<std::byte>* spare() { return std::get<bool>(GetParam()) ? &spare_ : nullptr; }

 private:
  std::vector<std::byte> spare_;
};

TEST_P(RewindTest, UndoneTurnsLeaveNoTrace) {
  const auto circuit = this->circuit();
  Agent plain(circuit, 5), undone(circuit, 5);
  Rewind rewind;
  std::vector<float> observation(circuit->observation_size()), action(circuit->action_size());
  for (int t = 0; t < 300; ++t) {
    for (size_t i = 0; i < observation.size(); ++i) observation[i] = 0.1f * ((t * 7 + i) % 11);
    const RewardInput reward{0, {Real(0.25) * (t % 5)}};
    StepInput input;
    input.observation = observation;
    input.rewards = {&reward, 1};
    input.greedy = t % 13 == 0;
    input.learning = t % 17 != 0;
    input.end = t % 29 == 28 ? End::kTruncated : t % 41 == 40 ? End::kTerminated : End::kNone;
    const bool twice = t % 3 == 0;
    for (int attempt = 0; attempt < 1 + twice; ++attempt) {
      const uint64_t before = undone.Digest();
      rewind.Begin(undone, 1e-3, spare());
      if (t % 7 == 0) rewind.AddReset(true);
      rewind.AddReward(reward, true);
      rewind.AddStep(input);
      if (t % 7 == 0) undone.ResetEpisode(true);
      undone.Reward(reward, true);
      undone.Step(input, action);
      if (attempt < twice) {
        rewind.Undo(&undone);
        ASSERT_EQ(undone.Digest(), before) << t;
      } else {
        rewind.Commit();
      }
    }
    if (t % 7 == 0) plain.ResetEpisode(true);
    plain.Reward(reward, true);
    plain.Step(input, action);
    ASSERT_EQ(undone.Digest(), plain.Digest()) << t;
    if (t % 100 == 99) rewind.Forget();
  }
}

TEST_P(RewindTest, ATurnThatNeverHappenedIsNotDoneAgain) {
  const auto circuit = this->circuit();
  Agent agent(circuit, 5);
  Rewind rewind;
  std::vector<float> observation(circuit->observation_size(), 0.5f), action(circuit->action_size());
  StepInput input;
  input.observation = observation;
  rewind.Begin(agent, 0, spare());
  rewind.AddStep(input);
  agent.Step(input, action);
  rewind.Commit();
  rewind.Begin(agent, 0, spare());
  rewind.AddStep(input);  // and then something failed
  const uint64_t before = agent.Digest();
  rewind.Begin(agent, 0, spare());
  rewind.AddReset(true);
  agent.ResetEpisode(true);
  rewind.Undo(&agent);
  EXPECT_EQ(agent.Digest(), before);
}

INSTANTIATE_TEST_SUITE_P(All, RewindTest,
                         ::testing::Combine(::testing::ValuesIn(ToyCircuits()), ::testing::Bool()),
                         [](const auto& toy) {
                           return std::get<ToyCircuit>(toy.param).name +
                                  (std::get<bool>(toy.param) ? "_copied" : "");
                         });

TEST(RecorderTest, EverySampleIsTheStateAfterItsTick) {
  CircuitSpec spec = Explosive();
  Probe recorded(spec), stepped(spec);
  std::vector<Real> values(3);
  ColumnId column = kNoColumn;
  const auto& columns = recorded.agent().circuit().layout().columns;
  for (size_t id = 0; id < columns.size(); ++id) {
    if (columns[id].component == "out" && columns[id].name == "value")
      column = static_cast<ColumnId>(id);
  }
  const Recorder recorder{column, 2, reinterpret_cast<std::byte*>(values.data())};
  StepInput input;
  input.ticks = 7;
  input.recorders = {&recorder, 1};
  recorded.Step({1}, input);
  for (int t = 1; t <= 7; ++t) {
    StepInput one;
    one.ticks = 1;
    stepped.Step({1}, one);
    if (t % 2 != 0) continue;
    EXPECT_EQ(values[t / 2 - 1], stepped.Read("out", "value")[0]) << t;
  }
}

}  // namespace
}  // namespace phasic::testing

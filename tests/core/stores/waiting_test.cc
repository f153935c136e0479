// SPDX-License-Identifier: Apache-2.0
//
// A change that waits for the next delivery is the same change: an agent has, at every moment, each
// bit of one whose weights have a second reader, so that nothing waits.
#include "core/stores/waiting.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/base/draws.h"
#include "core/circuit/agent.h"

namespace phasic {
namespace {

constexpr int kPre = 150, kPost = 117;  // no whole number of blocks

CircuitSpec Spec() {
  CircuitSpec s;
  s.inputs = {
      {.name = "observation", .space = Space::Box({kPre}), .encoder = "raw", .target = "in"}};
  s.populations = {{.name = "in", .model = "rate", .size = kPre},
                   {.name = "out", .model = "bernoulli", .size = kPost}};
  ProjectionSpec p{.name = "p", .source = "in", .target = "out"};
  p.initial = {InitialWeights::Distribution::kNormal, 0, 0.3, {}};
  p.min_weight = -0.4;
  p.max_weight = 0.4;
  p.rule = {.name = "reinforce-trace",
            .parameters = {{"learning_rate", 0.05}},
            .bindings = {{"reward", "reward"}}};
  s.projections = {p};
  s.modulators = {{.name = "reward", .model = "td", .parameters = {{"gamma", 0.0}}}};
  s.outputs = {{.name = "action", .source = "out", .decoder = "bits"}};
  return s;
}

// With what needs the weights as they are, and changes nothing else.
CircuitSpec AtOnce(CircuitSpec spec) {
  spec.populations.push_back({.name = "reader", .model = "rate", .size = kPre});
  ProjectionSpec back{.name = "back", .source = "out", .target = "reader"};
  back.transpose_of = "p";
  spec.projections.push_back(back);
  return spec;
}

Agent Make(const CircuitSpec& spec) {
  auto circuit = Circuit::Compile(spec);
  EXPECT_TRUE(circuit.ok()) << circuit.status();
  return Agent(*circuit, 5);
}

const BoundTerm& TermOf(const Agent& agent) { return agent.circuit().links()[0].terms[0]; }
bool Waits(const Agent& agent) { return TermOf(agent).waiting.due != kNoColumn; }
bool IsDue(const Agent& agent) {
  return *agent.state().data<uint8_t>(TermOf(agent).waiting.due) != 0;
}
std::vector<std::byte> WeightsOf(const Agent& agent) {
  return agent.Read(agent.circuit().links()[0].weights);
}
std::vector<std::byte> TraceOf(const Agent& agent) { return agent.Read(TermOf(agent).trace); }

// Observations, rewards, ends, resets and steps without learning, drawn from the step's index.
std::vector<float> Drive(Agent* agent, uint64_t step, float scale = 1) {
  const Random random(9, 2, step);
  std::vector<float> observation(kPre), action(kPost);
  ForNormals(random, 0, kPre,
             [&](int64_t j, double x) { observation[j] = scale * static_cast<float>(x); });
  StepInput input{.observation = observation};
  const RewardInput reward{0, {static_cast<Real>(random.Normal(100))}};
  if (random.Bits(101) % 4 != 0) input.rewards = {&reward, 1};
  if (random.Bits(102) % 32 == 0) input.end = End::kTruncated;
  if (random.Bits(102) % 32 == 1) input.end = End::kTerminated;
  input.learning = random.Bits(103) % 8 != 0;
  input.ticks = random.Bits(106) % 4 == 0 ? 3 : 1;
  EXPECT_TRUE(agent->Check(input).ok());
  agent->Step(input, action);
  if (random.Bits(104) % 32 == 0) agent->Reward(reward, true);
  if (random.Bits(105) % 64 == 0) agent->ResetEpisode(true);
  return action;
}

TEST(WaitingTest, IsChosenForLargeBoundedMatricesThatLearnWithinTicks) {
  EXPECT_TRUE(Waits(Make(Spec())));
  EXPECT_FALSE(Waits(Make(AtOnce(Spec())))) << "another projection reads the weights";
  CircuitSpec unbounded = Spec();
  unbounded.projections[0].min_weight.reset();
  unbounded.projections[0].max_weight.reset();
  EXPECT_FALSE(Waits(Make(unbounded)))
      << "what diverges must be found in the tick in which it does";
  CircuitSpec delivered = Spec();
  delivered.modulators = {{.name = "reward", .model = "raw"}};
  EXPECT_FALSE(Waits(Make(delivered))) << "changes come between ticks";
  CircuitSpec delayed = Spec();
  delayed.projections[0].delay = 2;
  EXPECT_FALSE(Waits(Make(delayed)));
  CircuitSpec small = Spec();
  small.populations[1].size = 100;
  EXPECT_FALSE(Waits(Make(small)));
}

TEST(WaitingTest, HasTheBitsOfAChangeAtOnce) {
  Agent waiting = Make(Spec()), at_once = Make(AtOnce(Spec()));
  const std::vector<std::byte> before = WeightsOf(waiting);
  int due = 0;
  for (uint64_t step = 0; step < 400; ++step) {
    ASSERT_EQ(Drive(&waiting, step), Drive(&at_once, step)) << "step " << step;
    ASSERT_EQ(WeightsOf(waiting), WeightsOf(at_once)) << "step " << step;
    ASSERT_EQ(TraceOf(waiting), TraceOf(at_once)) << "step " << step;
    due += IsDue(waiting);
  }
  EXPECT_NE(WeightsOf(waiting), before);
  EXPECT_GT(due, 200) << "so what was read had to be worked out";
  const auto weights = waiting.state().span<Real>(waiting.circuit().links()[0].weights);
  EXPECT_GT(std::ranges::count(weights, Real{0.4}), 0) << "bounds were met";
}

// Each tick of a step: a recorder sees what a reader would.
TEST(WaitingTest, RecordersSeeEachTickAsItIs) {
  Agent waiting = Make(Spec()), at_once = Make(AtOnce(Spec()));
  std::vector<float> observation(kPre, 0.5f), action(kPost);
  const RewardInput reward{0, {Real{1}}};
  constexpr int kTicks = 4;
  const auto record = [&](Agent* agent) {
    const ColumnId weights = agent->circuit().links()[0].weights;
    std::vector<std::byte> rows(kTicks * agent->state().bytes(weights).size());
    const Recorder recorder{.column = weights, .every = 1, .to = rows.data()};
    StepInput input{.observation = observation, .rewards = {&reward, 1}};
    input.ticks = kTicks;
    input.recorders = {&recorder, 1};
    agent->Step(input, action);
    return rows;
  };
  for (int step = 0; step < 5; ++step) ASSERT_EQ(record(&waiting), record(&at_once));
}

// Whoever looks changes nothing, also when a change waits.
TEST(WaitingTest, SnapshotsHaveWhatWaits) {
  Agent waiting = Make(Spec());
  for (uint64_t step = 0; step < 75; ++step) Drive(&waiting, step);
  ASSERT_TRUE(IsDue(waiting));
  Agent clone = waiting, loaded = Make(Spec());
  for (uint64_t step = 200; step < 210; ++step) Drive(&loaded, step);
  ASSERT_TRUE(loaded.Load(waiting.Save()).ok());
  EXPECT_FALSE(IsDue(loaded));
  EXPECT_EQ(loaded.Digest(), waiting.Digest());
  EXPECT_EQ(loaded.Save(), waiting.Save());
  for (uint64_t step = 75; step < 150; ++step) {
    for (Agent* agent : {&waiting, &clone, &loaded}) Drive(agent, step);
    (void)WeightsOf(waiting);
  }
  EXPECT_EQ(clone.Digest(), waiting.Digest());
  EXPECT_EQ(loaded.Digest(), waiting.Digest());
}

// What is so large that a trace might not bear it is looked at in its own tick.
TEST(WaitingTest, LargePairsDoNotWait) {
  Agent waiting = Make(Spec()), at_once = Make(AtOnce(Spec()));
  for (uint64_t step = 0; step < 40; ++step) {
    Drive(&waiting, step, 1e20f);
    Drive(&at_once, step, 1e20f);
    ASSERT_EQ(waiting.divergence().column, kNoColumn);
    ASSERT_FALSE(IsDue(waiting)) << "step " << step;
    ASSERT_EQ(WeightsOf(waiting), WeightsOf(at_once)) << "step " << step;
    ASSERT_EQ(TraceOf(waiting), TraceOf(at_once)) << "step " << step;
  }
}

TEST(WaitingTest, DivergesInTheSameTick) {
  Agent waiting = Make(Spec()), at_once = Make(AtOnce(Spec()));
  const float huge = std::numeric_limits<float>::max() / 8;
  for (uint64_t step = 0; step < 100; ++step) {
    Drive(&waiting, step, huge);
    Drive(&at_once, step, huge);
    ASSERT_EQ(waiting.divergence().column == kNoColumn, at_once.divergence().column == kNoColumn);
    ASSERT_EQ(waiting.divergence().tick, at_once.divergence().tick);
    if (at_once.divergence().column == kNoColumn) continue;
    const auto name = [](const Agent& agent) {
      const Column& column = agent.circuit().layout().columns[agent.divergence().column];
      return column.component + "." + column.name;
    };
    EXPECT_EQ(name(waiting), name(at_once));
    return;
  }
  FAIL() << "nothing diverged";
}

}  // namespace
}  // namespace phasic

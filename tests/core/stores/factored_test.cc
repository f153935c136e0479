// SPDX-License-Identifier: Apache-2.0
//
// A factored trace is the same trace: an agent whose rewards are said to be rare has, at every
// moment, each bit of one of which nothing is said.
#include "core/stores/factored.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/base/draws.h"
#include "core/circuit/agent.h"

namespace phasic {
namespace {

constexpr int kPre = 45, kPost = 70;  // no whole number of blocks

CircuitSpec Spec(int reward_interval, const char* rule = "reinforce-trace",
                 When clock = When::On(When::Clock::kDelivery)) {
  CircuitSpec s;
  s.inputs = {
      {.name = "observation", .space = Space::Box({kPre}), .encoder = "raw", .target = "in"}};
  s.populations = {{.name = "in", .model = "rate", .size = kPre},
                   {.name = "out", .model = "bernoulli", .size = kPost}};
  ProjectionSpec p{.name = "p", .source = "in", .target = "out"};
  p.initial = {InitialWeights::Distribution::kNormal, 0, 0.3, {}};
  p.min_weight = -0.4;
  p.max_weight = 0.4;
  p.rule.name = rule;
  p.rule.bindings = {{"reward", "reward"}};
  s.projections = {p};
  s.modulators = {
      {.name = "reward", .model = "raw", .when = clock, .reward_interval = reward_interval}};
  s.outputs = {{.name = "action", .source = "out", .decoder = "bits"}};
  return s;
}

Agent Make(const CircuitSpec& spec) {
  auto circuit = Circuit::Compile(spec);
  EXPECT_TRUE(circuit.ok()) << circuit.status();
  return Agent(*circuit, 5);
}

const BoundTerm& TermOf(const Agent& agent) { return agent.circuit().links()[0].terms[0]; }

// Observations, rewards at uneven times, ends and resets, drawn from the step's index.
void Drive(Agent* agent, uint64_t step, float scale = 1) {
  const Random random(9, 2, step);
  std::vector<float> observation(kPre), action(kPost);
  ForNormals(random, 0, kPre,
             [&](int64_t j, double x) { observation[j] = scale * static_cast<float>(x); });
  StepInput input{.observation = observation};
  const RewardInput reward{0, {static_cast<Real>(random.Normal(100))}};
  if (random.Bits(101) % 16 == 0) input.rewards = {&reward, 1};
  if (random.Bits(102) % 64 == 0) input.end = End::kTruncated;
  input.learning = random.Bits(103) % 8 != 0;
  ASSERT_TRUE(agent->Check(input).ok());
  agent->Step(input, action);
  if (random.Bits(104) % 32 == 0) agent->Reward(reward, true);
  if (random.Bits(105) % 128 == 0) agent->ResetEpisode(true);
}

TEST(FactoredTest, IsChosenWhereRewardsAreRareAndChangesNoFingerprint) {
  const Agent rare = Make(Spec(100)), unknown = Make(Spec(0)), often = Make(Spec(2));
  EXPECT_NE(TermOf(rare).factored.count, kNoColumn);
  EXPECT_EQ(TermOf(unknown).factored.count, kNoColumn);
  EXPECT_EQ(TermOf(often).factored.count, kNoColumn);
  EXPECT_EQ(rare.circuit().fingerprint(), unknown.circuit().fingerprint());
  const When episode = When::On(When::Clock::kEpisode);
  EXPECT_NE(TermOf(Make(Spec(0, "reinforce-trace", episode))).factored.count, kNoColumn)
      << "an episode's rewards come at its end";
  CircuitSpec windowed = Spec(100);
  windowed.reward_window = 4;
  EXPECT_EQ(TermOf(Make(windowed)).factored.count, kNoColumn)
      << "rewards that name a step need the trace's past";
}

TEST(FactoredTest, HasTheBitsOfADenseTrace) {
  Agent factored = Make(Spec(100)), dense = Make(Spec(0));
  ASSERT_NE(TermOf(factored).factored.count, kNoColumn);
  for (uint64_t step = 0; step < 600; ++step) {
    Drive(&factored, step);
    Drive(&dense, step);
    ASSERT_EQ(factored.Digest(), dense.Digest()) << "step " << step;
  }
  EXPECT_EQ(factored.Read(TermOf(factored).trace), dense.Read(TermOf(dense).trace));
  EXPECT_EQ(factored.Save(), dense.Save());
}

// One that is summed without decay and applied at the end of the episode. What is held against it
// keeps the trace's past, so its trace is dense.
TEST(FactoredTest, HasTheBitsOfADenseSum) {
  const When episode = When::On(When::Clock::kEpisode);
  CircuitSpec windowed = Spec(0, "reinforce", episode);
  windowed.reward_window = 2;
  Agent factored = Make(Spec(0, "reinforce", episode)), dense = Make(windowed);
  ASSERT_NE(TermOf(factored).factored.count, kNoColumn);
  ASSERT_EQ(TermOf(dense).factored.count, kNoColumn);
  const ColumnId weights = factored.circuit().links()[0].weights;
  ASSERT_EQ(weights, dense.circuit().links()[0].weights);
  const std::vector<std::byte> before = factored.Read(weights);
  for (uint64_t step = 0; step < 600; ++step) {
    Drive(&factored, step);
    Drive(&dense, step);
    ASSERT_EQ(factored.Read(TermOf(factored).trace), dense.Read(TermOf(dense).trace)) << step;
    ASSERT_EQ(factored.Read(weights), dense.Read(weights)) << step;
  }
  EXPECT_NE(factored.Read(weights), before);
}

// Whoever looks changes nothing, also when pairs are waiting.
TEST(FactoredTest, SnapshotsOfEitherBecomeEither) {
  Agent factored = Make(Spec(100)), dense = Make(Spec(0));
  for (uint64_t step = 0; step < 75; ++step) {
    Drive(&factored, step);
    Drive(&dense, step);
  }
  Agent clone = factored, loaded = Make(Spec(100)), thrown = Make(Spec(0));
  for (uint64_t step = 200; step < 210; ++step) Drive(&loaded, step);
  ASSERT_TRUE(loaded.Load(dense.Save()).ok());
  ASSERT_TRUE(thrown.Load(factored.Save()).ok());
  for (uint64_t step = 75; step < 150; ++step) {
    for (Agent* agent : {&factored, &dense, &clone, &loaded, &thrown}) Drive(agent, step);
    (void)factored.Read(TermOf(factored).trace);
  }
  for (Agent* agent : {&factored, &clone, &loaded, &thrown}) {
    EXPECT_EQ(agent->Digest(), dense.Digest());
  }
}

// A trace that grows beyond all numbers is found in the step in which it does.
TEST(FactoredTest, DivergesInTheSameStep) {
  Agent factored = Make(Spec(100)), dense = Make(Spec(0));
  const float huge = std::numeric_limits<float>::max() / 8;
  for (uint64_t step = 0; step < 100; ++step) {
    Drive(&factored, step, huge);
    Drive(&dense, step, huge);
    ASSERT_EQ(factored.divergence().column, dense.divergence().column) << step;
    ASSERT_EQ(factored.divergence().tick, dense.divergence().tick);
    if (dense.divergence().column != kNoColumn) return;
  }
  FAIL() << "nothing diverged";
}

TEST(FactoredTest, SaysWhatIsWrongWithAnInterval) {
  for (const int interval : {-1, 1'000'000'001}) {
    const auto circuit = Circuit::Compile(Spec(interval));
    ASSERT_FALSE(circuit.ok());
    EXPECT_NE(circuit.status().message().find("modulators[0].reward_interval"), std::string::npos);
  }
}

}  // namespace
}  // namespace phasic

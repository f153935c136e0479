// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

constexpr double kTolerance = sizeof(Real) == 4 ? 2e-4 : 1e-11;

CircuitSpec Critic(double dt) {
  CircuitSpec s = DrivenPopulation("rate", 1, {}, "rates");
  s.dt = dt;
  ProjectionSpec up{.name = "up", .source = "p", .target = "reward.spikes"};
  up.initial.mean = 1;
  // Its weight sums up the errors that come while its one input is 1.
  s.populations.push_back({.name = "sum", .model = "rate", .size = 1});
  ProjectionSpec sum{.name = "sum_weights", .source = "p", .target = "sum"};
  sum.rule = {.name = "td-critic",
              .parameters = {{"learning_rate", 1.0}, {"lambda", 0.0}},
              .bindings = {{"td", "reward"}}};
  s.projections = {up, sum};
  s.modulators = {{.name = "reward", .model = "td-continuous"}};
  return s;
}

double Kappa(double s) { return (std::exp(-s / 200) - std::exp(-s / 50)) / 150; }

// V by its definition: V_0 = -40 is that of a rate that has gone on for ever, so before the episode
// there were 40 Hz.
double Value(const std::vector<double>& spikes, size_t t, double dt) {
  double v = 0;
  for (size_t u = 0; u <= t; ++u) {
    v += 1000 * (spikes[u] - 0.04 * dt) * Kappa(dt * static_cast<double>(t - u));
  }
  return v;
}

TEST(TdContinuousModulatorTest, TheErrorIsTheIntegralOfItsDefinition) {
  for (const double dt : {0.5, 1.0, 4.0}) {
    Probe probe(Critic(dt));
    std::vector<double> spikes;
    double total = 0, integral = 0;
    for (int t = 0; t < 300; ++t) {
      const double chance = Random(3, 1, static_cast<uint64_t>(t)).Uniform(0);
      spikes.push_back(chance < 0.06 || t == 299 ? 1 : 0);
      probe.Step({static_cast<float>(spikes.back())});
      const double v = probe.Read("reward", "value")[0];
      EXPECT_NEAR(v, Value(spikes, spikes.size() - 1, dt), kTolerance) << dt << " " << t;
      // Until the next tick nothing arrives, so V follows the kernel alone.
      std::vector<double> after = spikes;
      after.push_back(0.04 * dt);
      const double next = Value(after, after.size() - 1, dt);
      const double delta = probe.Read("reward", "delta")[0];
      // The trapezoidal rule for the integral of V is exact up to dt^3.
      EXPECT_NEAR(delta, next - v - dt * (v + next) / 2 / 4000, 1e-6 * dt * dt * dt + kTolerance);
      total += delta;
      integral += dt * (v + next) / 2 / 4000;
    }
    // Terminated: V drops to nothing, and a last reward comes. In all, what was paid and the
    // discount remain.
    const RewardInput reward{0, {2.5}};
    StepInput end;
    end.rewards = {&reward, 1};
    end.end = End::kTerminated;
    std::vector<float> unused(1);
    const double before = probe.Read("sum_weights", "weights")[0];
    probe.agent().Step(end, unused);
    total += probe.Read("sum_weights", "weights")[0] - before;
    EXPECT_NEAR(total, 2.5 - integral, 300 * (1e-6 * dt * dt * dt + kTolerance)) << dt;
  }
}

TEST(TdContinuousModulatorTest, AtTheRateThatMeansNothingTheErrorIsTheReward) {
  Probe probe(Critic(1));
  for (int t = 0; t < 50; ++t) {
    if (t == 20) probe.Reward({0.5});
    probe.Step({0.04f});
    EXPECT_NEAR(probe.Read("reward", "delta")[0], t == 20 ? 0.5 : 0, kTolerance) << t;
  }
}

TEST(TdContinuousModulatorTest, ATruncatedEpisodeKeepsItsValue) {
  Probe probe(Critic(1));
  for (int t = 0; t < 100; ++t) probe.Step({0.1f});
  StepInput end;
  end.end = End::kTruncated;
  std::vector<float> unused(1);
  const std::vector<float> last = {0.1f};
  end.observation = last;
  const double before = probe.Read("sum_weights", "weights")[0];
  probe.agent().Step(end, unused);
  // V still rises; it has not dropped to 0.
  EXPECT_GT(probe.Read("sum_weights", "weights")[0], before);
}

TEST(TdContinuousModulatorTest, NeedsAClockThatFollowsTime) {
  CircuitSpec s = Critic(1);
  s.modulators[0].when = When::On(When::Clock::kStep);
  const auto circuit = Circuit::Compile(s);
  ASSERT_FALSE(circuit.ok());
  EXPECT_EQ(DetailsOf(circuit.status()).violations[0].field, "modulators[0].when.clock");
}

}  // namespace
}  // namespace phasic::testing

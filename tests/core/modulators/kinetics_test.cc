// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

CircuitSpec With(const std::string& model, ParamMap parameters, std::optional<When> when = {},
                 int size = 1) {
  CircuitSpec s = DrivenPopulation("rate", 1, {}, "rates");
  s.modulators = {{.name = "reward",
                   .model = model,
                   .size = size,
                   .parameters = std::move(parameters),
                   .when = std::move(when)}};
  return s;
}

TEST(KineticsTest, TheAdvantageDecaysAndTheBaselineLearnsFromTheRewardAlone) {
  Probe probe(With("baseline", {{"tau", 20.0}, {"alpha", 0.5}}));
  probe.Reward({2});
  for (int t = 0; t < 10; ++t) {
    probe.Step({0});
    EXPECT_NEAR(probe.Read("reward", "advantage")[0], 2 * std::exp(-t / 20.0), 1e-6);
    EXPECT_FLOAT_EQ(probe.Read("reward", "baseline")[0], 1);
  }
  // The next reward is held against the baseline, on top of what is left.
  const double left = probe.Read("reward", "advantage")[0];
  probe.Reward({Real(0.25)});
  probe.Step({0});
  EXPECT_NEAR(probe.Read("reward", "advantage")[0], left * std::exp(-1 / 20.0) + 0.25 - 1, 1e-6);
  EXPECT_NEAR(probe.Read("reward", "surprise")[0], std::abs(probe.Read("reward", "advantage")[0]),
              0);
}

TEST(KineticsTest, ALongerPeriodDecaysByAsMuchTime) {
  When when = When::On(When::Clock::kEvery);
  when.n = 5;
  Probe probe(With("raw", {{"tau", 20.0}}, when));
  probe.Reward({1});
  for (int t = 0; t < 20; ++t) probe.Step({0});
  EXPECT_NEAR(probe.Read("reward", "level")[0], std::exp(-15 / 20.0), 1e-6);
}

TEST(KineticsTest, NeedAClockThatFollowsTime) {
  for (const char* model : {"raw", "baseline"}) {
    for (const When::Clock clock :
         {When::Clock::kDelivery, When::Clock::kEpisode, When::Clock::kStep}) {
      const auto circuit = Circuit::Compile(With(model, {{"tau", 20.0}}, When::On(clock)));
      ASSERT_FALSE(circuit.ok());
      EXPECT_EQ(DetailsOf(circuit.status()).violations[0].field, "modulators[0].when.clock");
    }
  }
}

TEST(BaselineModulatorTest, EachUnitHasItsOwnBaseline) {
  Probe probe(With("baseline", {{"alpha", 0.5}}, {}, 2));
  probe.Reward({4, -2});
  EXPECT_FLOAT_EQ(probe.Read("reward", "baseline")[0], 2);
  EXPECT_FLOAT_EQ(probe.Read("reward", "baseline")[1], -1);
}

TEST(BaselineModulatorTest, OnATickClockAnAbsentRewardTeachesOnlyIfToldSo) {
  for (const bool zero : {false, true}) {
    Probe probe(With("baseline", {{"alpha", 0.5}, {"absent", std::string(zero ? "zero" : "none")}},
                     When::On(When::Clock::kTick)));
    probe.Reward({1});
    probe.Step({0});
    EXPECT_FLOAT_EQ(probe.Read("reward", "advantage")[0], 1);
    probe.Step({0});
    EXPECT_FLOAT_EQ(probe.Read("reward", "advantage")[0], zero ? -0.5 : 0);
    EXPECT_FLOAT_EQ(probe.Read("reward", "baseline")[0], zero ? 0.25 : 0.5);
  }
}

TEST(BaselineModulatorTest, TheBaselineComesToTheMeanReward) {
  Probe probe(With("baseline", {{"alpha", 0.02}}));
  const Random random(3, 1, 0);
  double advantage = 0;
  for (uint32_t i = 0; i < 20'000; ++i) {
    probe.Reward({static_cast<Real>(0.7 + random.Normal(i))});
    if (i >= 1000) advantage += probe.Read("reward", "advantage")[0];
  }
  EXPECT_NEAR(probe.Read("reward", "baseline")[0], 0.7, 5 * std::sqrt(0.02 / 2));
  EXPECT_NEAR(advantage / 19'000, 0, 5 / std::sqrt(19'000.0));
}

}  // namespace
}  // namespace phasic::testing

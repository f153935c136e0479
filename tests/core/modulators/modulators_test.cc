// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

CircuitSpec With(const std::string& model, ParamMap parameters, int size = 1,
                 std::optional<When> when = {}) {
  CircuitSpec s = DrivenPopulation("rate", 1, {}, "rates");
  s.modulators = {{.name = "reward",
                   .model = model,
                   .size = size,
                   .parameters = std::move(parameters),
                   .when = std::move(when)}};
  return s;
}

TEST(RawModulatorTest, PublishesTheRewardAndItsComplement) {
  Probe probe(With("raw", {}, 2));
  probe.Reward({Real(0.25), Real(-1)});
  EXPECT_FLOAT_EQ(probe.Read("reward", "level")[0], 0.25);
  EXPECT_FLOAT_EQ(probe.Read("reward", "level")[1], -1);
  EXPECT_FLOAT_EQ(probe.Read("reward", "complement")[0], 0.75);
  EXPECT_FLOAT_EQ(probe.Read("reward", "complement")[1], 2);
}

TEST(RawModulatorTest, KineticsDecayExponentiallyAboveTheTonicLevel) {
  Probe probe(With("raw", {{"tau", 50.0}, {"tonic", 0.002}}));
  probe.Reward({1});
  probe.Reward({Real(0.5)});
  for (int t = 0; t < 30; ++t) {
    probe.Step({0});
    EXPECT_NEAR(probe.Read("reward", "level")[0], 0.002 + 1.5 * std::exp(-t / 50.0), 1e-5);
  }
}

TEST(BaselineModulatorTest, TheBaselineFollowsAfterItsUse) {
  Probe probe(With("baseline", {{"alpha", 0.25}}));
  double baseline = 0;
  for (const double r : {1.0, 0.5, -2.0, 3.0}) {
    probe.Reward({static_cast<Real>(r)});
    EXPECT_NEAR(probe.Read("reward", "advantage")[0], r - baseline, 1e-6);
    EXPECT_NEAR(probe.Read("reward", "surprise")[0], std::abs(r - baseline), 1e-6);
    baseline += 0.25 * (r - baseline);
    EXPECT_NEAR(probe.Read("reward", "baseline")[0], baseline, 1e-6);
  }
}

TEST(BaselineModulatorTest, FrozenItHolds) {
  Probe probe(With("baseline", {{"alpha", 0.25}}));
  probe.Reward({1});
  const Real before = probe.Read("reward", "baseline")[0];
  probe.Reward({5}, /*learning=*/false);
  EXPECT_EQ(probe.Read("reward", "baseline")[0], before);
}

TEST(BaselineModulatorTest, AnEpisodeWithoutRewardCountsOnlyIfToldSo) {
  for (const bool counts : {false, true}) {
    Probe probe(With("baseline",
                     {{"alpha", 0.5}, {"absent", std::string(counts ? "zero" : "none")}}, 1,
                     When::On(When::Clock::kEpisode)));
    probe.Step({0});
    probe.Reward({4});
    probe.agent().ResetEpisode(true);
    EXPECT_FLOAT_EQ(probe.Read("reward", "baseline")[0], 2);
    probe.Step({0});
    probe.agent().ResetEpisode(true);
    EXPECT_FLOAT_EQ(probe.Read("reward", "baseline")[0], counts ? 1 : 2);
  }
}

// A critic whose value is the observation itself.
CircuitSpec Critic(double gamma) {
  CircuitSpec s = With("td", {{"gamma", gamma}});
  ProjectionSpec value{.name = "value", .source = "p", .target = "reward.value"};
  value.initial.mean = 1;
  s.projections = {value};
  return s;
}

TEST(TdModulatorTest, TheErrorIsRewardPlusWhatIsAheadMinusWhatWasPredicted) {
  Probe probe(Critic(0.5));
  probe.Reward({7});  // before the first prediction: there is nothing to compare it with
  probe.Step({3});
  EXPECT_EQ(probe.Read("reward", "delta")[0], 0);
  probe.Reward({1});
  probe.Reward({Real(0.5)});
  probe.Step({4});
  EXPECT_FLOAT_EQ(probe.Read("reward", "delta")[0], 1.5 + 0.5 * 4 - 3);
  probe.Step({-2});
  EXPECT_FLOAT_EQ(probe.Read("reward", "delta")[0], 0 + 0.5 * -2 - 4);
}

TEST(TdModulatorTest, AnEpisodeBeginsWithoutAPrediction) {
  Probe probe(Critic(0.9));
  probe.Step({3});
  StepInput end;
  end.end = End::kTerminated;
  float action;
  probe.agent().Step(end, {&action, 1});
  probe.Step({100});
  EXPECT_EQ(probe.Read("reward", "delta")[0], 0);
}

TEST(TdModulatorTest, ATruncatedEpisodeClosesOnItsLastObservationWhateverTheClock) {
  // On a clock that does not strike in the last step, the prediction closes with it.
  CircuitSpec spec = Critic(0.5);
  spec.modulators[0].when = When::On(When::Clock::kEvery);
  spec.modulators[0].when->n = 2;
  spec.projections.push_back({.name = "learned", .source = "p", .target = "p", .delay = 1});
  spec.projections[1].rule = {
      .name = "td-critic", .parameters = {{"learning_rate", 1.0}}, .bindings = {{"td", "reward"}}};
  Probe probe(spec);
  probe.Step({9});  // tick 0: it does not strike
  probe.Step({3});  // tick 1: primed with V = 3
  ASSERT_EQ(probe.Read<uint8_t>("reward", "primed")[0], 1);
  ASSERT_EQ(probe.Read("learned", "weights")[0], 0);
  probe.Reward({1});
  StepInput end;
  end.end = End::kTruncated;
  probe.Step({8}, end);
  // delta = 1 + 0.5 * 8 - 3, and the only pair so far had the 9 that the delay delivered.
  EXPECT_EQ(probe.Read("learned", "weights")[0], (1 + 4 - 3) * 9);
}

}  // namespace
}  // namespace phasic::testing

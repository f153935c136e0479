// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

TEST(LifPopulationTest, ANewAgentIsAtRestWhateverRestIs) {
  for (const double rest : {-70.0, 0.0, -55.0}) {
    Probe probe(DrivenPopulation("lif", 1, {{"rest", rest}, {"reset", -80.0}, {"threshold", 20.0}},
                                 "bits"));
    EXPECT_EQ(probe.Read("p", "v")[0], static_cast<Real>(rest));
    probe.Step({0});
    EXPECT_EQ(probe.Read("p", "v")[0], static_cast<Real>(rest));
  }
}

TEST(LifPopulationTest, SweepsThatSettleOthersDoNotIntegrateTwice) {
  for (const int sweeps : {1, 4}) {
    CircuitSpec s = DrivenPopulation("lif", 1, {{"threshold", 100.0}}, "bits");
    s.sweeps = sweeps;
    Probe probe(s);
    probe.Step({1.5f});
    EXPECT_NEAR(probe.Read("p", "v")[0], -70 + 15 * (1 - std::exp(-1 / 20.0)), 2e-4) << sweeps;
  }
}

TEST(LifPopulationTest, TheMembraneFollowsTheExactExponential) {
  // Whatever the tick: the drive is constant, so the exponential step has no error of integration.
  for (const double dt : {0.1, 1.0, 5.0}) {
    CircuitSpec s =
        DrivenPopulation("lif", 1, {{"threshold", 100.0}, {"resistance", 10.0}}, "bits");
    s.dt = dt;
    Probe probe(s);
    for (int t = 1; t * dt <= 50; ++t) {
      probe.Step({1.5f});
      EXPECT_NEAR(probe.Read("p", "v")[0], -70 + 15 * (1 - std::exp(-t * dt / 20)), 2e-4) << dt;
    }
  }
}

TEST(LifPopulationTest, TheIntervalIsTheClosedFormRoundedUpToTicksAfterTheRefractoryPeriod) {
  // v_inf - reset = 40, v_inf - threshold = 25, tau_m 20: 20 ln 1.6 = 9.4 ms, after 3 ms.
  Probe probe(DrivenPopulation("lif", 1,
                               {{"rest", -70.0},
                                {"reset", -65.0},
                                {"threshold", -50.0},
                                {"resistance", 1.0},
                                {"refractory", 3.0}},
                               "bits"));
  std::vector<int> spikes;
  for (int t = 0; t < 100; ++t) {
    if (probe.Step({45})[0] != 0) spikes.push_back(t);
  }
  ASSERT_GE(spikes.size(), 5u);
  EXPECT_EQ(spikes[0] + 1, static_cast<int>(std::ceil(20 * std::log(45 / 25.0))));
  for (size_t i = 1; i < spikes.size(); ++i) {
    EXPECT_EQ(spikes[i] - spikes[i - 1], 3 + static_cast<int>(std::ceil(20 * std::log(1.6))));
  }
}

TEST(LifPopulationTest, TheRateOutputAveragesToSpikesPerSecond) {
  Probe probe(DrivenPopulation("lif", 1, {{"resistance", 1.0}, {"tau_rate", 300.0}}, "bits"));
  int spikes = 0;
  double rate = 0;
  constexpr int kWarmUp = 3000, kTicks = 20'000;
  for (int t = 0; t < kWarmUp + kTicks; ++t) {
    const bool fired = probe.Step({30})[0] != 0;
    if (t < kWarmUp) continue;
    spikes += fired;
    rate += probe.Read("p", "rate")[0];
  }
  EXPECT_NEAR(rate / kTicks, spikes * 1000.0 / kTicks, 0.01 * spikes * 1000.0 / kTicks);
}

TEST(LifPopulationTest, AnEpisodesEndReturnsItToRest) {
  Probe probe(DrivenPopulation("lif", 1, {}, "bits"));
  for (int t = 0; t < 50; ++t) probe.Step({3});
  probe.agent().ResetEpisode(true);
  EXPECT_EQ(probe.Read("p", "depolarisation")[0], 0);
  EXPECT_EQ(probe.Read("p", "rate")[0], 0);
  EXPECT_EQ(probe.Read<uint32_t>("p", "refractory")[0], 0u);
}

TEST(LifPopulationTest, AResetAboveThresholdIsRefused) {
  const auto circuit = Circuit::Compile(
      DrivenPopulation("lif", 1, {{"reset", -40.0}, {"threshold", -50.0}}, "bits"));
  ASSERT_FALSE(circuit.ok());
  EXPECT_EQ(DetailsOf(circuit.status()).violations[0].field, "populations[0].parameters.reset");
}

}  // namespace
}  // namespace phasic::testing

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

std::vector<double> Activity(const Probe& probe) {
  const auto a = probe.Read("in", "activity");
  return {a.begin(), a.end()};
}

TEST(RawEncoderTest, ScalesAndShifts) {
  Probe probe(
      Encoded("raw", Space::Box({2}), 2, {{"gain", std::vector<double>{2, 3}}, {"offset", 1.0}}));
  probe.Step({0.5f, -1});
  EXPECT_EQ(Activity(probe), (std::vector<double>{2, -2}));
}

TEST(OneHotEncoderTest, HasOneUnitForEachAlternative) {
  Probe probe(Encoded("one-hot", Space::Discrete(4), 4));
  probe.Step({2});
  EXPECT_EQ(Activity(probe), (std::vector<double>{0, 0, 1, 0}));
  probe.Step({0});
  EXPECT_EQ(Activity(probe), (std::vector<double>{1, 0, 0, 0}));
}

TEST(GaussianEncoderTest, TheProductCodeIsTheNormalisedProductOfItsBumps) {
  const std::vector<double> low = {-1, 0}, high = {1, 4}, x = {0.3, 2.9};
  const int bins[] = {3, 5};
  Probe probe(
      Encoded("gaussian", Space::Box({2}), 15,
              {{"low", low}, {"high", high}, {"bins", std::vector<double>{3, 5}}, {"width", 0.6}}));
  probe.Step({static_cast<float>(x[0]), static_cast<float>(x[1])});
  std::vector<double> expected;
  double sum = 0;
  for (int i = 0; i < bins[0]; ++i) {
    for (int j = 0; j < bins[1]; ++j) {
      double log_activity = 0;
      const int at[] = {i, j};
      for (int d = 0; d < 2; ++d) {
        const double spacing = (high[d] - low[d]) / (bins[d] - 1);
        const double z = (x[d] - (low[d] + at[d] * spacing)) / (0.6 * spacing);
        log_activity -= z * z / 2;
      }
      expected.push_back(std::exp(log_activity));
      sum += expected.back();
    }
  }
  const auto activity = Activity(probe);
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(activity[i], expected[i] / sum, 1e-6) << i;
}

TEST(GaussianEncoderTest, EveryNormalisedCodeSumsToOneAndOutsideIsTheNearestEnd) {
  for (const char* code : {"product", "separate"}) {
    Probe probe(Encoded("gaussian", Space::Box({2}, {-1}, {1}),
                        code == std::string("product") ? 16 : 8,
                        {{"bins", 4.0}, {"code", std::string(code)}}));
    for (const float x : {-1.f, -0.4f, 0.2f, 1.f}) {
      probe.Step({x, -x});
      const auto a = Activity(probe);
      EXPECT_NEAR(std::accumulate(a.begin(), a.end(), 0.0), 1, 1e-5) << code;
    }
  }
  const ParamMap range = {{"low", -1.0}, {"high", 1.0}};
  Probe probe(Encoded("gaussian", Space::Box({1}), 5, range));
  probe.Step({1});
  const auto end = Activity(probe);
  probe.Step({1e6f});
  EXPECT_EQ(Activity(probe), end);
}

TEST(GaussianEncoderTest, NeedsARange) {
  const auto circuit = Circuit::Compile(Encoded("gaussian", Space::Box({1}), 5));
  ASSERT_FALSE(circuit.ok());
  EXPECT_NE(std::string(circuit.status().message()).find("inputs[0].parameters.low"),
            std::string::npos)
      << circuit.status();
}

TEST(NormaliseEncoderTest, GivesTheRunningScoreOfWelford) {
  Probe probe(Encoded("normalise", Space::Box({1}), 1, {{"clip", 5.0}}));
  std::vector<double> seen;
  for (int i = 0; i < 500; ++i) {
    const float x = static_cast<float>(100 + 3 * Random(1, 1, 0).Normal(static_cast<uint32_t>(i)));
    seen.push_back(x);
    probe.Step({x});
  }
  double mean = std::accumulate(seen.begin(), seen.end(), 0.0) / seen.size(), square = 0;
  for (const double x : seen) square += (x - mean) * (x - mean);
  EXPECT_NEAR(probe.Read<double>("in", "mean")[0], mean, 1e-9);
  EXPECT_NEAR(probe.Read<double>("in", "m2")[0], square, 1e-6);
  EXPECT_NEAR(Activity(probe)[0], (seen.back() - mean) / std::sqrt(square / seen.size()), 1e-3);
}

TEST(NormaliseEncoderTest, CountsAStepOnceAndHoldsWhenFrozen) {
  CircuitSpec s = Encoded("normalise", Space::Box({1}), 1);
  s.ticks_per_step = 7;
  Probe probe(s);
  probe.Step({1});
  probe.Step({2});
  EXPECT_EQ(probe.Read<uint64_t>("in", "count")[0], 2u);
  StepInput frozen;
  frozen.learning = false;
  probe.Step({50}, frozen);
  EXPECT_EQ(probe.Read<uint64_t>("in", "count")[0], 2u);
  EXPECT_NEAR(probe.Read<double>("in", "mean")[0], 1.5, 1e-12);
}

TEST(PoissonEncoderTest, FiresAtTheRateOfItsInput) {
  CircuitSpec s = Encoded("poisson", Space::Box({2}, {0}, {1}), 2, {{"max_rate", 200.0}});
  s.ticks_per_step = 100;
  s.dt = 1;
  Probe probe(s);
  // Spikes are counted by a population that sees them all: here, tick by tick.
  StepInput one;
  one.ticks = 1;
  constexpr int kTicks = 50'000;
  double spikes[2] = {};
  for (int i = 0; i < kTicks; ++i) {
    probe.Step({0.25f, 1}, one);
    for (int u = 0; u < 2; ++u) spikes[u] += Activity(probe)[u];
  }
  const double rates[] = {0.25 * 200, 200};
  for (int u = 0; u < 2; ++u) {
    const double p = 1 - std::exp(-rates[u] * 1e-3);
    EXPECT_NEAR(spikes[u] / kTicks, p, 4 * std::sqrt(p * (1 - p) / kTicks));
  }
}

}  // namespace
}  // namespace phasic::testing

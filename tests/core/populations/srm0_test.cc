// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

constexpr double kTolerance = sizeof(Real) == 4 ? 2e-5 : 1e-12;

double Eps(double s) { return 20 / 15.0 * (std::exp(-s / 20) - std::exp(-s / 5)); }

// One raw number spikes into one neuron through a weight of 3.
CircuitSpec Spiking(ParamMap parameters) {
  CircuitSpec s = DrivenPopulation("rate", 1, {}, "rates");
  s.populations.push_back(
      {.name = "n", .model = "srm0", .size = 1, .parameters = std::move(parameters)});
  ProjectionSpec w{.name = "w", .source = "p", .target = "n.spikes"};
  w.initial.mean = 3;
  s.projections = {w};
  return s;
}

TEST(Srm0PopulationTest, ASpikeCausesItsPostsynapticPotentialFromTheNextTickOn) {
  Probe probe(Spiking({{"theta", 1000.0}}));
  for (int t = 0; t < 100; ++t) {
    probe.Step({t == 0 || t == 7 ? 1.0f : 0.0f});
    EXPECT_NEAR(probe.Read("n", "u")[0], 3 * (Eps(t) + (t < 7 ? 0 : Eps(t - 7))), kTolerance) << t;
  }
}

TEST(Srm0PopulationTest, TheScoreIsTheDerivativeOfTheLogProbabilityAndItsMeanIsZero) {
  for (const double dt : {0.2, 1.0, 10.0}) {
    CircuitSpec s = DrivenPopulation("srm0", 1, {{"chi", 0.0}}, "bits");
    s.dt = dt;
    Probe probe(s);
    bool fired = false, silent = false;
    for (int t = 0; t < 400; ++t) {
      probe.Step({14.0f});
      const double u = 14, h = 1e-5, spike = probe.Read("p", "spike")[0];
      const auto log_p = [&](double at) {
        const double x = 60 * std::exp((at - 16) / 2) * dt / 1000;
        return spike != 0 ? std::log(-std::expm1(-x)) : -x;
      };
      const double score = (log_p(u + h) - log_p(u - h)) / (2 * h);
      EXPECT_NEAR(probe.Read("p", "score")[0], score, 1e-6 + kTolerance) << dt;
      (spike != 0 ? fired : silent) = true;
    }
    EXPECT_TRUE(fired && silent) << dt;
  }
}

TEST(Srm0PopulationTest, ItFiresAtItsEscapeRate) {
  Probe probe(DrivenPopulation("srm0", 1, {{"chi", 0.0}}, "bits"));
  constexpr int kTicks = 40'000;
  double spikes = 0, rho = 0;
  for (int t = 0; t < kTicks; ++t) {
    spikes += probe.Step({15.0f})[0];
    rho = probe.Read("p", "rho")[0];
  }
  EXPECT_NEAR(rho, 60 * std::exp(-0.5), 1e-3);
  const double expected = kTicks * -std::expm1(-rho / 1000);
  EXPECT_NEAR(spikes, expected, 4 * std::sqrt(expected));
}

TEST(Srm0PopulationTest, ASpikeLeavesChiAndErasesOnlyWhenToldTo) {
  for (const char* erases : {"no", "yes"}) {
    Probe probe(Spiking({{"theta", -1000.0}, {"erases", std::string(erases)}}));
    probe.Step({1});  // far above theta: it fires in every tick
    EXPECT_EQ(probe.Read("n", "spike")[0], 1);
    probe.Step({0});
    const double left = std::string(erases) == "no" ? 3 * Eps(1) : 0;
    EXPECT_NEAR(probe.Read("n", "u")[0], left - 5 * std::exp(-1 / 20.0), kTolerance) << erases;
  }
}

TEST(Srm0PopulationTest, StaysFiniteHoweverHardItIsDriven) {
  Probe probe(DrivenPopulation("srm0", 2, {{"delta_u", 0.01}}, "bits"));
  for (const float drive : {1e30f, -1e30f, 1e5f, -1e5f}) {
    probe.Step({drive, -drive});
    EXPECT_EQ(probe.agent().divergence().column, kNoColumn) << drive;
  }
}

TEST(Srm0PopulationTest, ARiseSlowerThanTheDecayIsRefused) {
  const auto circuit = Circuit::Compile(DrivenPopulation("srm0", 1, {{"tau_s", 20.0}}, "bits"));
  ASSERT_FALSE(circuit.ok());
  EXPECT_EQ(DetailsOf(circuit.status()).violations[0].field, "populations[0].parameters.tau_s");
}

TEST(PoissonPopulationTest, FiresAtItsDrive) {
  Probe probe(DrivenPopulation("poisson", 3, {{"max_rate", 200.0}}, "bits"));
  constexpr int kTicks = 20'000;
  double spikes[3] = {};
  for (int t = 0; t < kTicks; ++t) {
    const auto fired = probe.Step({0.5f, -1.0f, 1.0f});
    for (int i = 0; i < 3; ++i) spikes[i] += fired[i];
  }
  for (const int i : {0, 2}) {
    const double expected = kTicks * -std::expm1(i == 0 ? -0.1 : -0.2);
    EXPECT_NEAR(spikes[i], expected, 4 * std::sqrt(expected)) << i;
  }
  EXPECT_EQ(spikes[1], 0);
}

}  // namespace
}  // namespace phasic::testing

// SPDX-License-Identifier: Apache-2.0
//
// The encoders with every space that they take, and what they refuse.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

using List = std::vector<double>;

List Activity(const Probe& probe) {
  const auto a = probe.Read("in", "activity");
  return {a.begin(), a.end()};
}

// The first faulty field of an encoder that does not compile; empty when it does.
std::string Fault(const std::string& encoder, const Space& space, int units, ParamMap parameters) {
  const auto circuit = Circuit::Compile(Encoded(encoder, space, units, std::move(parameters)));
  return circuit.ok() ? "" : DetailsOf(circuit.status()).violations[0].field;
}

TEST(GaussianEncoderTest, TheSeparateCodeGivesEachElementItsShare) {
  Probe probe(Encoded("gaussian", Space::Box({2}, {0, -2}, {1, 2}), 6,
                      {{"bins", List{2, 4}}, {"code", std::string("separate")}, {"width", 0.5}}));
  probe.Step({0.25f, 0.5f});
  const auto a = Activity(probe);
  const double first[] = {std::exp(-0.25 * 0.25 * 2), std::exp(-0.75 * 0.75 * 2)};
  EXPECT_NEAR(a[0], first[0] / (first[0] + first[1]) / 2, 1e-6);
  EXPECT_NEAR(a[0] + a[1], 0.5, 1e-6);
  EXPECT_NEAR(a[2] + a[3] + a[4] + a[5], 0.5, 1e-6);
}

TEST(GaussianEncoderTest, NotNormalisedAUnitIsOneAtItsOwnPlace) {
  Probe probe(Encoded("gaussian", Space::Box({2}, {0}, {2}), 9,
                      {{"bins", 3.0}, {"normalise", std::string("no")}, {"width", 0.5}}));
  probe.Step({1, 2});
  const auto a = Activity(probe);
  EXPECT_EQ(a[1 * 3 + 2], 1);
  EXPECT_NEAR(a[1 * 3 + 1], std::exp(-2.0), 1e-6);
  EXPECT_NEAR(a[0 * 3 + 1], std::exp(-4.0), 1e-6);
}

TEST(GaussianEncoderTest, ASingleBinLiesInTheMiddle) {
  Probe probe(Encoded("gaussian", Space::Box({1}, {2}, {4}), 1,
                      {{"bins", 1.0}, {"normalise", std::string("no")}}));
  probe.Step({3});
  EXPECT_EQ(Activity(probe)[0], 1);
}

TEST(GaussianEncoderTest, BitsAreNumbersFromZeroToOne) {
  Probe probe(Encoded("gaussian", Space::MultiBinary(2), 4, {{"bins", 2.0}}));
  probe.Step({1, 0});
  const auto a = Activity(probe);
  EXPECT_GT(a[2], 0.7);  // first bit on, second off
  EXPECT_NEAR(a[0] + a[1] + a[2] + a[3], 1, 1e-6);
}

TEST(GaussianEncoderTest, RefusesWhatItCannotSpread) {
  const Space box = Space::Box({2}, {0}, {1});
  EXPECT_EQ(Fault("gaussian", box, 25, {}), "");
  EXPECT_EQ(Fault("gaussian", box, 25, {{"bins", List{5, 5, 5}}}), "inputs[0].parameters.bins");
  EXPECT_EQ(Fault("gaussian", box, 25, {{"low", List{0, 0, 0}}}), "inputs[0].parameters.low");
  EXPECT_EQ(Fault("gaussian", box, 25, {{"low", 1.0}}), "inputs[0].parameters.low");
  EXPECT_EQ(Fault("gaussian", Space::Box({2}, {0}), 25, {}), "inputs[0].parameters.high");
  EXPECT_EQ(Fault("gaussian", Space::Discrete(5), 5, {}), "inputs[0].space");
  EXPECT_EQ(Fault("gaussian", Space::Box({40}, {0}, {1}), 25, {}), "inputs[0]");  // 5^40 units
}

TEST(OneHotEncoderTest, TakesBitsAsTheyAreAndNoBox) {
  Probe probe(Encoded("one-hot", Space::MultiBinary(3), 3));
  probe.Step({1, 0, 1});
  EXPECT_EQ(Activity(probe), (List{1, 0, 1}));
  EXPECT_EQ(Fault("one-hot", Space::Box({3}), 3, {}), "inputs[0].space");
}

TEST(OneHotEncoderTest, HasAUnitForEachAlternativeOfEachChoice) {
  Probe probe(Encoded("one-hot", Space::MultiDiscrete({2, 1, 3}), 6));
  probe.Step({1, 0, 2});
  EXPECT_EQ(Activity(probe), (List{0, 1, 1, 0, 0, 1}));
  probe.Step({0, 0, 0});
  EXPECT_EQ(Activity(probe), (List{1, 0, 1, 1, 0, 0}));
}

TEST(IndicesTest, AreNoAmounts) {
  for (const char* encoder : {"raw", "gaussian", "normalise"}) {
    EXPECT_EQ(Fault(encoder, Space::MultiDiscrete({2, 3}), 2, {}), "inputs[0].space") << encoder;
  }
}

TEST(RawEncoderTest, TakesBitsAndNoIndex) {
  EXPECT_EQ(Fault("raw", Space::MultiBinary(3), 3, {}), "");
  EXPECT_EQ(Fault("raw", Space::Discrete(3), 3, {}), "inputs[0].space");
  EXPECT_EQ(Fault("raw", Space::Box({3}), 3, {{"gain", List{1, 2}}}), "inputs[0].parameters.gain");
}

TEST(NormaliseEncoderTest, ClipsAndGivesANewbornFrozenAgentTheNumbersThemselves) {
  Probe probe(Encoded("normalise", Space::Box({1}), 1, {{"clip", 2.0}}));
  StepInput frozen;
  frozen.learning = false;
  probe.Step({0.75f}, frozen);
  EXPECT_NEAR(Activity(probe)[0], 0.75, 1e-6);
  for (int i = 0; i < 100; ++i) probe.Step({static_cast<float>(i % 2)});
  probe.Step({1000});
  EXPECT_EQ(Activity(probe)[0], 2);
}

TEST(PoissonEncoderTest, FiresForTheIndexAloneAndNeverAtTheLowerEnd) {
  Probe index(Encoded("poisson", Space::Discrete(3), 3, {{"max_rate", 500.0}}));
  Probe box(Encoded("poisson", Space::Box({1}, {-1}, {1}), 1));
  List spikes(3);
  for (int t = 0; t < 2000; ++t) {
    index.Step({1});
    for (int u = 0; u < 3; ++u) spikes[u] += Activity(index)[u];
    box.Step({-1});
    ASSERT_EQ(Activity(box)[0], 0);
  }
  const double p = 1 - std::exp(-0.5);
  EXPECT_EQ(spikes[0] + spikes[2], 0);
  EXPECT_NEAR(spikes[1] / 2000, p, 4 * std::sqrt(p * (1 - p) / 2000));
}

TEST(PoissonEncoderTest, FiresForTheAlternativesChosen) {
  Probe probe(Encoded("poisson", Space::MultiDiscrete({2, 3}), 5, {{"max_rate", 1e6}}));
  probe.Step({1, 0});
  EXPECT_EQ(Activity(probe), (List{0, 1, 1, 0, 0}));
}

TEST(PoissonEncoderTest, TwoUnitsFireIndependently) {
  Probe probe(Encoded("poisson", Space::Box({2}, {0}, {1}), 2, {{"max_rate", 693.147}}));
  constexpr int kTicks = 20'000;  // p = 1/2
  int both = 0;
  for (int t = 0; t < kTicks; ++t) {
    probe.Step({1, 1});
    both += Activity(probe)[0] * Activity(probe)[1] != 0;
  }
  EXPECT_NEAR(both / static_cast<double>(kTicks), 0.25, 4 * std::sqrt(0.1875 / kTicks));
}

}  // namespace
}  // namespace phasic::testing

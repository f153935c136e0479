// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

double Derivative(const std::function<double(double)>& f, double at) {
  constexpr double kStep = 1e-5;
  return (f(at + kStep) - f(at - kStep)) / (2 * kStep);
}

TEST(RatePopulationTest, TransfersTheDriveAndTheBias) {
  const std::pair<const char*, double (*)(double)> transfers[] = {
      {"identity", [](double u) { return u; }},
      {"tanh", [](double u) { return std::tanh(u); }},
      {"softplus", [](double u) { return std::log1p(std::exp(u)); }},
      {"logistic", [](double u) { return 1 / (1 + std::exp(-u)); }}};
  for (const auto& [name, f] : transfers) {
    Probe probe(DrivenPopulation(
        "rate", 2, {{"transfer", std::string(name)}, {"bias", std::vector<double>{0.5, -1}}},
        "rates"));
    probe.Step({0.25f, 2});
    EXPECT_NEAR(probe.Read("p", "rate")[0], f(0.75), 1e-6) << name;
    EXPECT_NEAR(probe.Read("p", "rate")[1], f(1.0), 1e-6) << name;
  }
}

TEST(RatePopulationTest, TheErrorIsTheDerivativeTimesWhatComesDown) {
  const std::pair<const char*, double (*)(double)> transfers[] = {
      {"identity", [](double u) { return u; }},
      {"tanh", [](double u) { return std::tanh(u); }},
      {"softplus", [](double u) { return std::log1p(std::exp(u)); }},
      {"logistic", [](double u) { return 1 / (1 + std::exp(-u)); }}};
  for (const auto& [name, f] : transfers) {
    CircuitSpec s = DrivenPopulation("rate", 1, {{"transfer", std::string(name)}}, "rates");
    s.populations.push_back(
        {.name = "above", .model = "rate", .size = 1, .parameters = {{"bias", 1.0}}});
    ProjectionSpec down{.name = "down", .source = "above", .target = "p.topdown"};
    down.initial.mean = 0.7;
    s.projections = {down};
    for (const float u : {-2.f, 0.3f, 1.5f}) {
      Probe probe(s);
      probe.Step({u});
      EXPECT_NEAR(probe.Read("p", "error")[0], 0.7 * Derivative(f, u), 1e-5) << name << " at " << u;
    }
  }
}

TEST(BernoulliPopulationTest, FiresWithItsProbabilityAndTheScoreHasMeanZero) {
  constexpr int kSteps = 100'000;
  Probe probe(DrivenPopulation("bernoulli", 1, {}, "bits"));
  const double p = 1 / (1 + std::exp(-0.8));
  double fired = 0, score = 0;
  for (int i = 0; i < kSteps; ++i) {
    const float x = probe.Step({0.8f})[0];
    ASSERT_TRUE(x == 0 || x == 1);
    EXPECT_NEAR(probe.Read("p", "score")[0],
                Derivative(
                    [&](double g) {
                      const double on = 1 / (1 + std::exp(-g));
                      return std::log(x != 0 ? on : 1 - on);
                    },
                    0.8),
                1e-5);
    fired += x;
    score += probe.Read("p", "score")[0];
  }
  const double se = std::sqrt(p * (1 - p) / kSteps);
  EXPECT_NEAR(probe.Read("p", "probability")[0], p, 1e-6);
  EXPECT_NEAR(fired / kSteps, p, 4 * se);
  EXPECT_NEAR(score / kSteps, 0, 4 * se);
}

TEST(BernoulliPopulationTest, ALargeDriveLeavesAScoreToLearnFrom) {
  Probe probe(DrivenPopulation("bernoulli", 1, {}, "bits"));
  probe.Step({1000});
  EXPECT_NE(probe.Read("p", "score")[0], 0);
}

TEST(SoftmaxPopulationTest, ChoosesWithItsProbabilitiesAndTheScoreIsTheLogDerivative) {
  constexpr int kSteps = 100'000;
  constexpr double kTemperature = 0.7;
  const std::vector<float> drive = {0.5f, -0.2f, 0.1f};
  const auto probabilities = [&](std::vector<double> d) {
    double sum = 0;
    for (double& x : d) sum += x = std::exp(x / kTemperature);
    for (double& x : d) x /= sum;
    return d;
  };
  const auto p = probabilities({drive.begin(), drive.end()});
  Probe probe(DrivenPopulation("softmax", 3, {{"temperature", kTemperature}}, "index"));
  std::vector<double> counts(3), score(3);
  for (int i = 0; i < kSteps; ++i) {
    const int a = static_cast<int>(probe.Step(drive)[0]);
    ++counts[a];
    for (int k = 0; k < 3; ++k) score[k] += probe.Read("p", "score")[k];
    if (i >= 20) continue;
    for (int k = 0; k < 3; ++k) {
      const double expected = Derivative(
          [&](double x) {
            std::vector<double> d(drive.begin(), drive.end());
            d[k] = x;
            return std::log(probabilities(d)[a]);
          },
          drive[k]);
      EXPECT_NEAR(probe.Read("p", "score")[k], expected, 1e-4);
    }
  }
  for (int k = 0; k < 3; ++k) {
    const double se = std::sqrt(p[k] * (1 - p[k]) / kSteps);
    EXPECT_NEAR(counts[k] / kSteps, p[k], 4 * se);
    EXPECT_NEAR(score[k] / kSteps, 0, 4 * se / kTemperature);
  }
}

TEST(SoftmaxPopulationTest, NeverChoosesWhatTheMaskForbids) {
  Probe probe(DrivenPopulation("softmax", 4, {}, "index"));
  const std::vector<uint8_t> forbidden = {1, 0, 1, 0};
  StepInput input;
  input.forbidden = forbidden;
  std::vector<int> counts(4);
  for (int i = 0; i < 2000; ++i) ++counts[static_cast<int>(probe.Step({5, 0, 5, 0}, input)[0])];
  EXPECT_EQ(counts[0] + counts[2], 0);
  EXPECT_NEAR(counts[1], 1000, 4 * std::sqrt(500.0));
  EXPECT_EQ(probe.Read("p", "probability")[0], 0);
  EXPECT_NEAR(probe.Read("p", "probability")[1], 0.5, 1e-6);
  input.greedy = true;
  EXPECT_EQ(probe.Step({5, 0, 5, 1}, input)[0], 3);
  // A mask is for one step.
  input = {};
  input.greedy = true;
  EXPECT_EQ(probe.Step({5, 0, 5, 1}, input)[0], 0);
}

TEST(SoftmaxPopulationTest, HugeDrivesDoNotOverflow) {
  Probe probe(DrivenPopulation("softmax", 2, {}, "index"));
  EXPECT_EQ(probe.Step({1e30f, -1e30f})[0], 0);
  EXPECT_EQ(probe.Read("p", "probability")[0], 1);
}

TEST(GaussianPopulationTest, DrawsAroundItsDriveAndTheScoreIsTheLogDerivative) {
  constexpr int kSteps = 100'000;
  constexpr double kSigma = 0.4;
  Probe probe(DrivenPopulation("gaussian", 1, {{"sigma", kSigma}}, "rates"));
  double sum = 0, square = 0, score = 0;
  for (int i = 0; i < kSteps; ++i) {
    const double y = probe.Step({1.5f})[0];
    sum += y;
    square += (y - 1.5) * (y - 1.5);
    score += probe.Read("p", "score")[0];
    ASSERT_NEAR(probe.Read("p", "score")[0], (y - 1.5) / (kSigma * kSigma), 1e-3);
  }
  EXPECT_NEAR(sum / kSteps, 1.5, 4 * kSigma / std::sqrt(kSteps));
  EXPECT_NEAR(square / kSteps, kSigma * kSigma, 4 * kSigma * kSigma * std::sqrt(2.0 / kSteps));
  EXPECT_NEAR(score / kSteps, 0, 4 / kSigma / std::sqrt(kSteps));
}

TEST(SamplingPopulationsTest, GreedyTakesTheLikeliestAndPublishesNoScore) {
  StepInput greedy;
  greedy.greedy = true;
  Probe softmax(DrivenPopulation("softmax", 3, {}, "index"));
  EXPECT_EQ(softmax.Step({1, 2, 2}, greedy)[0], 1);
  Probe bernoulli(DrivenPopulation("bernoulli", 2, {}, "bits"));
  EXPECT_EQ(bernoulli.Step({0.1f, -0.1f}, greedy), (std::vector<float>{1, 0}));
  Probe gaussian(DrivenPopulation("gaussian", 1, {}, "rates"));
  EXPECT_EQ(gaussian.Step({0.25f}, greedy)[0], 0.25f);
  for (Probe* probe : {&softmax, &bernoulli, &gaussian}) {
    for (const Real s : probe->Read("p", "score")) EXPECT_EQ(s, 0);
  }
}

TEST(LifPopulationTest, FiresAtTheRateOfTheClosedForm) {
  // Constant drive: a spike each t_ref + tau ln(RI / (RI - theta)), with theta counted from rest
  // (Gerstner et al. 2014, 1.3).
  constexpr double kDt = 0.01, kTau = 20, kTheta = 15, kDrive = 25, kRefractory = 2;
  CircuitSpec s = DrivenPopulation("lif", 1,
                                   {{"tau_m", kTau},
                                    {"rest", -65.0},
                                    {"threshold", -65.0 + kTheta},
                                    {"reset", -65.0},
                                    {"resistance", 1.0},
                                    {"refractory", kRefractory}},
                                   "bits");
  s.dt = kDt;
  Probe probe(s);
  int spikes = 0;
  constexpr int kTicks = 100'000;  // 1 s
  for (int i = 0; i < kTicks; ++i) spikes += probe.Step({kDrive})[0] != 0;
  const double period = kRefractory + kTau * std::log(kDrive / (kDrive - kTheta));
  EXPECT_NEAR(spikes, kTicks * kDt / period, 1.0);
}

TEST(LifPopulationTest, BelowThresholdItSettlesAtTheDriveAndIsSilent) {
  Probe probe(DrivenPopulation(
      "lif", 1, {{"rest", -65.0}, {"threshold", -50.0}, {"reset", -65.0}, {"resistance", 1.0}},
      "bits"));
  int spikes = 0;
  for (int i = 0; i < 1000; ++i) spikes += probe.Step({14.9f})[0] != 0;
  EXPECT_EQ(spikes, 0);
  EXPECT_NEAR(probe.Read("p", "v")[0], -65 + 14.9, 1e-3);
}

}  // namespace
}  // namespace phasic::testing

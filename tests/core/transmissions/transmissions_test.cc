// SPDX-License-Identifier: Apache-2.0
//
// Synapses that draw: what they transmit is what their rule learns from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

constexpr int kPreSize = 5, kPostSize = 3;
constexpr double kTolerance = sizeof(Real) == 4 ? 2e-5 : 1e-12;

// Five raw inputs through such synapses to three linear neurons, which are the action.
CircuitSpec Drawing(const std::string& transmission, ParamMap parameters, const std::string& rule,
                    const std::string& modulator, const std::string& gate) {
  CircuitSpec s;
  s.inputs = {
      {.name = "observation", .space = Space::Box({kPreSize}), .encoder = "raw", .target = "in"}};
  s.populations = {{.name = "in", .model = "rate", .size = kPreSize},
                   {.name = "out", .model = "rate", .size = kPostSize}};
  ProjectionSpec p{.name = "w", .source = "in", .target = "out"};
  p.initial = {InitialWeights::Distribution::kNormal, 0, 0.5, {}};
  p.transmission = {transmission, std::move(parameters)};
  p.rule = {.name = rule, .parameters = {{"learning_rate", 1.0}}, .bindings = {{"reward", gate}}};
  s.projections = {p};
  s.modulators = {{.name = "reward", .model = modulator}};
  s.outputs = {{.name = "action", .source = "out", .decoder = "rates"}};
  return s;
}

std::vector<double> Weights(const Probe& probe) {
  const auto w = probe.Read("w", "weights");
  return {w.begin(), w.end()};
}

std::vector<double> Minus(std::vector<double> a, const std::vector<double>& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return a;
}

// sum_j m_ij x_j
double Row(const std::vector<double>& m, int i, const std::vector<float>& x) {
  double sum = 0;
  for (int j = 0; j < kPreSize; ++j) sum += m[i * kPreSize + j] * x[j];
  return sum;
}

const std::vector<float> kObservation = {0.5f, -1, 0.25f, 0.75f, -0.125f};

TEST(NoisyWeightTest, TheNoiseThatWasTransmittedIsTheOneThatIsLearned) {
  constexpr double kSigma = 0.5;
  Probe probe(Drawing("noisy-weight", {{"sigma", kSigma}}, "weight-perturbation", "raw", "reward"));
  std::vector<double> first;
  for (int t = 0; t < 20; ++t) {
    const auto before = Weights(probe);
    const auto action = probe.Step(kObservation);
    // More steps may pass with another draw; here none, but the counter has gone on.
    probe.Reward({1});
    const auto score = Minus(Weights(probe), before);
    for (int i = 0; i < kPostSize; ++i) {
      EXPECT_NEAR(action[i],
                  Row(before, i, kObservation) + kSigma * kSigma * Row(score, i, kObservation),
                  kTolerance)
          << t;
    }
    if (t == 0) first = score;
    if (t == 1) {
      EXPECT_NE(score, first);
    }
  }
}

TEST(NoisyWeightTest, GreedyStepsHaveNoNoiseAndTeachNothing) {
  Probe probe(Drawing("noisy-weight", {}, "weight-perturbation", "raw", "reward"));
  const auto before = Weights(probe);
  probe.Step(kObservation);
  StepInput greedy;
  greedy.greedy = true;
  const auto action = probe.Step(kObservation, greedy);
  for (int i = 0; i < kPostSize; ++i) {
    EXPECT_NEAR(action[i], Row(before, i, kObservation), kTolerance);
  }
  probe.Reward({1});
  EXPECT_EQ(Weights(probe), before);
}

TEST(NoisyWeightTest, AntitheticPairsMirrorAndTheirContrastTeaches) {
  constexpr double kSigma = 0.5;
  Probe probe(Drawing("noisy-weight", {{"sigma", kSigma}, {"antithetic", std::string("yes")}},
                      "weight-perturbation", "contrast", "reward.central"));
  for (int t = 0; t < 5; ++t) {
    const auto before = Weights(probe);
    const auto plus = probe.Step(kObservation);
    probe.Reward({3});
    EXPECT_EQ(Weights(probe), before) << "the first of a pair teaches nothing";
    const auto minus = probe.Step(kObservation);
    probe.Reward({1});
    const auto change = Minus(Weights(probe), before);  // -(3 - 1) / 2 times the second's score
    for (int i = 0; i < kPostSize; ++i) {
      const double mean = Row(before, i, kObservation);
      EXPECT_NEAR(plus[i] - mean, mean - minus[i], kTolerance);
      EXPECT_NEAR(kSigma * kSigma * Row(change, i, kObservation), plus[i] - mean, kTolerance);
    }
  }
}

TEST(NoisyWeightTest, ADrawMayHoldForAnEpisode) {
  Probe probe(Drawing("noisy-weight", {{"hold", std::string("episode")}}, "weight-perturbation",
                      "raw", "reward"));
  const auto first = probe.Step(kObservation);
  EXPECT_EQ(probe.Step(kObservation), first);
  probe.agent().ResetEpisode(true);
  EXPECT_NE(probe.Step(kObservation), first);
}

// Pairs of episodes: the reward of each is its whole return.
TEST(NoisyWeightTest, EpisodesMayBeAntitheticPairs) {
  CircuitSpec s = Drawing("noisy-weight",
                          {{"hold", std::string("episode")}, {"antithetic", std::string("yes")}},
                          "weight-perturbation", "contrast", "reward.central");
  s.modulators[0].when = When::On(When::Clock::kEpisode);
  Probe probe(s);
  const auto before = Weights(probe);
  std::vector<float> unused(kPostSize);
  const auto episode = [&](Real reward) {
    auto action = probe.Step(kObservation);
    probe.Step(kObservation);
    const RewardInput input{0, {reward}};
    StepInput end;
    end.rewards = {&input, 1};
    end.end = End::kTerminated;
    probe.agent().Step(end, unused);
    return action;
  };
  const auto plus = episode(2);
  EXPECT_EQ(Weights(probe), before);
  const auto minus = episode(0);
  const auto change = Minus(Weights(probe), before);
  for (int i = 0; i < kPostSize; ++i) {
    const double mean = Row(before, i, kObservation);
    EXPECT_NEAR(plus[i] - mean, mean - minus[i], kTolerance);
    EXPECT_NEAR(1e-4 * Row(change, i, kObservation), plus[i] - mean, kTolerance);
  }
}

// One source, so that each target's activity says whether its synapse has released.
TEST(StochasticReleaseTest, TheTraceHoldsWhatWasReleasedAndWhatWasNot) {
  constexpr double kDc = 0.4, kTauC = 3, kTau = 20, kAmplitude = 2;
  CircuitSpec s =
      Drawing("stochastic-release", {{"dc", kDc}, {"tau_c", kTauC}, {"amplitude", kAmplitude}},
              "hedonistic", "raw", "reward");
  s.inputs[0].space = Space::Box({1});
  s.populations[0].size = 1;
  s.projections[0].delay = 1;
  Probe probe(s);
  std::vector<double> q = Weights(probe), e(kPostSize);
  double c = 0;
  bool spike = false;
  int released = 0, failed = 0;
  for (uint64_t t = 0; t < 60; ++t) {
    if (t % 4 == 3) {
      probe.Reward({0.5});
      for (int i = 0; i < kPostSize; ++i) q[i] += 0.5 * e[i];
    }
    const bool next = Random(5, 1, t).Uniform(0) < 0.6;
    const auto action = probe.Step({next ? 1.0f : 0.0f});
    for (int i = 0; i < kPostSize; ++i) {
      const double p = 1 / (1 + std::exp(-(q[i] + c)));
      const bool release = action[i] != 0;
      if (release) {
        EXPECT_NEAR(action[i], kAmplitude, 1e-6);
      }
      if (!spike) {
        EXPECT_FALSE(release);
      }
      if (spike) ++(release ? released : failed);
      e[i] = std::exp(-1 / kTau) * e[i] + (spike ? (release ? 1 : 0) - p : 0);
      EXPECT_NEAR(Weights(probe)[i], q[i], kTolerance) << t;
    }
    c = (c + (spike ? kDc : 0)) * std::exp(-1 / kTauC);
    spike = next;
    EXPECT_NEAR(probe.Read("w", "facilitation")[0], c, kTolerance);
  }
  EXPECT_GT(released, 20);
  EXPECT_GT(failed, 20);
}

// A rule that keeps only the last pair keeps the scores themselves where they cannot be had again.
TEST(StochasticReleaseTest, TheLastDrawIsKept) {
  CircuitSpec s = Drawing("stochastic-release", {}, "weight-perturbation", "raw", "reward");
  Probe probe(s);
  const auto before = Weights(probe);
  probe.Step({1, 0, 0, 1, 1});
  probe.Step({1, 1, 0, 0, 0});
  probe.Reward({1});
  const auto change = Minus(Weights(probe), before);
  for (int i = 0; i < kPostSize; ++i) {
    for (int j = 0; j < kPreSize; ++j) {
      const double d = change[i * kPreSize + j], q = before[i * kPreSize + j];
      const double p = 1 / (1 + std::exp(-q));
      if (j >= 2) {
        EXPECT_EQ(d, 0);
      }
      if (j < 2) {
        EXPECT_NEAR(d, d > 0 ? 1 - p : -p, kTolerance);
      }
    }
  }
}

TEST(TransmissionTest, ARestoredAgentGoesOnAlike) {
  for (const char* name : {"noisy-weight", "stochastic-release"}) {
    const CircuitSpec s = Drawing(name, {}, "weight-perturbation", "raw", "reward");
    Probe probe(s), other(s, 2);
    probe.Step(kObservation);
    ASSERT_TRUE(other.agent().Load(probe.agent().Save()).ok());
    for (int t = 0; t < 3; ++t) {
      probe.Reward({1});
      other.Reward({1});
      EXPECT_EQ(probe.Step(kObservation), other.Step(kObservation)) << name;
      EXPECT_EQ(probe.agent().Digest(), other.agent().Digest()) << name;
    }
  }
}

TEST(TransmissionTest, FaultsNameTheirField) {
  const auto field = [](const CircuitSpec& spec) {
    std::vector<Violation> violations;
    Circuit::Compile(spec, Circuit::Standard(), &violations);
    return violations.empty() ? std::string() : violations[0].field;
  };
  const CircuitSpec good = Drawing("noisy-weight", {}, "weight-perturbation", "raw", "reward");
  EXPECT_EQ(field(good), "");
  CircuitSpec s = good;
  s.projections[0].transmission.name = "pneumatic";
  EXPECT_EQ(field(s), "projections[0].transmission.name");
  s = good;
  s.projections[0].transmission.parameters = {{"sigma", -1.0}};
  EXPECT_EQ(field(s), "projections[0].transmission.parameters.sigma");
  s = good;
  s.projections[0].transmission = {};
  EXPECT_EQ(field(s), "projections[0].rule.name");
  s.projections[0].transmission.parameters = {{"sigma", 1.0}};
  EXPECT_EQ(field(s), "projections[0].transmission.name");
  s = good;
  ProjectionSpec back{.name = "back", .source = "out", .target = "in.topdown", .transpose_of = "w"};
  back.transmission.name = "noisy-weight";
  s.projections.push_back(back);
  EXPECT_EQ(field(s), "projections[1].transmission.name");
  s = good;
  s.modulators[0].model = "contrast";
  s.modulators[0].when = When{};
  EXPECT_EQ(field(s), "modulators[0].when.clock");
}

}  // namespace
}  // namespace phasic::testing

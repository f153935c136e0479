// SPDX-License-Identifier: Apache-2.0
//
// The rules of perturbation and of Hebb's family, each against its own equation: a reference that
// is fed what the populations published must come to the same weights, step by step.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

constexpr int kPreSize = 3, kPostSize = 2, kSteps = 60;
constexpr double kRate = 0.05, kTolerance = sizeof(Real) == 4 ? 1e-5 : 1e-12;

using Matrix = std::array<std::array<double, kPreSize>, kPostSize>;

// `model` learns from three raw inputs by `rule`; the modulator "reward" gates it.
CircuitSpec Learner(const std::string& rule, ParamMap parameters, const std::string& model,
                    std::map<std::string, std::string> bindings) {
  CircuitSpec s = DrivenPopulation("rate", kPreSize, {}, "rates");
  s.populations.push_back({.name = "target", .model = model, .size = kPostSize});
  ProjectionSpec p{.name = "w", .source = "p", .target = "target"};
  p.initial = {InitialWeights::Distribution::kNormal, 0, 0.5, {}};
  parameters["learning_rate"] = kRate;
  p.rule = {.name = rule, .parameters = std::move(parameters), .bindings = std::move(bindings)};
  s.projections = {p};
  s.modulators = {{.name = "reward", .model = "raw"}};
  return s;
}

// What a reference is told, and what it keeps.
struct Reference {
  Matrix w{}, e{};
  double x[kPreSize] = {};
  std::function<double(const std::string& column, int i)> target;

  void ForEach(const std::function<void(double& w, double& e, int i, int j)>& f) {
    for (int i = 0; i < kPostSize; ++i)
      for (int j = 0; j < kPreSize; ++j) f(w[i][j], e[i][j], i, j);
  }
};

// Random observations, a reward before every third step. `apply` is told of each reward, `form` of
// each step.
void Follow(const CircuitSpec& spec, const std::function<void(Reference&, double)>& apply,
            const std::function<void(Reference&)>& form) {
  Probe probe(spec);
  Reference r;
  r.target = [&](const std::string& column, int i) {
    return static_cast<double>(probe.Read("target", column)[i]);
  };
  r.ForEach(
      [&](double& w, double&, int i, int j) { w = probe.Read("w", "weights")[i * kPreSize + j]; });
  const Matrix start = r.w;
  for (int t = 0; t < kSteps; ++t) {
    const Random random(7, 1, static_cast<uint64_t>(t));
    std::vector<float> x(kPreSize);
    for (uint32_t j = 0; j < kPreSize; ++j) x[j] = static_cast<float>(random.Normal(j));
    if (t % 3 == 1) {
      const auto reward = static_cast<Real>(random.Uniform(8));
      probe.Reward({reward});
      apply(r, reward);
    }
    probe.Step(x);
    std::copy(x.begin(), x.end(), r.x);
    form(r);
    r.ForEach([&](double& w, double&, int i, int j) {
      ASSERT_NEAR(probe.Read("w", "weights")[i * kPreSize + j], w, kTolerance) << t;
    });
  }
  EXPECT_NE(r.w, start);
  // FROZEN: the same again changes nothing.
  const auto weights = probe.Read("w", "weights");
  const std::vector<Real> before(weights.begin(), weights.end());
  StepInput frozen;
  frozen.learning = false;
  for (int t = 0; t < 5; ++t) {
    probe.Step({1, -2, 0.5f}, frozen);
    probe.Reward({1}, false);
  }
  EXPECT_EQ(before, std::vector<Real>(weights.begin(), weights.end()));
}

TEST(NodePerturbationRuleTest, EachRewardMeetsTheLastNoise) {
  Follow(
      Learner("node-perturbation", {}, "noisy-rate", {{"reward", "reward"}}),
      [](Reference& r, double reward) {
        r.ForEach([&](double& w, double& e, int, int) { w += kRate * reward * e; });
      },
      [](Reference& r) {
        r.ForEach([&](double&, double& e, int i, int j) {
          const double sigma = 0.1;
          e = r.target("noise", i) / (sigma * sigma) * r.x[j];
        });
      });
}

TEST(RewardPenaltyRuleTest, RewardTeachesWhatWasDrawnAndPenaltyTheOther) {
  constexpr double kPenalty = 0.02;
  Follow(
      Learner("reward-penalty", {{"penalty_rate", kPenalty}}, "bernoulli",
              {{"reward", "reward.level"}, {"penalty", "reward.complement"}}),
      [](Reference& r, double reward) {
        r.ForEach([&](double& w, double&, int i, int j) {
          const double spike = r.target("spike", i), p = r.target("probability", i);
          w += (kRate * reward * (spike - p) + kPenalty * (1 - reward) * (1 - spike - p)) * r.x[j];
        });
      },
      [](Reference&) {});
}

TEST(CovarianceRuleTest, EachRewardMeetsTheDeviationFromTheMean) {
  constexpr double kAlpha = 0.2;
  for (const bool centred : {true, false}) {
    double mean[kPostSize] = {};
    Follow(
        Learner("covariance", {{"alpha", kAlpha}, {"centred", std::string(centred ? "yes" : "no")}},
                "bernoulli", {{"reward", "reward"}}),
        [](Reference& r, double reward) {
          r.ForEach([&](double& w, double& e, int, int) { w += kRate * reward * e; });
        },
        [&](Reference& r) {
          r.ForEach([&](double&, double& e, int i, int j) {
            e = (r.target("spike", i) - (centred ? mean[i] : 0)) * r.x[j];
          });
          for (int i = 0; i < kPostSize; ++i) mean[i] += kAlpha * (r.target("spike", i) - mean[i]);
        });
  }
}

TEST(HebbianRuleTest, ActivityTimesActivity) {
  Follow(
      Learner("hebbian", {}, "bernoulli", {}), [](Reference&, double) {},
      [](Reference& r) {
        r.ForEach(
            [&](double& w, double&, int i, int j) { w += kRate * r.target("spike", i) * r.x[j]; });
      });
}

TEST(OjaRuleTest, ActivityTimesWhatItDoesNotExplain) {
  Follow(
      Learner("oja", {}, "rate", {}), [](Reference&, double) {},
      [](Reference& r) {
        r.ForEach([&](double& w, double&, int i, int j) {
          const double y = r.target("rate", i);
          w += kRate * y * (r.x[j] - y * w);
        });
      });
}

TEST(BcmRuleTest, TheThresholdFollowsTheSquareAfterItsUse) {
  constexpr double kAlpha = 0.3;
  double theta[kPostSize] = {};
  CircuitSpec s = Learner("bcm", {{"alpha", kAlpha}}, "rate", {});
  s.populations[1].parameters = {{"transfer", std::string("tanh")}};
  Follow(
      s, [](Reference&, double) {},
      [&](Reference& r) {
        for (int i = 0; i < kPostSize; ++i) {
          const double y = r.target("rate", i);
          for (int j = 0; j < kPreSize; ++j) r.w[i][j] += kRate * y * (y - theta[i]) * r.x[j];
          theta[i] += kAlpha * (y * y - theta[i]);
        }
      });
}

// A pair that was formed n ticks ago counts as the gamma function says, exactly.
TEST(CascadeKernelTest, APairCountsByTheGammaFunctionOfItsAge) {
  constexpr double kTau = 3;
  for (const int stages : {1, 2, 3, 8}) {
    CircuitSpec s =
        Learner("node-perturbation-trace", {{"tau", kTau}, {"stages", static_cast<double>(stages)}},
                "rate", {{"reward", "reward"}, {"noise", "target"}});
    s.projections[0].initial = {.values = {1, 0, 0, 0, 1, 0}};
    for (const int age : {0, 1, 4, 11}) {
      Probe probe(s);
      probe.Step({2, 0, 0});
      for (int t = 0; t < age; ++t) probe.Step({0, 0, 0});
      probe.Reward({1});
      double kernel = std::exp(-age / kTau);
      for (int n = 1; n < stages; ++n) kernel *= age / kTau / n;
      const auto w = probe.Read("w", "weights");
      EXPECT_NEAR(w[0] - 1, kRate * 4 * kernel, kTolerance) << stages << " stages, age " << age;
      EXPECT_EQ(w[4], 1);
    }
  }
}

// Noise that follows its own mean: what is left teaches, and is 0 on average from the start.
TEST(EmpiricPopulationTest, TheNoiseIsTheCurrentWithoutItsMean) {
  CircuitSpec s = DrivenPopulation("rate", 1, {}, "rates");
  constexpr int kUnits = 4000, kTicks = 20;
  s.populations.push_back({.name = "e",
                           .model = "empiric",
                           .size = kUnits,
                           .parameters = {{"frequency", 200.0}, {"amplitude", 2.0}}});
  Probe probe(s);
  for (int t = 0; t < kTicks; ++t) {
    probe.Step({0});
    double sum = 0, square = 0;
    for (const Real x : probe.Read("e", "noise")) {
      sum += x;
      square += x * x;
    }
    EXPECT_LT(std::abs(sum) / std::sqrt(square), 4) << t;
  }
  StepInput greedy;
  greedy.greedy = true;
  probe.Step({0}, greedy);
  EXPECT_EQ(probe.Read("e", "noise")[7], 0);
  EXPECT_EQ(probe.Read("e", "current")[7], probe.Read("e", "current")[8]);
}

// Each weight's baseline is the ratio of two running means that took in only earlier episodes.
TEST(ReinforceOptimalRuleTest, EachWeightHasItsOwnBaseline) {
  constexpr double kAlpha = 0.2;
  CircuitSpec s =
      Learner("reinforce-optimal", {{"alpha", kAlpha}}, "bernoulli", {{"reward", "reward"}});
  s.modulators[0].when = When::On(When::Clock::kEpisode);
  Probe probe(s);
  Matrix w{}, weighted{}, square{};
  const auto each = [](auto f) {
    for (int i = 0; i < kPostSize; ++i)
      for (int j = 0; j < kPreSize; ++j) f(i, j);
  };
  each([&](int i, int j) { w[i][j] = probe.Read("w", "weights")[i * kPreSize + j]; });
  std::vector<float> unused(kPreSize);
  for (int episode = 0; episode < 30; ++episode) {
    Matrix e{};
    for (int t = 0; t < 4; ++t) {
      std::vector<float> x(kPreSize);
      const Random random(3, 1, static_cast<uint64_t>(4 * episode + t));
      for (uint32_t j = 0; j < kPreSize; ++j) x[j] = static_cast<float>(random.Normal(j));
      probe.Step(x);
      each([&](int i, int j) { e[i][j] += probe.Read("target", "score")[i] * x[j]; });
    }
    // Every fourth episode earns 0, which teaches too.
    const auto reward = static_cast<Real>(
        episode % 4 == 0 ? 0 : Random(3, 2, static_cast<uint64_t>(episode)).Normal(0));
    const RewardInput input{0, {reward}};
    StepInput end;
    end.rewards = {&input, 1};
    end.end = End::kTerminated;
    probe.agent().Step(end, unused);
    each([&](int i, int j) {
      const double now = e[i][j] * e[i][j];
      const double b = square[i][j] > 0 ? weighted[i][j] / square[i][j] : 0;
      w[i][j] += kRate * (static_cast<double>(reward) - b) * e[i][j];
      weighted[i][j] += kAlpha * (reward * now - weighted[i][j]);
      square[i][j] += kAlpha * (now - square[i][j]);
      ASSERT_NEAR(probe.Read("w", "weights")[i * kPreSize + j], w[i][j], kTolerance) << episode;
    });
  }
}

}  // namespace
}  // namespace phasic::testing

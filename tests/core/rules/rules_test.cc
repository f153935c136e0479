// SPDX-License-Identifier: Apache-2.0
//
// Every rule against its own equation: a reference that is fed the factors that the populations
// published must come to the same weights, step by step.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

constexpr int kPre = 3, kPost = 2, kSteps = 60, kEpisode = 9;
constexpr double kRate = 0.05, kTolerance = sizeof(Real) == 4 ? 1e-5 : 1e-12;

using Matrix = std::array<std::array<double, kPre>, kPost>;

// `model` learns from three raw inputs by `rule`; the modulator is `modulator`.
CircuitSpec Learner(const std::string& rule, ParamMap parameters, const std::string& model,
                    const std::string& modulator, const std::string& gate) {
  CircuitSpec s = DrivenPopulation("rate", kPre, {}, "rates");
  s.populations.push_back({.name = "target", .model = model, .size = kPost});
  ProjectionSpec p{.name = "w", .source = "p", .target = "target"};
  p.initial = {InitialWeights::Distribution::kNormal, 0, 0.5, {}};
  parameters["learning_rate"] = kRate;
  p.rule = {.name = rule, .parameters = std::move(parameters), .bindings = {{gate, "reward"}}};
  s.projections = {p};
  s.modulators = {{.name = "reward", .model = modulator}};
  return s;
}

// An agent, and beside it the weights and the trace that the equation gives.
class Reference {
 public:
  Reference(const CircuitSpec& spec, const std::string& post_factor)
      : probe_(spec), factor_(post_factor), unused_(probe_.agent().circuit().action_size()) {
    Load();
  }

  // Episodes of random rewards and observations. `learn` is told each step's reward and the pair
  // that the step formed, `close` the last reward of an episode and the sum of all; both change `w`
  // and `e` as the equation says.
  template <class Learn, class Close>
  void Run(Learn learn, Close close) {
    double total = 0;
    for (int t = 0; t < kSteps; ++t) {
      const Random random(7, 1, static_cast<uint64_t>(t));
      std::vector<float> x;
      for (uint32_t i = 0; i < kPre; ++i) x.push_back(static_cast<float>(random.Normal(i)));
      const Real reward = t % 3 == 1 ? static_cast<Real>(random.Normal(8)) : 0;
      const RewardInput input{0, {reward}};
      StepInput step;
      if (reward != 0) step.rewards = {&input, 1};
      total += reward;
      if (t % kEpisode == kEpisode - 1) {
        step.end = End::kTerminated;
        probe_.agent().Step(step, unused_);
        close(*this, reward, total);
        total = 0;
        e = {};
      } else {
        probe_.Step(x, step);
        learn(*this, reward, Pair());
      }
      Compare(t);
    }
  }

  double Target(const std::string& variable) const {
    return static_cast<double>(probe_.Read("target", variable)[0]);
  }

  // w += rate gate e, for all synapses; e = decay e + pair.
  void Apply(double gate) {
    for (int i = 0; i < kPost; ++i)
      for (int j = 0; j < kPre; ++j) w[i][j] += kRate * gate * e[i][j];
  }
  void Trace(double decay, const Matrix& pair) {
    for (int i = 0; i < kPost; ++i)
      for (int j = 0; j < kPre; ++j) e[i][j] = decay * e[i][j] + pair[i][j];
  }

  Matrix w{}, e{};
  double before = 0;  // V of the last step
  bool primed = false;

 private:
  Matrix Pair() const {
    const auto pre = probe_.Read("p", "rate");
    Matrix pair{};
    for (int i = 0; i < kPost; ++i) {
      const double post = factor_.empty() ? 1 : probe_.Read("target", factor_)[i];
      for (int j = 0; j < kPre; ++j) pair[i][j] = post * pre[j];
    }
    return pair;
  }
  void Load() {
    const auto weights = probe_.Read("w", "weights");
    for (int i = 0; i < kPost; ++i)
      for (int j = 0; j < kPre; ++j) w[i][j] = weights[i * kPre + j];
  }
  void Compare(int t) const {
    const auto weights = probe_.Read("w", "weights");
    for (int i = 0; i < kPost; ++i)
      for (int j = 0; j < kPre; ++j)
        ASSERT_NEAR(weights[i * kPre + j], w[i][j], kTolerance) << t << " " << i << " " << j;
  }

  Probe probe_;
  std::string factor_;
  std::vector<float> unused_;
};

TEST(ReinforceRuleTest, AppliesTheEpisodesSumOfScoresTimesItsSumOfRewards) {
  CircuitSpec s = Learner("reinforce", {}, "bernoulli", "raw", "reward");
  s.modulators[0].when = When::On(When::Clock::kEpisode);
  const Matrix start = Reference(s, "score").w;
  Reference reference(s, "score");
  reference.Run([](Reference& r, double, const Matrix& pair) { r.Trace(1, pair); },
                [](Reference& r, double, double total) { r.Apply(total); });
  EXPECT_NE(reference.w, start);
}

TEST(ReinforceTraceRuleTest, EachRewardMeetsTheDecayedScores) {
  constexpr double kTau = 4;
  const CircuitSpec s = Learner("reinforce-trace", {{"tau", kTau}}, "gaussian", "raw", "reward");
  const Matrix start = Reference(s, "score").w;
  Reference reference(s, "score");
  reference.Run(
      [](Reference& r, double reward, const Matrix& pair) {
        r.Apply(reward);
        r.Trace(std::exp(-1 / kTau), pair);
      },
      [](Reference& r, double reward, double) { r.Apply(reward); });
  EXPECT_NE(reference.w, start);
}

// A temporal-difference learner; the value is that of the population's first unit.
void ExpectTd(const std::string& rule, const std::string& model, const std::string& value,
              const std::string& factor) {
  constexpr double kGamma = 0.9, kLambda = 0.7;
  CircuitSpec s = Learner(rule, {{"lambda", kLambda}}, model, "td", "td");
  s.modulators[0].parameters = {{"gamma", kGamma}};
  s.populations.push_back({.name = "first", .model = "rate", .size = 1});
  ProjectionSpec pick{.name = "pick", .source = "target." + value, .target = "first"};
  pick.initial.values = {1, 0};
  ProjectionSpec up{.name = "up", .source = "first", .target = "reward.value"};
  up.initial.mean = 1;
  s.projections.push_back(pick);
  s.projections.push_back(up);
  const Matrix start = Reference(s, factor).w;
  Reference reference(s, factor);
  reference.Run(
      [&](Reference& r, double reward, const Matrix& pair) {
        const double v = r.Target(value);
        if (r.primed) r.Apply(reward + kGamma * v - r.before);
        r.Trace(kGamma * kLambda, pair);
        r.before = v;
        r.primed = true;
      },
      [](Reference& r, double reward, double) {
        if (r.primed) r.Apply(reward - r.before);
        r.primed = false;
      });
  EXPECT_NE(reference.w, start);
}

TEST(TdCriticRuleTest, TheErrorMeetsTheTraceOfActivity) {
  ExpectTd("td-critic", "rate", "rate", "");
}

TEST(TdActorRuleTest, TheErrorMeetsTheTraceOfScores) {
  ExpectTd("td-actor", "gaussian", "mean", "score");
}

TEST(PolicyGradientRuleTest, TheRewardMeetsTheSumOfWhatCameDown) {
  CircuitSpec s = Learner("policy-gradient", {}, "rate", "raw", "reward");
  s.populations[1].parameters = {{"transfer", std::string("tanh")}};
  s.populations.push_back({.name = "policy", .model = "softmax", .size = 4});
  ProjectionSpec up{.name = "up", .source = "target", .target = "policy"};
  up.initial = {InitialWeights::Distribution::kNormal, 0, 1, {}};
  ProjectionSpec down{.name = "down", .source = "policy.score", .target = "target.topdown"};
  down.transpose_of = "up";
  s.projections.push_back(up);
  s.projections.push_back(down);
  const Matrix start = Reference(s, "error").w;
  Reference reference(s, "error");
  reference.Run(
      [](Reference& r, double reward, const Matrix& pair) {
        r.Apply(reward);
        r.Trace(1, pair);
      },
      [](Reference& r, double reward, double) { r.Apply(reward); });
  EXPECT_NE(reference.w, start);
}

}  // namespace
}  // namespace phasic::testing

// SPDX-License-Identifier: Apache-2.0
//
// The critics with other traces, against the algorithms as their papers write them.
#include <gtest/gtest.h>

#include <array>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

constexpr int kFeatures = 4, kSteps = 80, kEpisode = 11;
constexpr double kRate = 0.1, kGamma = 0.9, kLambda = 0.7;
constexpr double kTolerance = sizeof(Real) == 4 ? 2e-6 : 1e-12;
using Vector = std::array<double, kFeatures>;

double Dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (int j = 0; j < kFeatures; ++j) sum += a[j] * b[j];
  return sum;
}

CircuitSpec Critic(const std::string& rule) {
  CircuitSpec s = DrivenPopulation("rate", kFeatures, {}, "rates");
  s.ticks_per_step = 2;
  s.populations.push_back({.name = "critic", .model = "rate", .size = 1});
  ProjectionSpec w{.name = "w", .source = "p", .target = "critic"};
  w.initial.mean = 0.25;
  w.rule = {.name = rule,
            .parameters = {{"learning_rate", kRate}, {"lambda", kLambda}},
            .bindings = {{"td", "reward"}}};
  ProjectionSpec value{.name = "value", .source = "critic", .target = "reward.value"};
  value.initial.mean = 1;
  s.projections = {w, value};
  s.modulators = {{.name = "reward", .model = "td", .parameters = {{"gamma", kGamma}}}};
  return s;
}

// The features of step t: some are 0.
Vector FeaturesAt(int t) {
  const Random random(3, 1, static_cast<uint64_t>(t));
  Vector x{};
  for (uint32_t j = 0; j < kFeatures; ++j) {
    if (random.Bits(j, 1) % 2 == 0) x[j] = static_cast<float>(random.Normal(j));
  }
  return x;
}

// Feeds the core and the algorithm the same walk; both must come to the same weights.
template <class Algorithm>
void ExpectEqual(const std::string& rule, Algorithm algorithm) {
  Probe probe(Critic(rule));
  const auto weights = probe.Read("w", "weights");
  bool moved = false;
  for (int t = 0; t < kSteps; ++t) {
    const Vector x = FeaturesAt(t);
    const double r = t % kEpisode == 0 ? 0 : Random(4, 1, static_cast<uint64_t>(t)).Normal(0);
    const RewardInput reward{0, {static_cast<Real>(r)}};
    StepInput input;
    if (t % kEpisode != 0) input.rewards = {&reward, 1};
    if (t % kEpisode == kEpisode - 1) {
      input.end = t % 2 == 0 ? End::kTerminated : End::kTruncated;
      const std::vector<float> last(x.begin(), x.end());
      input.observation = last;
      std::vector<float> unused(kFeatures);
      probe.agent().Step(input, unused);
    } else {
      probe.Step({x.begin(), x.end()}, input);
    }
    if (t % kEpisode == 0) {
      algorithm.Begin(x);
    } else {
      algorithm.Step(reward.values[0], x, input.end);
    }
    for (int j = 0; j < kFeatures; ++j) {
      ASSERT_NEAR(weights[j], algorithm.w[j], kTolerance) << t << " " << j;
      moved = moved || algorithm.w[j] != 0.25;
    }
  }
  EXPECT_TRUE(moved);
}

// van Seijen et al. 2016, algorithm 1, from one feature vector to the next. The weights of a
// transition are those after it.
struct TrueOnline {
  Vector w{0.25, 0.25, 0.25, 0.25}, e{}, phi{};
  double before = 0;
  void Begin(const Vector& x) {
    e = {};
    phi = x;
    before = 0;
    first = true;
  }
  void Step(double r, const Vector& next, End end) {
    const double v = Dot(w, phi), v_next = end == End::kTerminated ? 0 : Dot(w, next);
    // At the first transition nothing has changed since the value was predicted.
    const double v_old = first ? v : before;
    first = false;
    const double delta = r + kGamma * v_next - v;
    const double overlap = Dot(e, phi);
    for (int j = 0; j < kFeatures; ++j) {
      e[j] = kGamma * kLambda * e[j] + (1 - kRate * kGamma * kLambda * overlap) * phi[j];
      w[j] += kRate * (delta + v - v_old) * e[j] - kRate * (v - v_old) * phi[j];
    }
    before = v_next;
    phi = next;
  }
  bool first = true;
};

TEST(TdCriticTrueOnlineRuleTest, IsTheAlgorithmOfThePaper) {
  ExpectEqual("td-critic-true-online", TrueOnline());
}

// With the core's order: delta with the value as it was predicted.
struct Replacing {
  Vector w{0.25, 0.25, 0.25, 0.25}, e{};
  double before = 0;
  void Begin(const Vector& x) {
    e = x;
    before = Dot(w, x);
  }
  void Step(double r, const Vector& next, End end) {
    const double v_next = end == End::kTerminated ? 0 : Dot(w, next);
    const double delta = r + kGamma * v_next - before;
    for (int j = 0; j < kFeatures; ++j) {
      w[j] += kRate * delta * e[j];
      e[j] = next[j] != 0 ? next[j] : kGamma * kLambda * e[j];
    }
    before = v_next;
  }
};

TEST(TdCriticReplacingRuleTest, AnActiveFeaturesTraceBeginsAnew) {
  ExpectEqual("td-critic-replacing", Replacing());
}

}  // namespace
}  // namespace phasic::testing

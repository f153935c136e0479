// SPDX-License-Identifier: Apache-2.0
//
// Rules for spiking neurons against their equations, as sums over the spikes that there were: a
// reference without traces, which recomputes every eligibility from the history.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

constexpr int kPre = 3, kPost = 2, kTicks = 90;
constexpr double kDt = 2, kRate = 0.01, kTolerance = sizeof(Real) == 4 ? 1e-4 : 1e-11;

// Everything that happened, by tick.
struct History {
  std::vector<std::array<double, kPre>> pre;
  std::vector<std::array<double, kPost>> post, score;
};
// The eligibility of synapse (i, j) as tick t left it.
using Eligibility = std::function<double(const History&, int t, int i, int j)>;

// Random spikes into two lively neurons that learn by `rule`; rewards come now and then.
void ExpectEligibility(const std::string& rule, ParamMap parameters, const Eligibility& eligibility,
                       const std::string& gate = "reward") {
  CircuitSpec s = DrivenPopulation("rate", kPre, {}, "rates");
  s.dt = kDt;
  s.populations.push_back({.name = "target",
                           .model = "srm0",
                           .size = kPost,
                           .parameters = {{"erases", std::string("yes")}, {"theta", 4.0}}});
  ProjectionSpec p{.name = "w", .source = "p", .target = "target.spikes"};
  p.initial = {InitialWeights::Distribution::kNormal, 2, 0.5, {}};
  parameters["learning_rate"] = kRate;
  p.rule = {.name = rule, .parameters = std::move(parameters), .bindings = {{gate, "reward"}}};
  s.projections = {p};
  s.modulators = {{.name = "reward", .model = "raw"}};
  Probe probe(s);
  const auto start = probe.Read("w", "weights");
  std::vector<double> w(start.begin(), start.end());
  const std::vector<double> first = w;
  History h;
  double spikes = 0;
  for (int t = 0; t < kTicks; ++t) {
    const Random random(11, 2, static_cast<uint64_t>(t));
    if (t % 7 == 3) {
      const Real reward = static_cast<Real>(random.Normal(9));
      probe.Reward({reward});
      for (int i = 0; i < kPost; ++i)
        for (int j = 0; j < kPre; ++j)
          w[i * kPre + j] += kRate * reward * eligibility(h, t - 1, i, j);
    }
    std::vector<float> x;
    for (uint32_t j = 0; j < kPre; ++j) x.push_back(random.Uniform(j) < 0.3 ? 1.0f : 0.0f);
    probe.Step(x);
    h.pre.push_back({x[0], x[1], x[2]});
    const auto spike = probe.Read("target", "spike"), score = probe.Read("target", "score");
    h.post.push_back({spike[0], spike[1]});
    h.score.push_back({score[0], score[1]});
    spikes += h.post.back()[0] + h.post.back()[1];
    const auto weights = probe.Read("w", "weights");
    for (size_t k = 0; k < w.size(); ++k)
      ASSERT_NEAR(weights[k], w[k], kTolerance) << t << " " << k;
  }
  EXPECT_GT(spikes, 10);
  EXPECT_NE(w, first);
}

// xi of one tick: every spike of one side with every spike of the other that is not later.
double Window(const History& h, int t, int i, int j, double a_plus, double tau_plus, double a_minus,
              double tau_minus) {
  double xi = 0;
  for (int then = 0; then <= t; ++then) {
    const double ago = kDt * (t - then);
    xi += a_plus * std::exp(-ago / tau_plus) * h.post[t][i] * h.pre[then][j];
    xi += a_minus * std::exp(-ago / tau_minus) * h.post[then][i] * h.pre[t][j];
  }
  return xi;
}

TEST(MstdpRuleTest, ARewardMeetsThePairsOfTheTickBefore) {
  ExpectEligibility("mstdp", {}, [](const History& h, int t, int i, int j) {
    return Window(h, t, i, j, 1, 20, -1, 20);
  });
}

TEST(MstdpetRuleTest, ARewardMeetsTheDecayedPairs) {
  ExpectEligibility("mstdpet", {}, [](const History& h, int t, int i, int j) {
    double z = 0;
    for (int u = 0; u <= t; ++u)
      z += std::exp(-kDt * (t - u) / 25) * Window(h, u, i, j, 1, 20, -1, 20);
    return z;
  });
}

TEST(RStdpRuleTest, TheWindowHasTheShapeThatItsParametersGive) {
  const ParamMap parameters = {
      {"a_plus", 0.7}, {"tau_plus", 12.0}, {"a_minus", -0.4}, {"tau_minus", 31.0}, {"tau_e", 80.0}};
  ExpectEligibility("r-stdp", parameters, [](const History& h, int t, int i, int j) {
    double e = 0;
    for (int u = 0; u <= t; ++u)
      e += std::exp(-kDt * (t - u) / 80) * Window(h, u, i, j, 0.7, 12, -0.4, 31);
    return e;
  });
}

TEST(RStdpDelayedRuleTest, APairCountsMostAtItsDelay) {
  ExpectEligibility("r-stdp-delayed", {{"tau_e", 30.0}}, [](const History& h, int t, int i, int j) {
    double c = 0;
    for (int u = 0; u <= t; ++u) {
      const double s = kDt * (t - u) / 30;
      c += s * std::exp(-s) * Window(h, u, i, j, 1, 20, -1, 20);
    }
    return c;
  });
}

double Eps(double s) { return 20 / 15.0 * (std::exp(-s / 20) - std::exp(-s / 5)); }

// The postsynaptic potential at t of the source's spikes after tick `since`.
double Psp(const History& h, int t, int j, int since) {
  double psp = 0;
  for (int u = since + 1; u <= t; ++u) psp += Eps(kDt * (t - u)) * h.pre[u][j];
  return psp;
}

TEST(RMaxRuleTest, TheScoreMeetsThePostsynapticPotential) {
  ExpectEligibility("r-max", {{"tau_e", 60.0}}, [](const History& h, int t, int i, int j) {
    double e = 0;
    for (int u = 0; u <= t; ++u) {
      e += std::exp(-kDt * (t - u) / 60) * h.score[u][i] * Psp(h, u, j, -1);
    }
    return e;
  });
}

TEST(TdLtpRuleTest, ASpikeMeetsThePotentialSinceTheSpikeBefore) {
  const auto eligibility = [](const History& h, int t, int i, int j) {
    double e = 0;
    int last = -1;
    for (int u = 0; u <= t; ++u) {
      if (h.post[u][i] == 0) continue;
      const double s = kDt * (t - u);
      e += (std::exp(-s / 200) - std::exp(-s / 50)) / 150 * Psp(h, u, j, last);
      last = u;
    }
    return e;
  };
  ExpectEligibility("td-ltp", {}, eligibility, "td");
}

// A factor that a rule makes from arrays cannot be one number for all.
TEST(FactorColumnsTest, AFactorReadAsAnArrayCannotBeOneNumberForAll) {
  CircuitSpec s = DrivenPopulation("rate", kPre, {}, "rates");
  s.populations.push_back({.name = "target", .model = "srm0", .size = kPost});
  s.populations.push_back({.name = "one", .model = "rate", .size = 1});
  ProjectionSpec p{.name = "w", .source = "p", .target = "target.spikes"};
  p.rule = {.name = "mstdp", .bindings = {{"reward", "reward"}, {"spike", "one"}}};
  s.projections = {p};
  s.modulators = {{.name = "reward", .model = "raw"}};
  const auto circuit = Circuit::Compile(s);
  ASSERT_FALSE(circuit.ok());
  EXPECT_EQ(DetailsOf(circuit.status()).violations[0].field, "projections[0].rule.bindings.spike");
}

}  // namespace
}  // namespace phasic::testing

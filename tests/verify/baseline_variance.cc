// SPDX-License-Identifier: Apache-2.0
//
// Baselines take variance from REINFORCE and leave its mean (Williams 1992; Greensmith, Bartlett,
// Baxter 2004), on the recurrent net whose trajectories can be listed, with a reward that is 3 too
// large. The second moment of the change, by each baseline, in closed form and as the core has it.
#include <vector>

#include "tests/support/report.h"
#include "tests/verify/recurrent_bernoulli.h"

namespace phasic::testing {
namespace {

using namespace recurrent;

constexpr double kOffset = 3;

// The model's, written down apart from the core: sum_t (x_i(t) - p_i(t)) x_j(t - 1).
Weights Eligibility(const Weights& w, int trajectory) {
  Weights e = Weights::Zero();
  Eigen::Vector3d before = Eigen::Vector3d::Zero();
  for (int t = 0; t < kSteps; ++t) {
    Eigen::Vector3d now, score;
    for (int i = 0; i < kUnits; ++i) {
      const double g = w.row(i).dot(before) + static_cast<double>(kBias[i]);
      now[i] = (trajectory >> (t * kUnits + i)) & 1;
      score[i] = now[i] - 1 / (1 + std::exp(-g));
    }
    e += score * before.transpose();
    before = now;
  }
  return e;
}

// E[(R - b)^2 e^2], by weight, for one baseline for each weight.
Weights SecondMoment(const Problem& problem, const std::vector<Weights>& e, const Weights& b) {
  Weights sum = Weights::Zero();
  for (int k = 0; k < kTrajectories; ++k) {
    const Weights advantage = Weights::Constant(problem.reward[k] + kOffset) - b;
    sum += Probability(problem.weights, k) * advantage.cwiseProduct(e[k]).cwiseAbs2();
  }
  return sum;
}

void Run(Report& report) {
  constexpr int kEpisodes = 400'000;
  const Problem problem = MakeProblem(report.seed());
  std::vector<Weights> e;
  for (int k = 0; k < kTrajectories; ++k) e.push_back(Eligibility(problem.weights, k));

  Weights square = Weights::Zero(), weighted = Weights::Zero();
  double mean = 0;
  for (int k = 0; k < kTrajectories; ++k) {
    const double p = Probability(problem.weights, k), r = problem.reward[k] + kOffset;
    mean += p * r;
    square += p * e[k].cwiseAbs2();
    weighted += p * r * e[k].cwiseAbs2();
  }
  const Weights best = weighted.cwiseQuotient(square);  // b*_ij
  const auto total = [&](const Weights& b) { return SecondMoment(problem, e, b).sum(); };
  const double without = total(Weights::Zero()), running = total(Weights::Constant(mean));
  const double scalar = total(Weights::Constant(weighted.sum() / square.sum()));
  const double optimal = total(best);
  report.AtLeast("closed form, without baseline over mean reward", without / running, 10);
  report.AtMost("closed form, best scalar over mean reward", scalar / running, 1);
  report.AtMost("closed form, best for each weight over best scalar", optimal / scalar, 1);
  // b* is the minimum: a twentieth off to either side is worse, at each weight.
  for (const double off : {0.95, 1.05}) {
    report.AtLeast("closed form, b* a twentieth off over b*, least of all weights",
                   SecondMoment(problem, e, off * best)
                       .cwiseQuotient(SecondMoment(problem, e, best))
                       .minCoeff(),
                   1);
  }

  const Weights exact = FiniteDifferences(problem);
  const auto sample = [&](const std::string& name, const std::string& modulator,
                          const std::string& rule, ParamMap parameters, double closed) {
    const Moments m = Sample(MakeCircuit(problem, modulator, rule, std::move(parameters)), problem,
                             kOffset, kEpisodes, report.seed());
    const Weights error = ((m.square - m.mean.cwiseAbs2()) / kEpisodes).cwiseSqrt();
    report.AtMost(name + ": mean against the gradient, max |error| in standard errors",
                  (m.mean - exact).cwiseQuotient(error).cwiseAbs().maxCoeff(), 4);
    report.Measured(name + ": second moment, core over closed form", m.square.sum() / closed);
    return m.square.sum();
  };
  const double core_without = sample("no baseline", "raw", "reinforce", {}, without);
  const double core_running = sample("running mean", "baseline", "reinforce", {}, running);
  const double core_optimal =
      sample("optimal", "raw", "reinforce-optimal", {{"alpha", 0.005}}, optimal);
  report.AtLeast("core, without baseline over running mean", core_without / core_running, 10);
  report.AtMost("core, optimal over running mean", core_optimal / core_running, 1);
  report.AtMost("core, optimal over closed form", core_optimal / optimal, 1.05);
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1992);
  phasic::testing::Run(report);
  return report.exit_code();
}

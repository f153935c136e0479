// SPDX-License-Identifier: Apache-2.0
//
// REINFORCE (Williams 1992) on a recurrent net of 3 Bernoulli units over 3 steps, small enough that
// all 512 trajectories can be listed. The core runs each trajectory; what it changes in the
// weights, weighted by the trajectories' probabilities, must be the exact gradient of the expected
// reward. The double build enumerates, the float build samples.
#include <map>

#include "tests/support/report.h"
#include "tests/verify/recurrent_bernoulli.h"

namespace phasic::testing {
namespace {

using namespace recurrent;

// The core's change for every trajectory, found by playing until each has come up.
void Exact(const Problem& problem, Report& report) {
  const auto circuit = MakeCircuit(problem, "raw");
  Agent agent(circuit, report.seed());
  std::map<int, Weights> changes;
  Weights change;
  int64_t episodes = 0;
  for (; static_cast<int>(changes.size()) < kTrajectories && episodes < 20'000'000; ++episodes) {
    const int k = Episode(agent, problem, 0, &change);
    changes.emplace(k, change);
  }
  std::printf("all %zu trajectories after %lld episodes\n", changes.size(),
              static_cast<long long>(episodes));
  double total = 0;
  Weights eligibility = Weights::Zero(), gradient = Weights::Zero();
  for (const auto& [k, dw] : changes) {
    const double p = Probability(problem.weights, k);
    total += p;
    gradient += p * dw;
    eligibility += p * (dw / problem.reward[k]);
  }
  report.AtMost("probabilities sum to 1", std::abs(total - 1), 1e-12);
  report.AtMost("mean eligibility, max |E[e]|", eligibility.cwiseAbs().maxCoeff(), 1e-12);
  report.AtMost("gradient against finite differences, max error",
                (gradient - FiniteDifferences(problem)).cwiseAbs().maxCoeff(), 1e-8);
}

void Sampled(const Problem& problem, Report& report) {
  constexpr int kEpisodes = 400'000;
  const Weights exact = FiniteDifferences(problem);
  const Moments raw = Sample(MakeCircuit(problem, "raw"), problem, 0, kEpisodes, report.seed());
  const Weights error = ((raw.square - raw.mean.cwiseProduct(raw.mean)) / kEpisodes).cwiseSqrt();
  report.AtMost("sampled gradient, max |error| in standard errors",
                (raw.mean - exact).cwiseQuotient(error).cwiseAbs().maxCoeff(), 4);
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1992);
  const auto problem = phasic::testing::recurrent::MakeProblem(report.seed());
  if (sizeof(phasic::Real) == 8) {
    phasic::testing::Exact(problem, report);
  } else {
    phasic::testing::Sampled(problem, report);
  }
  return report.exit_code();
}

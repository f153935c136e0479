// SPDX-License-Identifier: Apache-2.0
//
// REINFORCE (Williams 1992) on a recurrent net of 3 Bernoulli units over 3 steps, small enough that
// all 512 trajectories can be listed. The core runs each trajectory; what it changes in the
// weights, weighted by the trajectories' probabilities, must be the exact gradient of the expected
// reward. The double build enumerates, the float build samples.
#include <Eigen/Dense>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "core/circuit/agent.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

constexpr int kUnits = 3, kSteps = 3, kTrajectories = 1 << (kUnits * kSteps);
using Weights = Eigen::Matrix<double, kUnits, kUnits, Eigen::RowMajor>;
constexpr std::array<float, kUnits> kBias = {0.2f, -0.3f, 0.1f};  // the constant observation

struct Problem {
  Weights weights;
  std::vector<double> reward;  // -1 to 1, by trajectory: bit t * kUnits + i is unit i at step t
};

Problem MakeProblem(uint64_t seed) {
  const Random random(seed, 1, 0);
  Problem p{Weights::Zero(), std::vector<double>(kTrajectories)};
  for (int i = 0; i < kUnits * kUnits; ++i) {
    p.weights.data()[i] = static_cast<Real>(random.Normal(static_cast<uint32_t>(i)));
  }
  for (int k = 0; k < kTrajectories; ++k) {
    p.reward[k] = static_cast<Real>(2 * random.Uniform(static_cast<uint32_t>(k), 1) - 1);
  }
  return p;
}

// The model, written down apart from the core: P(trajectory) under these weights.
double Probability(const Weights& w, int trajectory) {
  double p = 1;
  Eigen::Vector3d before = Eigen::Vector3d::Zero();
  for (int t = 0; t < kSteps; ++t) {
    Eigen::Vector3d now;
    for (int i = 0; i < kUnits; ++i) {
      const double g = w.row(i).dot(before) + static_cast<double>(kBias[i]);
      const double on = 1 / (1 + std::exp(-g));
      now[i] = (trajectory >> (t * kUnits + i)) & 1;
      p *= now[i] != 0 ? on : 1 - on;
    }
    before = now;
  }
  return p;
}

double ExpectedReward(const Weights& w, const Problem& problem) {
  double sum = 0;
  for (int k = 0; k < kTrajectories; ++k) sum += Probability(w, k) * problem.reward[k];
  return sum;
}

Weights FiniteDifferences(const Problem& problem) {
  constexpr double kStep = 1e-5;
  Weights gradient;
  for (int n = 0; n < kUnits * kUnits; ++n) {
    Weights up = problem.weights, down = problem.weights;
    up.data()[n] += kStep;
    down.data()[n] -= kStep;
    gradient.data()[n] =
        (ExpectedReward(up, problem) - ExpectedReward(down, problem)) / (2 * kStep);
  }
  return gradient;
}

std::shared_ptr<const Circuit> MakeCircuit(const Problem& problem, const std::string& modulator) {
  CircuitSpec s;
  s.inputs = {
      {.name = "observation", .space = Space::Box({kUnits}), .encoder = "raw", .target = "h"}};
  s.populations = {{.name = "h", .model = "bernoulli", .size = kUnits}};
  ProjectionSpec p{.name = "hh", .source = "h.spike", .target = "h.drive", .delay = 1};
  p.initial.values.assign(problem.weights.data(), problem.weights.data() + kUnits * kUnits);
  p.rule = {.name = "reinforce",
            .parameters = {{"learning_rate", 1.0}},
            .bindings = {{"reward", "reward"}}};
  s.projections = {p};
  s.modulators = {{.name = "reward", .model = modulator, .when = When::On(When::Clock::kEpisode)}};
  s.outputs = {{.name = "action", .source = "h.spike", .decoder = "bits"}};
  auto circuit = Circuit::Compile(s);
  if (!circuit.ok()) {
    std::fprintf(stderr, "%s\n", circuit.status().ToString().c_str());
    std::exit(2);
  }
  return *circuit;
}

// Plays one episode; returns its trajectory. `change` receives the weights' change.
int Episode(Agent& agent, const Problem& problem, double offset, Weights* change) {
  ColumnId weights = agent.circuit().links()[0].weights;
  const Eigen::Matrix<Real, kUnits, kUnits, Eigen::RowMajor> before =
      Eigen::Map<Eigen::Matrix<Real, kUnits, kUnits, Eigen::RowMajor>>(
          agent.state().data<Real>(weights));
  int trajectory = 0;
  std::array<float, kUnits> action{};
  for (int t = 0; t < kSteps; ++t) {
    StepInput input;
    input.observation = kBias;
    agent.Step(input, action);
    for (int i = 0; i < kUnits; ++i) trajectory |= static_cast<int>(action[i]) << (t * kUnits + i);
  }
  const RewardInput reward{0, {static_cast<Real>(problem.reward[trajectory] + offset)}};
  StepInput end;
  end.rewards = {&reward, 1};
  end.end = End::kTerminated;
  agent.Step(end, action);
  Eigen::Map<Eigen::Matrix<Real, kUnits, kUnits, Eigen::RowMajor>> now(
      agent.state().data<Real>(weights));
  *change = (now - before).cast<double>();
  now = before;
  return trajectory;
}

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

struct Moments {
  Weights mean = Weights::Zero(), square = Weights::Zero();
};

Moments Sample(const std::shared_ptr<const Circuit>& circuit, const Problem& problem, double offset,
               int episodes, uint64_t seed) {
  Agent agent(circuit, seed);
  Moments m;
  Weights change;
  // A running baseline needs to find the mean reward first.
  for (int i = 0; i < episodes / 10; ++i) Episode(agent, problem, offset, &change);
  for (int i = 0; i < episodes; ++i) {
    Episode(agent, problem, offset, &change);
    m.mean += change;
    m.square += change.cwiseProduct(change);
  }
  m.mean /= episodes;
  m.square /= episodes;
  return m;
}

void Sampled(const Problem& problem, Report& report) {
  constexpr int kEpisodes = 400'000;
  const Weights exact = FiniteDifferences(problem);
  const Moments raw = Sample(MakeCircuit(problem, "raw"), problem, 0, kEpisodes, report.seed());
  const Weights error = ((raw.square - raw.mean.cwiseProduct(raw.mean)) / kEpisodes).cwiseSqrt();
  report.AtMost("sampled gradient, max |error| in standard errors",
                (raw.mean - exact).cwiseQuotient(error).cwiseAbs().maxCoeff(), 4);
  // A reward that is 3 too large: a baseline takes most of the variance away.
  const Moments with =
      Sample(MakeCircuit(problem, "baseline"), problem, 3, kEpisodes, report.seed());
  const Moments without = Sample(MakeCircuit(problem, "raw"), problem, 3, kEpisodes, report.seed());
  report.AtLeast("second moment without baseline over with one",
                 without.square.sum() / with.square.sum(), 10);
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1992);
  const auto problem = phasic::testing::MakeProblem(report.seed());
  if (sizeof(phasic::Real) == 8) {
    phasic::testing::Exact(problem, report);
  } else {
    phasic::testing::Sampled(problem, report);
  }
  return report.exit_code();
}

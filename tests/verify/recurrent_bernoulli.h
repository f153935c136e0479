// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Dense>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "tests/verify/compiled.h"

namespace phasic::testing::recurrent {

// A recurrent net of 3 Bernoulli units over 3 steps, small enough that all 512 trajectories can be
// listed, each with a reward of its own; and the core that plays it.

inline constexpr int kUnits = 3, kSteps = 3, kTrajectories = 1 << (kUnits * kSteps);
using Weights = Eigen::Matrix<double, kUnits, kUnits, Eigen::RowMajor>;
inline constexpr std::array<float, kUnits> kBias = {0.2f, -0.3f, 0.1f};  // the constant observation

struct Problem {
  Weights weights;
  std::vector<double> reward;  // -1 to 1, by trajectory: bit t * kUnits + i is unit i at step t
};

inline Problem MakeProblem(uint64_t seed) {
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
inline double Probability(const Weights& w, int trajectory) {
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

inline double ExpectedReward(const Weights& w, const Problem& problem) {
  double sum = 0;
  for (int k = 0; k < kTrajectories; ++k) sum += Probability(w, k) * problem.reward[k];
  return sum;
}

inline Weights FiniteDifferences(const Problem& problem) {
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

inline std::shared_ptr<const Circuit> MakeCircuit(const Problem& problem,
                                                  const std::string& modulator,
                                                  const std::string& rule = "reinforce",
                                                  ParamMap parameters = {}) {
  CircuitSpec s;
  s.inputs = {
      {.name = "observation", .space = Space::Box({kUnits}), .encoder = "raw", .target = "h"}};
  s.populations = {{.name = "h", .model = "bernoulli", .size = kUnits}};
  ProjectionSpec p{.name = "hh", .source = "h.spike", .target = "h.drive", .delay = 1};
  p.initial.values.assign(problem.weights.data(), problem.weights.data() + kUnits * kUnits);
  parameters["learning_rate"] = 1.0;
  p.rule = {.name = rule, .parameters = std::move(parameters), .bindings = {{"reward", "reward"}}};
  s.projections = {p};
  s.modulators = {{.name = "reward", .model = modulator, .when = When::On(When::Clock::kEpisode)}};
  s.outputs = {{.name = "action", .source = "h.spike", .decoder = "bits"}};
  return Compiled(s);
}

// Plays one episode; returns its trajectory. `change` receives the weights' change.
inline int Episode(Agent& agent, const Problem& problem, double offset, Weights* change) {
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

struct Moments {
  Weights mean = Weights::Zero(), square = Weights::Zero();
};

// Of the changes over so many episodes, rewards `offset` too large.
inline Moments Sample(const std::shared_ptr<const Circuit>& circuit, const Problem& problem,
                      double offset, int episodes, uint64_t seed) {
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

}  // namespace phasic::testing::recurrent

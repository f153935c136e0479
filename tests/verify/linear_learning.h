// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/base/draws.h"
#include "tests/verify/compiled.h"

namespace phasic::testing::linear {

// How fast perturbation learns (Werfel, Xie, Seung 2005): a linear net of N inputs and M outputs is
// to give 0 for Gaussian inputs, and earns minus half its squared error. With noise that is small
// and the learning rate 1 / q, the best, a trial leaves (1 - 1/q) of the squared distance between
// the weights and the right ones. q is (M + 2)(N + 2) for node and (MN + 2)(N + 2) for weight
// perturbation, N + 2 for the gradient itself.
inline constexpr int kN = 20, kM = 10;
inline constexpr int kNode = (kM + 2) * (kN + 2), kWeight = (kM * kN + 2) * (kN + 2);
inline constexpr double kSigma = 1e-3;  // small: what the noise itself leaves is below 1e-4

// The net, which learns by `rule` gated by `gate`. `output` is the model of the linear neurons.
inline CircuitSpec Net(const std::string& output, const std::string& rule, const std::string& gate,
                       double learning_rate) {
  CircuitSpec s;
  s.inputs = {{.name = "x", .space = Space::Box({kN}), .encoder = "raw", .target = "in"}};
  s.populations = {{.name = "in", .model = "rate", .size = kN},
                   {.name = "out", .model = output, .size = kM}};
  ProjectionSpec p{.name = "w", .source = "in", .target = "out"};
  p.initial = {InitialWeights::Distribution::kNormal, 0, 1, {}};
  p.rule = {.name = rule,
            .parameters = {{"learning_rate", learning_rate}},
            .bindings = {{"reward", gate}}};
  s.projections = {p};
  s.modulators = {{.name = "reward", .model = "contrast"}};
  s.outputs = {{.name = "y", .source = "out", .decoder = "rates"}};
  return s;
}

// The squared distance that is left after each trial, of what there was, averaged over runs. A
// trial shows the same input in two steps, a pair of the modulator `contrast`.
inline std::vector<double> Remaining(const CircuitSpec& spec, int trials, int runs, uint64_t seed) {
  const auto circuit = Compiled(spec);
  std::vector<double> left(trials);
  std::vector<float> x(kN), y(kM);
  for (int run = 0; run < runs; ++run) {
    Agent agent(circuit, seed + static_cast<uint64_t>(run));
    const auto distance = [&] {
      double sum = 0;
      for (const Real w : WeightsOf(agent, "w")) sum += static_cast<double>(w) * w;
      return sum;
    };
    const double start = distance();
    for (int t = 0; t < trials; ++t) {
      ForNormals(Random(agent.seed(), 11, static_cast<uint64_t>(t)), 0, kN,
                 [&](int64_t j, double normal) { x[j] = static_cast<float>(normal); });
      for (int half = 0; half < 2; ++half) {
        agent.Step({.observation = x}, y);
        double error = 0;
        for (const float out : y) error += static_cast<double>(out) * out;
        agent.Reward({0, {static_cast<Real>(-error / 2)}}, true);
      }
      left[t] += distance() / start / runs;
    }
  }
  return left;
}

// Trials until half is left.
inline int HalfTime(const std::vector<double>& left) {
  int t = 0;
  while (t < static_cast<int>(left.size()) && left[t] > 0.5) ++t;
  return t + 1;
}

inline std::vector<double> NodePerturbation(int trials, int runs, uint64_t seed) {
  CircuitSpec s = Net("noisy-rate", "node-perturbation", "reward.contrast", 1.0 / kNode);
  s.populations[1].parameters = {{"sigma", kSigma}, {"noisy", std::string("second")}};
  return Remaining(s, trials, runs, seed);
}

inline std::vector<double> WeightPerturbation(int trials, int runs, uint64_t seed) {
  CircuitSpec s = Net("rate", "weight-perturbation", "reward.central", 1.0 / kWeight);
  s.projections[0].transmission = {"noisy-weight",
                                   {{"sigma", kSigma}, {"antithetic", std::string("yes")}}};
  return Remaining(s, trials, runs, seed);
}

}  // namespace phasic::testing::linear

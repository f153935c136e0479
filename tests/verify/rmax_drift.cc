// SPDX-License-Identifier: Apache-2.0
//
// Unsupervised drift (Fremaux and Gerstner 2016): a neuron fires at random, and rewards come that
// have nothing to do with it. With a baseline b that is not the mean reward, R-STDP moves weights
// by (E R - b) <e>, since its eligibility has a mean; R-max does not, since its has none. <e> is
// measured once, from other trials than those whose drift it predicts.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/circuit/agent.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

constexpr int kInputs = 20, kTicks = 200, kTrials = 6000;
constexpr double kMeanReward = 1;

std::shared_ptr<const Circuit> MakeCircuit(const std::string& rule) {
  CircuitSpec s;
  s.ticks_per_step = kTicks;
  s.inputs = {{.name = "observation",
               .space = Space::Box({kInputs}, {0}, {1}),
               .encoder = "poisson",
               .parameters = {{"max_rate", 50.0}},
               .target = "input"}};
  s.populations = {{.name = "input", .model = "rate", .size = kInputs},
                   {.name = "neuron", .model = "srm0", .size = 1}};
  ProjectionSpec w{.name = "w", .source = "input", .target = "neuron.spikes"};
  w.initial.mean = 0.7;
  w.rule = {
      .name = rule, .parameters = {{"learning_rate", 1.0}}, .bindings = {{"reward", "reward"}}};
  s.projections = {w};
  s.modulators = {{.name = "reward", .model = "raw"}};
  s.outputs = {{.name = "action", .source = "neuron.rate", .decoder = "rates"}};
  auto circuit = Circuit::Compile(s);
  if (!circuit.ok()) {
    std::fprintf(stderr, "%s\n", circuit.status().ToString().c_str());
    std::exit(2);
  }
  return *circuit;
}

// Mean and variance of the mean, for each synapse and (last) for their sum.
struct Estimate {
  std::vector<double> mean, variance;
};

// The weights' changes over trials, each with the same weights, and a random reward at its end of
// which the baseline has been taken; or that with a reward of exactly 1: the eligibility.
Estimate Change(const std::shared_ptr<const Circuit>& circuit, uint64_t seed, bool eligibility,
                double baseline, double* rate) {
  Agent agent(circuit, seed);
  const ColumnId id = circuit->links()[0].weights;
  const auto weights = agent.state().span<Real>(id);
  const std::vector<Real> before(weights.begin(), weights.end());
  const std::vector<float> observation(kInputs, 1.0f);
  std::vector<float> action(1);
  std::vector<double> sum(kInputs + 1), square(kInputs + 1);
  for (int trial = 0; trial < kTrials; ++trial) {
    agent.Step({.observation = observation}, action);
    *rate += static_cast<double>(action[0]) / kTrials;
    const double noise = Random(seed, 16, static_cast<uint64_t>(trial)).Normal(0);
    const double reward = eligibility ? 1 : kMeanReward + 0.5 * noise - baseline;
    agent.Reward({0, {static_cast<Real>(reward)}}, true);
    double total = 0;
    for (int j = 0; j <= kInputs; ++j) {
      const double change =
          j < kInputs ? static_cast<double>(weights[j]) - static_cast<double>(before[j]) : total;
      total += change;
      sum[j] += change;
      square[j] += change * change;
    }
    std::copy(before.begin(), before.end(), weights.begin());
    agent.ResetEpisode(true);
  }
  Estimate e{std::vector<double>(kInputs + 1), std::vector<double>(kInputs + 1)};
  for (int j = 0; j <= kInputs; ++j) {
    e.mean[j] = sum[j] / kTrials;
    e.variance[j] = (square[j] / kTrials - e.mean[j] * e.mean[j]) / kTrials;
  }
  return e;
}

// The largest of |drift - (E R - b) <e>|, in standard errors.
double Discrepancy(const Estimate& drift, const Estimate& eligibility, double offset) {
  double most = 0;
  for (size_t j = 0; j < drift.mean.size(); ++j) {
    const double error = std::sqrt(drift.variance[j] + offset * offset * eligibility.variance[j]);
    most = std::max(most, std::abs(drift.mean[j] - offset * eligibility.mean[j]) / error);
  }
  return most;
}

Estimate Nothing() { return {std::vector<double>(kInputs + 1), std::vector<double>(kInputs + 1)}; }

void Run(Report& report) {
  for (const std::string rule : {"r-stdp", "r-max"}) {
    const auto circuit = MakeCircuit(rule);
    double rate = 0;
    const Estimate e = Change(circuit, report.seed(), true, 0, &rate);
    std::printf("%s: %.1f Hz, sum of <e> %.4g +- %.2g\n", rule.c_str(), rate, e.mean[kInputs],
                std::sqrt(e.variance[kInputs]));
    uint64_t seed = report.seed();
    for (const double baseline : {0.0, 1.0, 3.0}) {
      double unused = 0;
      const Estimate drift = Change(circuit, ++seed, false, baseline, &unused);
      const double sum = drift.mean[kInputs] / std::sqrt(drift.variance[kInputs]);
      std::printf("  b = %g: sum of drifts %.4g, %.1f standard errors\n", baseline,
                  drift.mean[kInputs], sum);
      const std::string name = rule + ", b = " + std::to_string(static_cast<int>(baseline));
      if (rule == "r-stdp") {
        report.AtMost(name + ": drift against (E R - b) <e>, in standard errors",
                      Discrepancy(drift, e, kMeanReward - baseline), 4);
        // Else there would be nothing to predict.
        if (baseline != kMeanReward) {
          report.AtLeast(name + ": drift itself, in standard errors", std::abs(sum), 10);
        }
      } else {
        report.AtMost(name + ": drift against 0, in standard errors",
                      Discrepancy(drift, Nothing(), 0), 4);
      }
    }
  }
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 2016);
  phasic::testing::Run(report);
  return report.exit_code();
}

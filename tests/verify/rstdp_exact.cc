// SPDX-License-Identifier: Apache-2.0
//
// Dopamine-modulated STDP, event by event in ticks of 1 ms, is that of continuous time: against the
// differential equations in Euler steps of 1 us on random spikes and rewards, and against the
// closed form of a single pair.
#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/core/support/spike_world.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

constexpr double kAPlus = 0.1, kAMinus = -0.15, kTau = 20, kTauC = 1000, kTauD = 200, kRate = 0.1;

SpikeWorld World(int pre, int post, double tonic) {
  SpikeWorld world{.pre = pre, .post = post};
  world.delay = 0;
  world.min_weight = world.max_weight = std::nullopt;
  world.modulator = {{"tau", kTauD}, {"tonic", tonic}};
  return world;
}

// The largest error of a weight's change, against the largest change.
double AgainstEuler(uint64_t seed) {
  constexpr int kMs = 3000, kStepsPerMs = 1000;
  constexpr double kStep = 1.0 / kStepsPerMs, kTonic = 0.002;
  const SpikeWorld world = World(12, 12, kTonic);
  const SpikeScript script{.seed = seed, .density = 0.02};
  Agent agent(Circuit::Compile(world.spec()).value(), seed);
  const Synapses& synapses = *agent.circuit().links()[0].synapses;
  const std::vector<Real> before = Weights(agent);
  const size_t n = before.size();
  std::vector<double> w(n), c(n), plus(world.pre), minus(world.post);
  double dopamine = kTonic;
  for (int t = 0; t < kMs; ++t) {
    Tick(agent, script, t, world.pre + world.post, true);
    const std::vector<float> spikes = script.Spikes(t, world.pre + world.post);
    const float* const fired = spikes.data() + world.pre;
    for (int j = 0; j < world.pre; ++j) plus[j] += kAPlus * spikes[j];
    for (int j = 0; j < world.pre; ++j) {
      for (uint32_t k = synapses.first[j]; k < synapses.first[j + 1]; ++k) {
        const uint32_t i = synapses.target[k];
        c[k] += spikes[j] * minus[i] + fired[i] * plus[j];
      }
    }
    for (int i = 0; i < world.post; ++i) minus[i] += kAMinus * fired[i];
    dopamine += script.Reward(t);
    for (int step = 0; step < kStepsPerMs; ++step) {
      for (size_t k = 0; k < n; ++k) {
        w[k] += kStep * kRate * dopamine * c[k];
        c[k] -= kStep / kTauC * c[k];
      }
      for (double& p : plus) p -= kStep / kTau * p;
      for (double& p : minus) p -= kStep / kTau * p;
      dopamine -= kStep / kTauD * (dopamine - kTonic);
    }
  }
  const std::vector<Real> after = Weights(agent);
  double error = 0, most = 0;
  for (size_t k = 0; k < n; ++k) {
    error = std::max(error, std::fabs((double{after[k]} - before[k]) - w[k]));
    most = std::max(most, std::fabs(w[k]));
  }
  return error / most;
}

// The source fires, then the target, then a reward comes: the relative error of the whole change.
double AgainstClosedForm(int lag, int late, double reward) {
  SpikeWorld world = World(1, 1, 0);
  world.connectivity.probability = 1;
  CircuitSpec spec = world.spec();
  spec.projections[0].initial = {};
  Agent agent(Circuit::Compile(spec).value(), 1);
  const RewardInput pulse{0, {static_cast<Real>(reward)}};
  for (int t = 0; t < 20'000; ++t) {
    const float spikes[] = {t == 0 ? 1.0f : 0.0f, t == lag ? 1.0f : 0.0f};
    float action;
    StepInput input;
    input.observation = spikes;
    if (t == lag + late) input.rewards = {&pulse, 1};
    agent.Step(input, {&action, 1});
  }
  const double expected = kRate * kAPlus * std::exp(-lag / kTau) * std::exp(-late / kTauC) *
                          reward / (1 / kTauC + 1 / kTauD);
  return std::fabs(Weights(agent)[0] / expected - 1);
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic::testing;
  Report report(argc, argv, 1);
  double worst = 0;
  for (int i = 0; i < 3; ++i) worst = std::max(worst, AgainstEuler(report.seed() + i));
  report.AtMost("euler-1us-relative", worst, 1e-4);
  worst = 0;
  for (const int lag : {0, 1, 10, 30}) {
    for (const int late : {1, 100, 1000, 3000}) {
      worst = std::max(worst, AgainstClosedForm(lag, late, 0.5));
    }
  }
  report.AtMost("single-pair-relative", worst, 1e-5);
  return report.exit_code();
}

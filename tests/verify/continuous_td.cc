// SPDX-License-Identifier: Apache-2.0
//
// A linear track (Fremaux, Sprekeler, Gerstner 2013, figure 2): the animal runs to its reward at
// constant speed, and a critic of spiking neurons learns the value of each place from spikes of
// place cells alone. It must come to V(t) = R e^(-(t_R - t) / tau_r).
#include <algorithm>
#include <cmath>
#include <future>
#include <vector>

#include "core/circuit/agent.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

constexpr int kSeeds = 10, kTrials = 50, kJudged = 21;  // trials 30 to 50, as the figure does
// Place cells lie also beyond both ends, so that no place is at the edge of the code.
constexpr int kPlaces = 49, kCritics = 50, kSteps = 500, kTicks = 10;  // 5 s, in steps of 10 ms
constexpr double kReward = 20, kTauR = 4000;

std::shared_ptr<const Circuit> MakeCircuit() {
  CircuitSpec s;
  s.ticks_per_step = kTicks;
  s.inputs = {{.name = "place",
               .space = Space::Box({1}, {0}, {1}),
               .encoder = "gaussian",
               .parameters = {{"bins", double{kPlaces}},
                              {"low", -0.1},
                              {"high", 1.1},
                              {"width", 2.0},
                              {"normalise", std::string("no")}},
               .target = "places"}};
  s.populations = {
      {.name = "places", .model = "poisson", .size = kPlaces, .parameters = {{"max_rate", 400.0}}},
      {.name = "critic",
       .model = "srm0",
       .size = kCritics,
       .parameters = {{"erases", std::string("yes")}}}};
  ProjectionSpec w{.name = "w", .source = "places", .target = "critic.spikes"};
  w.initial = {InitialWeights::Distribution::kNormal, 1, 0.1, {}};
  w.rule = {
      .name = "td-ltp", .parameters = {{"learning_rate", 0.04}}, .bindings = {{"td", "reward"}}};
  w.min_weight = 0;
  w.max_weight = 3;
  ProjectionSpec read{.name = "read", .source = "critic", .target = "reward.spikes"};
  read.initial.mean = 1.0 / kCritics;
  s.projections = {w, read};
  s.modulators = {{.name = "reward", .model = "td-continuous", .parameters = {{"tau_r", kTauR}}}};
  s.outputs = {{.name = "spikes", .source = "critic", .decoder = "rates"}};
  auto circuit = Circuit::Compile(s);
  if (!circuit.ok()) {
    std::fprintf(stderr, "%s\n", circuit.status().ToString().c_str());
    std::exit(2);
  }
  return *circuit;
}

double Theory(int step) { return kReward * std::exp(-(kSteps - step - 1) * kTicks / kTauR); }

// V at each step of the track, averaged over the trials that are judged.
std::vector<double> Learn(const std::shared_ptr<const Circuit>& circuit, uint64_t seed) {
  Agent agent(circuit, seed);
  const Node& td = circuit->nodes()[circuit->channels()[0]];
  std::vector<double> values(kSteps);
  std::vector<float> unused(circuit->action_size());
  for (int trial = 0; trial < kTrials; ++trial) {
    for (int step = 0; step < kSteps; ++step) {
      const std::vector<float> place = {static_cast<float>(step) / (kSteps - 1)};
      agent.Step({.observation = place}, unused);
      const double v = static_cast<double>(*agent.state().data<Real>(td.columns[1]));
      if (trial >= kTrials - kJudged) values[step] += v / kJudged;
    }
    const RewardInput reward{0, {Real{kReward}}};
    agent.Step({.rewards = {&reward, 1}, .end = End::kTerminated}, unused);
  }
  return values;
}

// On the second half of the track, in parts of the peak.
struct Errors {
  double rms = 0, largest = 0;
};
Errors Compare(const std::vector<double>& values) {
  Errors errors;
  double squares = 0;
  for (int step = kSteps / 2; step < kSteps; ++step) {
    const double error = std::abs(values[step] - Theory(step)) / kReward;
    squares += error * error;
    errors.largest = std::max(errors.largest, error);
  }
  constexpr int kLater = kSteps - kSteps / 2;
  errors.rms = std::sqrt(squares / kLater);
  return errors;
}

void Run(Report& report) {
  const auto circuit = MakeCircuit();
  std::vector<Errors> errors(kSeeds);
  // Two agents at a time, each alone in its world.
  const auto half = [&](int from) {
    for (int k = from; k < kSeeds; k += 2) errors[k] = Compare(Learn(circuit, report.seed() + k));
  };
  auto other = std::async(std::launch::async, half, 1);
  half(0);
  other.get();
  double worst = 0, mean = 0;
  for (int k = 0; k < kSeeds; ++k) {
    std::printf("seed %d: error on the second half, of the peak: rms %.3f, largest %.3f\n", k + 1,
                errors[k].rms, errors[k].largest);
    worst = std::max(worst, errors[k].largest);
    mean += errors[k].rms / kSeeds;
  }
  report.AtMost("largest value error on the second half, of the peak, in the worst of 10 seeds",
                worst, 0.15);
  report.Measured("rms value error on the second half, of the peak, mean of 10 seeds", mean);
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 2013);
  phasic::testing::Run(report);
  return report.exit_code();
}

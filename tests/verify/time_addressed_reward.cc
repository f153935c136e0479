// SPDX-License-Identifier: Apache-2.0
//
// Rewards that name a step. Against a naive version, of the same precision, that stores a copy of
// the trace at every step; and a bandit whose rewards all come one trial late: by naming their
// trial it learns about as fast as without a delay.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <random>
#include <vector>

#include "core/circuit/agent.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

std::shared_ptr<const Circuit> Compile(const CircuitSpec& spec) {
  auto circuit = Circuit::Compile(spec);
  if (circuit.ok()) return *circuit;
  std::fprintf(stderr, "%s\n", circuit.status().ToString().c_str());
  std::exit(2);
}

CircuitSpec Learner(Space space, const char* encoder, int units, const char* model, int actions,
                    const char* decoder, double rate, double tau, int window) {
  CircuitSpec s;
  s.reward_window = window;
  s.inputs = {{.name = "in", .space = std::move(space), .encoder = encoder, .target = "context"}};
  s.populations = {{.name = "context", .model = "rate", .size = units},
                   {.name = "policy", .model = model, .size = actions}};
  ProjectionSpec p{.name = "w", .source = "context", .target = "policy"};
  p.rule = {.name = "reinforce-trace",
            .parameters = {{"learning_rate", rate}, {"tau", tau}},
            .bindings = {{"reward", "reward"}}};
  s.projections = {p};
  s.modulators = {{.name = "reward", .model = "baseline"}};
  s.outputs = {{.name = "action", .source = "policy", .decoder = decoder}};
  return s;
}

// The largest difference of a weight from the naive version's, relative to the largest weight.
double AgainstSnapshots(uint64_t seed) {
  constexpr int kPre = 32, kPost = 16, kSteps = 5000, kWindow = 300;
  constexpr double kRate = 0.01, kTau = 20;
  const auto circuit = Compile(
      Learner(Space::Box({kPre}), "raw", kPre, "gaussian", kPost, "rates", kRate, kTau, kWindow));
  Agent agent(circuit, seed);
  std::mt19937_64 world(seed);
  std::normal_distribution<double> normal;
  const Real decay = static_cast<Real>(std::exp(-1 / kTau));
  Real baseline = 0;
  double worst = 0;
  std::vector<Real> w(kPost * kPre), trace(kPost * kPre);
  std::deque<std::vector<Real>> copies;  // of the last steps; empty: nothing was decided
  std::vector<float> observation(kPre), action(kPost);
  for (int t = 0; t < kSteps; ++t) {
    for (float& x : observation) x = static_cast<float>(normal(world));
    const End end = world() % 50 == 0 ? End::kTruncated : End::kNone;
    StepInput input;
    input.observation = observation;
    input.end = end;
    agent.Step(input, action);
    if (end == End::kNone) {
      const Node& policy = circuit->nodes()[circuit->links()[0].target];
      const Real* score = agent.state().data<Real>(policy.columns[2]);
      for (int i = 0; i < kPost; ++i) {
        for (int j = 0; j < kPre; ++j)
          trace[i * kPre + j] = decay * trace[i * kPre + j] + score[i] * observation[j];
      }
      copies.push_back(trace);
    } else {
      std::fill(trace.begin(), trace.end(), Real{0});
      copies.emplace_back();
    }
    if (copies.size() > kWindow) copies.pop_front();

    const uint64_t back = 1 + world() % copies.size();
    const Real r = static_cast<Real>(normal(world));
    const RewardInput reward{0, {r}, agent.steps() - back};
    const std::vector<Real>& then = copies[copies.size() - back];
    const bool applied = agent.Reward(reward, true) == Disposition::kApplied;
    if (applied == then.empty()) return INFINITY;
    if (!applied) continue;
    const Real change = static_cast<Real>(kRate * (r - baseline));
    for (size_t i = 0; i < w.size(); ++i) w[i] += change * then[i];
    baseline += static_cast<Real>(0.1) * (r - baseline);
    const Real* weights = agent.state().data<Real>(circuit->links()[0].weights);
    double most = 0, difference = 0;
    for (size_t i = 0; i < w.size(); ++i) {
      most = std::max(most, std::abs(double{w[i]}));
      difference = std::max(difference, std::abs(double{w[i]} - weights[i]));
    }
    worst = std::max(worst, difference / most);
  }
  return worst;
}

enum class Delay { kNone, kAddressed, kUnaddressed };

// Trials until the running mean of the reward passes 0.9.
double TrialsToLearn(Delay delay, uint64_t seed) {
  constexpr int kContexts = 10, kArms = 4, kMost = 50000;
  const auto circuit = Compile(Learner(Space::Discrete(kContexts), "one-hot", kContexts, "softmax",
                                       kArms, "index", 0.5, 1, 4));
  Agent agent(circuit, seed);
  std::mt19937_64 world(seed);
  double mean = 1.0 / kArms;
  std::vector<RewardInput> late;
  for (int t = 0; t < kMost; ++t) {
    const auto context = static_cast<float>(world() % kContexts);
    float action = 0;
    agent.Step({.observation = {&context, 1}}, {&action, 1});
    const bool right = static_cast<int>(context) % kArms == static_cast<int>(action);
    mean += 0.02 * (right - mean);
    if (mean > 0.9) return t + 1;
    RewardInput reward{0, {right ? Real{1} : Real{0}}};
    if (delay == Delay::kAddressed) reward.step = static_cast<uint64_t>(t);
    late.push_back(reward);
    if (late.size() < (delay == Delay::kNone ? 1 : 2)) continue;
    agent.Reward(late.front(), true);
    late.erase(late.begin());
  }
  return kMost;
}

double Median(Delay delay, uint64_t seed) {
  constexpr int kRuns = 51;
  std::vector<double> trials(kRuns);
  for (int run = 0; run < kRuns; ++run) trials[run] = TrialsToLearn(delay, seed + run);
  std::sort(trials.begin(), trials.end());
  std::printf("trials to 90%%: %.0f to %.0f, median %.0f\n", trials.front(), trials.back(),
              trials[kRuns / 2]);
  return trials[kRuns / 2];
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic::testing;
  Report report(argc, argv, 23);
  constexpr bool kDouble = sizeof(phasic::Real) == 8;
  report.AtMost("largest difference from stored copies of the trace",
                AgainstSnapshots(report.seed()), kDouble ? 1e-12 : 1e-6);
  if (kDouble) return report.exit_code();
  const double undelayed = Median(Delay::kNone, report.seed());
  const double addressed = Median(Delay::kAddressed, report.seed());
  const double unaddressed = Median(Delay::kUnaddressed, report.seed());
  report.AtMost("trials one trial late by step, relative to undelayed", addressed / undelayed, 1.5);
  report.Measured("trials one trial late by trace alone, relative to undelayed",
                  unaddressed / undelayed);
  return report.exit_code();
}

// SPDX-License-Identifier: Apache-2.0
//
// What does learning cost, beside the matrix-vector product that no network can do without? An n ->
// n projection learns by TD(lambda) with a reward at every step (deliver, apply, trace); its
// ceiling is y = W x alone, by the same kernel, in the same run, by turns. Medians over the rounds;
// one core.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

#include "core/circuit/agent.h"
#include "core/stores/kernels.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

constexpr int kRounds = 21;

std::shared_ptr<const Circuit> MakeCircuit(int n) {
  CircuitSpec s;
  s.inputs = {{.name = "observation", .space = Space::Box({n}), .encoder = "raw", .target = "in"}};
  s.populations = {{.name = "in", .model = "rate", .size = n},
                   {.name = "out", .model = "rate", .size = n},
                   {.name = "critic", .model = "rate", .size = 1}};
  ProjectionSpec p{.name = "p", .source = "in", .target = "out"};
  p.initial = {InitialWeights::Distribution::kNormal, 0, 1 / std::sqrt(n), {}};
  p.rule = {
      .name = "td-critic", .parameters = {{"learning_rate", 1e-6}}, .bindings = {{"td", "reward"}}};
  ProjectionSpec value{.name = "value", .source = "critic", .target = "reward.value"};
  s.projections = {p, value};
  s.modulators = {{.name = "reward", .model = "td"}};
  s.outputs = {{.name = "action", .source = "critic", .decoder = "rates"}};
  auto circuit = Circuit::Compile(s);
  if (!circuit.ok()) {
    std::fprintf(stderr, "%s\n", circuit.status().ToString().c_str());
    std::exit(2);
  }
  return *circuit;
}

double Seconds(int repeats, auto&& f) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < repeats; ++i) f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / repeats;
}

double Median(std::vector<double> v) {
  std::nth_element(v.begin(), v.begin() + v.size() / 2, v.end());
  return v[v.size() / 2];
}

void Measure(int n, Report& report) {
  const auto circuit = MakeCircuit(n);
  Agent agent(circuit, report.seed());
  std::vector<float> observation(n, 0.5f);
  float action = 0;
  const RewardInput reward{0, {Real{1}}};
  StepInput input;
  input.observation = observation;
  input.rewards = {&reward, 1};
  const auto step = [&] { agent.Step(input, {&action, 1}); };

  std::vector<Real> w(static_cast<size_t>(n) * n, Real(0.01)), x(n, Real(0.5)), y(n);
  const Kernels& kernels = KernelsFor(ActiveIsa());
  const auto product = [&] { kernels.deliver(w.data(), x.data(), y.data(), n, n); };

  const int repeats = std::max(1, 40'000'000 / (n * n) / 10);
  std::vector<double> steps, products, ratios;
  for (int round = 0; round < kRounds; ++round) {
    steps.push_back(Seconds(repeats, step));
    products.push_back(Seconds(repeats, product));
    ratios.push_back(steps.back() / products.back());
  }
  const double synapses = static_cast<double>(n) * n;
  std::printf(
      "%4d x %-4d  step %8.2f us (%.3f ns per synapse)  product %8.2f us (%.3f)  kernels %s\n", n,
      n, 1e6 * Median(steps), 1e9 * Median(steps) / synapses, 1e6 * Median(products),
      1e9 * Median(products) / synapses, NameOf(ActiveIsa()));
  report.Measured("learning step over product, " + std::to_string(n) + " x " + std::to_string(n),
                  Median(ratios));
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  for (const int n : {64, 256, 1024}) phasic::testing::Measure(n, report);
  return report.exit_code();
}

// SPDX-License-Identifier: Apache-2.0
//
// A trace kept as its factors, as the reward window keeps it: pairs (a, b) in a ring, folded into a
// dense base in blocks. Replayed, it has the bits of the sequential trace; as a low-rank product it
// gives the forward pass of weights that learn all the time without touching them within a block:
//
//   W_t x = W_0 x + D E_0 x + A (c o (B^T x)),  c_k = sum_q d_q lambda^(q - k),  D = sum_q d_q
//   lambda^q
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <span>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/circuit/agent.h"
#include "core/stores/kernels.h"
#include "core/stores/window.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

using Vector = std::vector<Real>;

std::shared_ptr<const Circuit> MakeCircuit(int n, int window, double rate, double tau) {
  CircuitSpec s;
  s.reward_window = window;
  s.inputs = {{.name = "x", .space = Space::Box({n}), .encoder = "raw", .target = "in"}};
  s.populations = {{.name = "in", .model = "rate", .size = n},
                   {.name = "out", .model = "gaussian", .size = n}};
  ProjectionSpec p{.name = "w", .source = "in", .target = "out"};
  p.rule = {.name = "reinforce-trace",
            .parameters = {{"learning_rate", rate}, {"tau", tau}},
            .bindings = {{"reward", "reward"}}};
  s.projections = {p};
  s.modulators = {{.name = "reward", .model = "raw"}};
  s.outputs = {{.name = "y", .source = "out", .decoder = "rates"}};
  auto circuit = Circuit::Compile(s);
  if (circuit.ok()) return *circuit;
  std::fprintf(stderr, "%s\n", circuit.status().ToString().c_str());
  std::exit(2);
}

int64_t Mismatches(const Real* a, const Real* b, int64_t n) {
  int64_t count = 0;
  const auto bits = [](const Real* x) { return std::as_bytes(std::span(x, 1)); };
  for (int64_t i = 0; i < n; ++i) count += !std::ranges::equal(bits(a + i), bits(b + i));
  return count;
}

// Blocks of every length to 64: traces and weights, the weights learning once a block.
int64_t FoldMismatches(uint64_t seed, Isa isa) {
  constexpr int64_t kSize = 200, kBlocks = 5;
  const Kernels& k = KernelsFor(isa);
  std::mt19937_64 world(seed);
  std::normal_distribution<Real> normal;
  const auto draw = [&](int64_t n) {
    Vector v(n);
    for (Real& x : v) x = normal(world);
    return v;
  };
  int64_t mismatches = 0;
  for (int64_t length = 1; length <= 64; ++length) {
    Vector e = draw(kSize * kSize), w = draw(kSize * kSize), folded = e, weights = w;
    for (int64_t block = 0; block < kBlocks; ++block) {
      const Vector a = draw(length * kSize), b = draw(length * kSize);
      const Vector decay(length, Real(0.97));
      const Real c = normal(world);
      for (int64_t i = 0; i < kSize; ++i) {
        for (int64_t p = 0; p < length; ++p)
          k.trace(&e[i * kSize], decay[p], &a[p * kSize + i], &b[p * kSize], 1, kSize);
        k.apply(&w[i * kSize], &e[i * kSize], c, kSize);
        k.replay(&folded[i * kSize], decay.data(), &a[i], kSize, b.data(), kSize, length, kSize);
        k.apply(&weights[i * kSize], &folded[i * kSize], c, kSize);
      }
    }
    mismatches += Mismatches(e.data(), folded.data(), kSize * kSize);
    mismatches += Mismatches(w.data(), weights.data(), kSize * kSize);
  }
  return mismatches;
}

// An agent with that window: each step is rewarded when it is about to leave the window, and the
// weights are compared with those of the trace as it stood.
int64_t WindowMismatches(uint64_t seed, int window) {
  constexpr int kSize = 40, kSteps = 300;
  const auto circuit = MakeCircuit(kSize, window, 0.1, 30);
  const Link& link = circuit->links()[0];
  Agent agent(circuit, seed);
  std::mt19937_64 world(seed);
  std::normal_distribution<float> normal;
  std::vector<float> x(kSize), action(kSize);
  std::vector<Vector> traces;
  int64_t mismatches = 0;
  for (int t = 0; t < kSteps; ++t) {
    for (float& value : x) value = normal(world);
    agent.Step({.observation = x}, action);
    const auto trace = agent.state().span<Real>(link.terms[0].trace);
    traces.emplace_back(trace.begin(), trace.end());
    if (t + 1 < window) continue;
    const auto w = agent.state().span<Real>(link.weights);
    Vector expected(w.begin(), w.end());
    const Real r = normal(world);
    agent.Reward({0, {r}, static_cast<uint64_t>(t + 1 - window)}, true);
    link.kernels->apply(expected.data(), traces[t + 1 - window].data(), static_cast<Real>(0.1 * r),
                        kSize * kSize);
    mismatches += Mismatches(w.data(), expected.data(), kSize * kSize);
  }
  return mismatches;
}

// Largest errors of a forward pass relative to one in double, over all steps.
struct ForwardError {
  double low_rank = 0, dense = 0;
};

// The blocked algorithm on the pairs that an agent retains, beside the agent itself and a naive
// version in double. Every step is rewarded.
ForwardError CompareForward(uint64_t seed, int steps) {
  constexpr int kSize = 48;
  constexpr double kRate = 0.01, kTau = 10;
  const auto circuit = MakeCircuit(kSize, 1, kRate, kTau);
  const Link& link = circuit->links()[0];
  const TermWindow& window = link.terms[0].window;
  Agent agent(circuit, seed);
  std::mt19937_64 world(seed);
  std::normal_distribution<float> normal;
  const double decay = std::exp(-1 / kTau);
  std::vector<double> w64(kSize * kSize), e64(kSize * kSize);
  Vector w0(kSize * kSize);
  std::vector<double> c(window.capacity);
  double d = 0;  // of the base
  std::vector<float> x(kSize), action(kSize);
  ForwardError worst;
  for (int t = 0; t < steps; ++t) {
    for (float& value : x) value = normal(world);
    const Real r = normal(world);
    // The reward, as coefficients.
    const State& s = agent.state();
    const auto kept = static_cast<int64_t>(*s.data<uint32_t>(window.kept));
    const auto first = static_cast<int64_t>(*s.data<uint64_t>(window.formed)) - kept;
    double power = kRate * r;
    for (int64_t k = kept - 1; k >= 0; --k, power *= decay) c[k] += power;
    d += power;
    // The forward pass from the factors.
    const auto slot = [&](int64_t k) { return (first + k) % window.capacity; };
    const Real* base = s.data<Real>(window.base);
    Vector y(kSize);
    for (int i = 0; i < kSize; ++i) {
      Real sum = 0;
      for (int j = 0; j < kSize; ++j)
        sum += (w0[i * kSize + j] + static_cast<Real>(d) * base[i * kSize + j]) * x[j];
      y[i] = sum;
    }
    for (int64_t k = 0; k < kept; ++k) {
      const Real* a = s.data<Real>(window.post) + slot(k) * kSize;
      const Real* b = s.data<Real>(window.pre) + slot(k) * kSize;
      Real dot = 0;
      for (int j = 0; j < kSize; ++j) dot += b[j] * x[j];
      for (int i = 0; i < kSize; ++i) y[i] += static_cast<Real>(c[k]) * dot * a[i];
    }
    if (kept == window.capacity) {  // the agent is about to fold: so do the weights
      for (int i = 0; i < kSize; ++i) {
        for (int j = 0; j < kSize; ++j) {
          Real change = static_cast<Real>(d) * base[i * kSize + j];
          for (int64_t k = 0; k < kept; ++k)
            change += static_cast<Real>(c[k]) * s.data<Real>(window.post)[slot(k) * kSize + i] *
                      s.data<Real>(window.pre)[slot(k) * kSize + j];
          w0[i * kSize + j] += change;
        }
      }
      std::fill(c.begin(), c.end(), 0.0);
      d = 0;
    }
    const RewardInput reward{0, {r}};
    StepInput input;
    input.observation = x;
    input.rewards = {&reward, 1};
    agent.Step(input, action);

    const Node& out = circuit->nodes()[link.target];
    const Real* mean = agent.state().data<Real>(out.columns[1]);
    const Real* score = agent.state().data<Real>(out.columns[2]);
    double most = 0, low_rank = 0, dense = 0;
    for (int i = 0; i < kSize; ++i) {
      double sum = 0;
      for (int j = 0; j < kSize; ++j) {
        const int at = i * kSize + j;
        w64[at] += kRate * r * e64[at];
        sum += w64[at] * x[j];
        e64[at] = decay * e64[at] + double{score[i]} * x[j];
      }
      most = std::max(most, std::abs(sum));
      low_rank = std::max(low_rank, std::abs(y[i] - sum));
      dense = std::max(dense, std::abs(mean[i] - sum));
    }
    if (most == 0) continue;
    worst.low_rank = std::max(worst.low_rank, low_rank / most);
    worst.dense = std::max(worst.dense, dense / most);
  }
  return worst;
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic;
  using namespace phasic::testing;
  Report report(argc, argv, 20);
  report.AtMost("replayed blocks of 1 to 64 pairs, elements that differ from sequential",
                static_cast<double>(FoldMismatches(report.seed(), Isa::kBaseline)), 0);
  for (const Isa isa : Isas().subspan(1)) {
    report.AtMost(absl::StrCat("the same, with kernels for ", NameOf(isa)),
                  static_cast<double>(FoldMismatches(report.seed(), isa)), 0);
  }
  int64_t mismatches = 0;
  for (int window = 1; window <= 64; ++window)
    mismatches += WindowMismatches(report.seed() + window, window);
  report.AtMost("rewards for the oldest step of windows of 1 to 64, weights that differ",
                static_cast<double>(mismatches), 0);
  const ForwardError error = CompareForward(report.seed(), 100'000);
  report.AtMost("low-rank forward over 100000 steps, largest relative error", error.low_rank, 1e-5);
  report.Measured("the agent's own dense forward, largest relative error", error.dense);
  return report.exit_code();
}

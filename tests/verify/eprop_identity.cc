// SPDX-License-Identifier: Apache-2.0
//
// e-prop (Bellec et al. 2020) against backpropagation through time, in a net of 30 spiking neurons
// with a leaky linear read-out and the loss E = 1/2 sum_t |y*(t) - y(t)|^2. The core makes the
// eligibility traces and the learning signals; the oracle is its own simulation of the net, its own
// eligibility by the paper's vectors, and reverse differentiation with the pseudo-derivative.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/base/philox.h"
#include "core/circuit/agent.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

constexpr int kIn = 20, kNet = 30, kOut = 3, kTicks = 100, kRefractory = 3;
constexpr double kThreshold = 0.6, kTauM = 20, kTauA = 200, kTauOut = 20, kDamping = 0.3;

// Rows are target units.
struct Matrix {
  int rows, cols;
  std::vector<double> data = std::vector<double>(static_cast<size_t>(rows) * cols);
  double& operator()(int i, int j) { return data[static_cast<size_t>(i) * cols + j]; }
  double operator()(int i, int j) const { return data[static_cast<size_t>(i) * cols + j]; }
};

struct Problem {
  Matrix in{kNet, kIn}, recurrent{kNet, kNet}, out{kOut, kNet};
  std::vector<double> beta = std::vector<double>(kNet);
  Matrix x{kTicks, kIn}, target{kTicks, kOut};
};

Problem MakeProblem(uint64_t seed, double gain, double beta) {
  Problem p;
  uint64_t stream = 0;
  const auto fill = [&](Matrix& m, double scale) {
    const Random random(seed, 31, ++stream);
    for (size_t n = 0; n < m.data.size(); ++n)
      m.data[n] = scale * random.Normal(static_cast<uint32_t>(n));
  };
  fill(p.in, 1 / std::sqrt(kIn));
  fill(p.recurrent, gain / std::sqrt(kNet));
  fill(p.out, 1 / std::sqrt(kNet));
  fill(p.target, 1);
  for (int i = 0; i < kNet; ++i) p.recurrent(i, i) = 0;
  for (int i = 0; i < kNet; i += 2) p.beta[i] = beta;  // every other unit adapts
  const Random random(seed, 32, 0);
  for (size_t n = 0; n < p.x.data.size(); ++n)
    p.x.data[n] = random.Uniform(static_cast<uint32_t>(n)) < 0.1 ? 1 : 0;
  // What the ports take are floats.
  for (double& y : p.target.data) y = static_cast<float>(y);
  return p;
}

// --- the oracle

// The net through time, by the paper's equations; rows are ticks.
struct Simulation {
  Matrix z{kTicks, kNet}, psi{kTicks, kNet}, y{kTicks, kOut};
  double alpha = std::exp(-1 / kTauM), rho = std::exp(-1 / kTauA), kappa = std::exp(-1 / kTauOut);

  explicit Simulation(const Problem& p) {
    std::vector<double> v(kNet), a(kNet), filtered(kNet);
    std::vector<int> rest(kNet);
    for (int t = 0; t < kTicks; ++t) {
      for (int j = 0; j < kNet; ++j) {
        double drive = 0;
        for (int i = 0; i < kIn; ++i) drive += p.in(j, i) * p.x(t, i);
        for (int i = 0; t > 0 && i < kNet; ++i) drive += p.recurrent(j, i) * z(t - 1, i);
        const double spiked = t > 0 ? z(t - 1, j) : 0;
        v[j] = alpha * v[j] + drive - kThreshold * spiked;
        a[j] = rho * a[j] + spiked;
        if (rest[j]-- > 0) continue;
        rest[j] = 0;
        const double above = v[j] - (kThreshold + p.beta[j] * a[j]);
        psi(t, j) = kDamping / kThreshold * std::max(0.0, 1 - std::abs(above / kThreshold));
        z(t, j) = above >= 0 ? 1 : 0;
        if (above >= 0) rest[j] = kRefractory;
      }
      for (int j = 0; j < kNet; ++j) filtered[j] = kappa * filtered[j] + z(t, j);
      for (int k = 0; k < kOut; ++k)
        for (int j = 0; j < kNet; ++j) y(t, k) += p.out(k, j) * filtered[j];
    }
  }
};

// -dE/dW of both learning matrices, one after the other, by reverse differentiation; and -dE/dz of
// each spike, by all that follows but the neuron's own adaptation. `reset` says whether a spike's
// effect on its own potential counts, which the paper leaves out.
struct Gradient {
  std::vector<double> weights;
  Matrix spike{kTicks, kNet};
};
Gradient BackpropagateThroughTime(const Problem& p, const Simulation& s, bool reset) {
  Gradient g;
  Matrix in{kNet, kIn}, recurrent{kNet, kNet};
  std::vector<double> v(kNet), a(kNet), filtered(kNet);  // adjoints of the next tick
  for (int t = kTicks; t-- > 0;) {
    std::vector<double> v_now(kNet), a_now(kNet);
    for (int j = 0; j < kNet; ++j) {
      filtered[j] *= s.kappa;
      for (int k = 0; k < kOut; ++k) filtered[j] += p.out(k, j) * (p.target(t, k) - s.y(t, k));
      double& spike = g.spike(t, j);
      spike = filtered[j];
      for (int k = 0; k < kNet; ++k) spike += p.recurrent(k, j) * v[k];
      if (reset) spike -= kThreshold * v[j];
      v_now[j] = s.alpha * v[j] + s.psi(t, j) * (spike + a[j]);
      a_now[j] = s.rho * a[j] - p.beta[j] * s.psi(t, j) * (spike + a[j]);
    }
    v = v_now;
    a = a_now;
    for (int j = 0; j < kNet; ++j) {
      for (int i = 0; i < kIn; ++i) in(j, i) += v[j] * p.x(t, i);
      for (int i = 0; t > 0 && i < kNet; ++i) recurrent(j, i) += v[j] * s.z(t - 1, i);
    }
  }
  g.weights = in.data;
  g.weights.insert(g.weights.end(), recurrent.data.begin(), recurrent.data.end());
  return g;
}

// --- the core

std::shared_ptr<const Circuit> MakeCircuit(const Problem& p) {
  const auto values = [](const Matrix& m) {
    InitialWeights initial;
    initial.values.assign(m.data.begin(), m.data.end());
    return initial;
  };
  CircuitSpec s;
  s.inputs = {{.name = "x", .space = Space::Box({kIn}), .encoder = "raw", .target = "in"},
              {.name = "target", .space = Space::Box({kOut}), .encoder = "raw", .target = "error"}};
  s.populations = {{.name = "in", .model = "rate", .size = kIn},
                   {.name = "net",
                    .model = "alif",
                    .size = kNet,
                    .parameters = {{"tau_m", kTauM},
                                   {"tau_a", kTauA},
                                   {"tau_out", kTauOut},
                                   {"threshold", kThreshold},
                                   {"damping", kDamping},
                                   {"refractory", double{kRefractory}},
                                   {"beta", p.beta}}},
                   {.name = "y", .model = "rate", .size = kOut},
                   {.name = "error", .model = "rate", .size = kOut}};
  const auto learn = [&](const char* name, const char* source, const Matrix& m, int delay) {
    ProjectionSpec w{.name = name, .source = source, .target = "net.drive", .delay = delay};
    w.initial = values(m);
    w.rule = {.name = "e-prop",
              .parameters = {{"learning_rate", 0.0}, {"lambda", 1.0}},
              .bindings = {{"td", "reward"}}};
    s.projections.push_back(w);
  };
  learn("w_in", "in", p.in, 0);
  learn("w_net", "net.spike", p.recurrent, 1);
  ProjectionSpec out{.name = "w_out", .source = "net.filtered", .target = "y"};
  out.initial = values(p.out);
  Matrix minus{kOut, kOut};
  for (int k = 0; k < kOut; ++k) minus(k, k) = -1;
  ProjectionSpec less{.name = "less", .source = "y", .target = "error"};
  less.initial = values(minus);
  ProjectionSpec back{.name = "back", .source = "error", .target = "net.learning"};
  back.transpose_of = "w_out";
  s.projections.insert(s.projections.end(), {out, less, back});
  s.modulators = {{.name = "reward", .model = "raw"}};
  s.outputs = {{.name = "action", .source = "y", .decoder = "rates"}};
  return Circuit::Compile(s).value();
}

std::span<const Real> Variable(const Agent& agent, const std::string& component,
                               const std::string& name) {
  const auto& columns = agent.circuit().layout().columns;
  for (size_t id = 0; id < columns.size(); ++id) {
    if (columns[id].component == component && columns[id].name == name) {
      return agent.state().span<Real>(static_cast<ColumnId>(id));
    }
  }
  std::fprintf(stderr, "no variable %s.%s\n", component.c_str(), name.c_str());
  std::exit(2);
}

// A learning projection of the core beside the paper's eligibility vectors (potential, adaptation)
// of the same synapses.
class Synapses {
 public:
  Synapses(const Problem& p, const Simulation& s, const Agent& agent, std::string name, int pre)
      : factorised{kNet, pre}, p_(p), s_(s), agent_(agent), name_(std::move(name)), pre_(pre) {}

  // After tick t, in which `delivered(i)` arrived. Returns sum of -dE/dz e, with the core's e.
  template <class Delivered>
  void After(int t, const Matrix& spike_gradient, Delivered delivered) {
    const auto filtered = Variable(agent_, name_, "filtered");
    for (int j = 0; j < kNet; ++j) {
      const double psi = s_.psi(t, j), before = t > 0 ? s_.psi(t - 1, j) : 0, beta = p_.beta[j];
      for (int i = 0; i < pre_; ++i) {
        const double v = eps_v_(j, i);
        eps_v_(j, i) = s_.alpha * v + delivered(i);
        eps_a_(j, i) = before * v + (s_.rho - before * beta) * eps_a_(j, i);
        const double e = psi * (eps_v_(j, i) - beta * eps_a_(j, i));
        ebar_(j, i) = s_.kappa * ebar_(j, i) + e;
        const double core = filtered[static_cast<size_t>(j) * pre_ + i];
        trace_error = std::max(trace_error, std::abs(core - ebar_(j, i)));
        factorised(j, i) += spike_gradient(t, j) * (core - s_.kappa * last_(j, i));
        last_(j, i) = core;
      }
    }
  }
  // What the core summed of learning signal times eligibility.
  std::span<const Real> Estimate() const { return Variable(agent_, name_, "trace"); }

  double trace_error = 0;
  Matrix factorised;

 private:
  const Problem& p_;
  const Simulation& s_;
  const Agent& agent_;
  const std::string name_;
  const int pre_;
  Matrix eps_v_{kNet, pre_}, eps_a_{kNet, pre_}, ebar_{kNet, pre_}, last_{kNet, pre_};
};

double Cosine(const std::vector<double>& a, const std::vector<double>& b) {
  double ab = 0, aa = 0, bb = 0;
  for (size_t n = 0; n < a.size(); ++n) {
    ab += a[n] * b[n];
    aa += a[n] * a[n];
    bb += b[n] * b[n];
  }
  return ab / std::sqrt(aa * bb);
}

struct Outcome {
  double simulation_error = 0;  // the core's spikes and slopes against the oracle's
  double trace_error = 0;       // the core's filtered eligibility, likewise
  double identity_error = 0;    // sum dE/dz e against dE/dW, relative to its largest element
  double cosine = 0;            // e-prop with dE/dW, without the reset's path as in the paper
  double cosine_reset = 0;      // and with it
  double rate = 0;              // Hz
};

Outcome Compare(const Problem& p) {
  const Simulation s(p);
  const Gradient gradient = BackpropagateThroughTime(p, s, false);
  const Gradient full = BackpropagateThroughTime(p, s, true);
  Outcome outcome;
  for (const Gradient* g : {&gradient, &full}) {
    Agent agent(MakeCircuit(p), 1);
    Synapses in(p, s, agent, "w_in", kIn), net(p, s, agent, "w_net", kNet);
    for (int t = 0; t < kTicks; ++t) {
      std::vector<float> observation;
      for (int i = 0; i < kIn; ++i) observation.push_back(static_cast<float>(p.x(t, i)));
      for (int k = 0; k < kOut; ++k) observation.push_back(static_cast<float>(p.target(t, k)));
      std::vector<float> y(kOut);
      agent.Step({.observation = observation}, y);
      const auto spike = Variable(agent, "net", "spike"), slope = Variable(agent, "net", "slope");
      for (int j = 0; j < kNet; ++j) {
        outcome.simulation_error =
            std::max({outcome.simulation_error, std::abs(spike[j] - s.z(t, j)),
                      std::abs(slope[j] - s.psi(t, j))});
        outcome.rate += s.z(t, j) / (2 * kNet * kTicks) * 1000;
      }
      in.After(t, g->spike, [&](int i) { return p.x(t, i); });
      net.After(t, g->spike, [&](int i) { return t > 0 ? s.z(t - 1, i) : 0; });
    }
    outcome.trace_error = std::max({outcome.trace_error, in.trace_error, net.trace_error});
    std::vector<double> sum = in.factorised.data,
                        estimate(in.Estimate().begin(), in.Estimate().end());
    sum.insert(sum.end(), net.factorised.data.begin(), net.factorised.data.end());
    estimate.insert(estimate.end(), net.Estimate().begin(), net.Estimate().end());
    double largest = 0, worst = 0;
    for (size_t n = 0; n < sum.size(); ++n) {
      largest = std::max(largest, std::abs(g->weights[n]));
      worst = std::max(worst, std::abs(sum[n] - g->weights[n]));
    }
    outcome.identity_error = std::max(outcome.identity_error, worst / largest);
    (g == &full ? outcome.cosine_reset : outcome.cosine) = Cosine(estimate, g->weights);
  }
  return outcome;
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic::testing;
  constexpr int kSeeds = 5;
  constexpr double kGain = 0.5;
  constexpr struct {
    const char* name;
    double beta;
  } kNeurons[] = {{"LIF", 0}, {"ALIF", 0.3}};
  Report report(argc, argv, 1);
  for (const auto& [name, beta] : kNeurons) {
    const std::string of = std::string(name) + ": ";
    Outcome worst;
    double least = 1, least_reset = 1, alone = 1;
    for (int seed = 0; seed < kSeeds; ++seed) {
      const Outcome o = Compare(MakeProblem(report.seed() + seed, kGain, beta));
      std::printf("%s seed %d: %.0f Hz, cosine %.3f, with the reset's path %.3f\n", name, seed,
                  o.rate, o.cosine, o.cosine_reset);
      worst.simulation_error = std::max(worst.simulation_error, o.simulation_error);
      worst.trace_error = std::max(worst.trace_error, o.trace_error);
      worst.identity_error = std::max(worst.identity_error, o.identity_error);
      least = std::min(least, o.cosine);
      least_reset = std::min(least_reset, o.cosine_reset);
      alone = std::min(alone, Compare(MakeProblem(report.seed() + seed, 0, beta)).cosine);
    }
    report.AtMost(of + "spikes and slopes against the oracle", worst.simulation_error, 1e-12);
    report.AtMost(of + "filtered eligibility against the oracle", worst.trace_error, 1e-12);
    report.AtMost(of + "sum of dE/dz e against dE/dW, relative", worst.identity_error, 1e-12);
    report.AtLeast(of + "cosine of e-prop and backpropagation, recurrent gain 0.5", least, 0.7);
    report.Measured(of + "the same with the reset's path", least_reset);
    report.AtMost(of + "1 - cosine without recurrent weights", 1 - alone, 1e-12);
  }
  return report.exit_code();
}

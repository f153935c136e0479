// SPDX-License-Identifier: Apache-2.0
//
// TD(lambda) on the random walk of 19 states (Sutton & Barto 2018, example 7.1 and section 12.2):
// start in the middle, left or right by chance, reward -1 off the left end and +1 off the right.
// The double build checks identities, the float build the published errors.
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/circuit/agent.h"
#include "tests/support/report.h"

namespace phasic::testing {
namespace {

constexpr int kStates = 19;
constexpr double kLambda = 0.8;

struct Walk {
  std::vector<int> states;  // visited, in order
  double reward;            // of the last step; all others are 0
};

Walk MakeWalk(uint64_t seed, uint64_t index) {
  const Random random(seed, 19, index);
  Walk walk{{kStates / 2}, 0};
  for (uint32_t t = 0;; ++t) {
    const int next = walk.states.back() + (random.Uniform(t) < 0.5 ? -1 : 1);
    if (next < 0 || next == kStates) {
      walk.reward = next < 0 ? -1 : 1;
      return walk;
    }
    walk.states.push_back(next);
  }
}

std::shared_ptr<const Circuit> MakeCircuit(double alpha, const char* rule = "td-critic",
                                           double lambda = kLambda) {
  CircuitSpec s;
  s.inputs = {{.name = "observation",
               .space = Space::Discrete(kStates),
               .encoder = "one-hot",
               .target = "state"}};
  s.populations = {{.name = "state", .model = "rate", .size = kStates},
                   {.name = "critic", .model = "rate", .size = 1}};
  ProjectionSpec values{.name = "values", .source = "state", .target = "critic"};
  values.rule = {.name = rule,
                 .parameters = {{"learning_rate", alpha}, {"lambda", lambda}},
                 .bindings = {{"td", "reward.delta"}}};
  ProjectionSpec value{.name = "value", .source = "critic", .target = "reward.value"};
  value.initial.mean = 1;
  s.projections = {values, value};
  s.modulators = {{.name = "reward", .model = "td", .parameters = {{"gamma", 1.0}}}};
  s.outputs = {{.name = "value_out", .source = "critic", .decoder = "rates"}};
  auto circuit = Circuit::Compile(s);
  if (!circuit.ok()) {
    std::fprintf(stderr, "%s\n", circuit.status().ToString().c_str());
    std::exit(2);
  }
  return *circuit;
}

template <class T>
std::span<const T> Variable(const Agent& agent, const std::string& component,
                            const std::string& name) {
  const auto& columns = agent.circuit().layout().columns;
  for (size_t id = 0; id < columns.size(); ++id) {
    if (columns[id].component == component && columns[id].name == name) {
      return agent.state().span<T>(static_cast<ColumnId>(id));
    }
  }
  std::fprintf(stderr, "no variable %s.%s\n", component.c_str(), name.c_str());
  std::exit(2);
}

// One step of the core's agent. After the last state comes the end, with the reward.
void Feed(Agent& agent, const Walk& walk, size_t t) {
  float action[1];
  StepInput input;
  if (t < walk.states.size()) {
    const float observation[1] = {static_cast<float>(walk.states[t])};
    input.observation = observation;
    agent.Step(input, action);
    return;
  }
  const RewardInput reward{0, {static_cast<Real>(walk.reward)}};
  input.rewards = {&reward, 1};
  input.end = End::kTerminated;
  agent.Step(input, action);
}

// With the weights held, the core's TD errors times its traces sum to the lambda-return errors of
// the forward view.
double ForwardAgainstBackward(uint64_t seed, int episodes) {
  const auto circuit = MakeCircuit(0.0);
  Agent agent(circuit, seed);
  // Values that are not all alike.
  Real* v = agent.state().data<Real>(circuit->links()[0].weights);
  for (int s = 0; s < kStates; ++s)
    v[s] = static_cast<Real>(Random(seed, 7, 0).Normal(static_cast<uint32_t>(s)));
  double worst = 0;
  for (int e = 0; e < episodes; ++e) {
    const Walk walk = MakeWalk(seed, static_cast<uint64_t>(e));
    const size_t steps = walk.states.size();
    std::vector<double> backward(kStates, 0.0), forward(kStates, 0.0);
    for (size_t t = 0; t <= steps; ++t) {
      std::vector<double> trace(kStates);
      const auto before = Variable<Real>(agent, "values", "trace");
      std::copy(before.begin(), before.end(), trace.begin());
      double delta = 0;
      if (t < steps) {
        Feed(agent, walk, t);
        delta = Variable<Real>(agent, "reward", "delta")[0];
      } else {
        delta = walk.reward - v[walk.states.back()];  // the end clears what it published
        Feed(agent, walk, t);
      }
      for (int s = 0; s < kStates; ++s) backward[s] += delta * trace[s];
    }
    // G_t = r + (1 - lambda) V(next) + lambda G_next, from the end; gamma is 1.
    double lambda_return = walk.reward;
    for (size_t t = steps; t-- > 0;) {
      if (t + 1 < steps)
        lambda_return = (1 - kLambda) * v[walk.states[t + 1]] + kLambda * lambda_return;
      forward[walk.states[t]] += lambda_return - v[walk.states[t]];
    }
    for (int s = 0; s < kStates; ++s) worst = std::max(worst, std::abs(forward[s] - backward[s]));
  }
  return worst;
}

// The rule as in the book, written down apart from the core, with the order of a step: delta with
// the value that was predicted at the last step, weights, then trace.
struct Tabular {
  std::vector<double> v = std::vector<double>(kStates, 0.0);
  void Play(const Walk& walk, double alpha) {
    std::vector<double> trace(kStates, 0.0);
    double predicted = 0;
    for (size_t t = 0; t <= walk.states.size(); ++t) {
      const bool end = t == walk.states.size();
      const double value = end ? 0 : v[walk.states[t]];
      const double delta = t == 0 ? 0 : (end ? walk.reward : 0) + value - predicted;
      for (int s = 0; s < kStates; ++s) v[s] += alpha * delta * trace[s];
      for (int s = 0; s < kStates; ++s) trace[s] *= kLambda;
      if (!end) trace[walk.states[t]] += 1;
      predicted = value;
    }
  }
};

double EngineAgainstTable(uint64_t seed, int episodes, double alpha) {
  const auto circuit = MakeCircuit(alpha);
  Agent agent(circuit, seed);
  Tabular table;
  double worst = 0;
  for (int e = 0; e < episodes; ++e) {
    const Walk walk = MakeWalk(seed, static_cast<uint64_t>(e));
    for (size_t t = 0; t <= walk.states.size(); ++t) Feed(agent, walk, t);
    table.Play(walk, alpha);
    const auto v = Variable<Real>(agent, "values", "weights");
    for (int s = 0; s < kStates; ++s) worst = std::max(worst, std::abs(v[s] - table.v[s]));
  }
  return worst;
}

// With the weights held, lambda 1 and replacing traces, an episode's TD errors times traces sum to
// the error of the return after each state's first visit (Singh and Sutton 1996).
double ReplacingAgainstFirstVisit(uint64_t seed, int episodes) {
  const auto circuit = MakeCircuit(0.0, "td-critic-replacing", 1.0);
  Agent agent(circuit, seed);
  Real* v = agent.state().data<Real>(circuit->links()[0].weights);
  for (int s = 0; s < kStates; ++s)
    v[s] = static_cast<Real>(Random(seed, 7, 0).Normal(static_cast<uint32_t>(s)));
  double worst = 0;
  for (int e = 0; e < episodes; ++e) {
    const Walk walk = MakeWalk(seed, static_cast<uint64_t>(e));
    const size_t steps = walk.states.size();
    std::vector<double> sum(kStates, 0.0);
    for (size_t t = 0; t <= steps; ++t) {
      const auto now = Variable<Real>(agent, "values", "trace");
      const std::vector<double> trace(now.begin(), now.end());
      Feed(agent, walk, t);
      const double delta = t < steps
                               ? static_cast<double>(Variable<Real>(agent, "reward", "delta")[0])
                               : walk.reward - v[walk.states.back()];
      for (int s = 0; s < kStates; ++s) sum[s] += delta * trace[s];
    }
    for (int s = 0; s < kStates; ++s) {
      const bool visited =
          std::find(walk.states.begin(), walk.states.end(), s) != walk.states.end();
      worst = std::max(worst, std::abs(sum[s] - (visited ? walk.reward - v[s] : 0)));
    }
  }
  return worst;
}

// The walk seen through features that overlap: a fixed random code of kFeatures numbers, with
// rewards and a discount. Weights after each step, by the core's true online TD(lambda) and by the
// online lambda-return algorithm as it is defined (van Seijen et al. 2016, section 3): at every
// horizon again from the weights that the episode began with.
constexpr int kFeatures = 7;
constexpr double kGamma = 0.95;
using Features = std::vector<double>;

Features Code(uint64_t seed, int state) {
  Features x;
  for (uint32_t j = 0; j < kFeatures; ++j)
    x.push_back(static_cast<float>(0.5 * Random(seed, 23, static_cast<uint64_t>(state)).Normal(j)));
  return x;
}

double Dot(const Features& a, const Features& b) {
  double sum = 0;
  for (int j = 0; j < kFeatures; ++j) sum += a[j] * b[j];
  return sum;
}

// The weights at horizon h. `x` holds x_0 .. x_h, `r` r_1 .. r_h, `values` the bootstrap
// V_n = w_{n-1}.x_n of the horizons so far (0 at an end).
Features OnlineLambdaReturn(const Features& start, const std::vector<Features>& x,
                            const std::vector<double>& r, const std::vector<double>& values,
                            double alpha) {
  const size_t h = r.size();
  Features w = start;
  for (size_t t = 0; t < h; ++t) {
    double target = 0, weight = 1, reward = 0, discount = 1;  // sum over n of the n-step returns
    for (size_t n = 1; t + n <= h; ++n) {
      reward += discount * r[t + n - 1];
      discount *= kGamma;
      const double n_step = reward + discount * values[t + n];
      target += (t + n < h ? (1 - kLambda) * weight : weight) * n_step;
      weight *= kLambda;
    }
    const double error = target - Dot(w, x[t]);
    for (int j = 0; j < kFeatures; ++j) w[j] += alpha * error * x[t][j];
  }
  return w;
}

double TrueOnlineAgainstLambdaReturn(uint64_t seed, int episodes, double alpha) {
  CircuitSpec spec = MakeCircuit(alpha, "td-critic-true-online")->spec();
  spec.inputs[0] = {
      .name = "observation", .space = Space::Box({kFeatures}), .encoder = "raw", .target = "state"};
  spec.populations[0].size = kFeatures;
  spec.modulators[0].parameters = {{"gamma", kGamma}};
  Agent agent(Circuit::Compile(spec).value(), seed);
  Features w(kFeatures, 0.0);
  double worst = 0;
  for (int e = 0; e < episodes; ++e) {
    const Walk walk = MakeWalk(seed, static_cast<uint64_t>(e));
    const size_t steps = walk.states.size();
    const Features start = w;
    std::vector<Features> x;
    std::vector<double> r, values{0};
    for (size_t t = 0; t <= steps; ++t) {
      StepInput input;
      float value[1];
      const RewardInput reward{0, {static_cast<Real>(Random(seed, 29, t).Normal(0))}};
      std::vector<float> observation;
      if (t > 0) input.rewards = {&reward, 1};
      if (t < steps) {
        x.push_back(Code(seed, walk.states[t]));
        observation.assign(x.back().begin(), x.back().end());
        input.observation = observation;
      } else {
        input.end = End::kTerminated;
      }
      agent.Step(input, value);
      if (t == 0) continue;
      r.push_back(static_cast<double>(reward.values[0]));
      values.push_back(t < steps ? Dot(w, x.back()) : 0);
      w = OnlineLambdaReturn(start, x, r, values, alpha);
      const auto core = Variable<Real>(agent, "values", "weights");
      for (int j = 0; j < kFeatures; ++j) worst = std::max(worst, std::abs(core[j] - w[j]));
    }
  }
  return worst;
}

// Root mean square error over the states after 10 episodes, averaged over 200 runs.
double MeanError(uint64_t seed, double alpha, const char* rule = "td-critic") {
  constexpr int kRuns = 200, kEpisodes = 10;
  const auto circuit = MakeCircuit(alpha, rule);
  double sum = 0;
  for (int run = 0; run < kRuns; ++run) {
    Agent agent(circuit, seed);
    for (int e = 0; e < kEpisodes; ++e) {
      const Walk walk = MakeWalk(
          seed + 1, uint64_t{kEpisodes} * static_cast<uint64_t>(run) + static_cast<uint64_t>(e));
      for (size_t t = 0; t <= walk.states.size(); ++t) Feed(agent, walk, t);
    }
    double square = 0;
    const auto v = Variable<Real>(agent, "values", "weights");
    constexpr int kMiddle = kStates / 2;
    for (int i = 0; i < kStates; ++i) {
      const double d = v[i] - (i - kMiddle) / 10.0;
      square += d * d;
    }
    sum += std::sqrt(square / kStates);
  }
  return sum / kRuns;
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic::testing;
  Report report(argc, argv, 19);
  if (sizeof(phasic::Real) == 8) {
    report.AtMost("forward view against backward view, max difference",
                  ForwardAgainstBackward(report.seed(), 200), 1e-12);
    report.AtMost("the core against the table, max difference",
                  EngineAgainstTable(report.seed(), 200, 0.1), 1e-12);
    report.AtMost("replacing traces against first visits, max difference",
                  ReplacingAgainstFirstVisit(report.seed(), 200), 1e-12);
    report.AtMost("true online against the online lambda-return, max difference",
                  TrueOnlineAgainstLambdaReturn(report.seed(), 20, 0.1), 1e-12);
  } else {
    // The published order: eligibility after the weight. With the other order the error diverges at
    // all three.
    const double expected[] = {0.29, 0.18, 0.19};
    for (int i = 0; i < 3; ++i) {
      const double alpha = 0.1 * (i + 1);
      const double error = MeanError(report.seed(), alpha);
      std::printf("alpha %.1f: rms error %.3f\n", alpha, error);
      char name[64];
      std::snprintf(name, sizeof name, "rms error at alpha %.1f, distance from %.2f", alpha,
                    expected[i]);
      report.AtMost(name, std::abs(error - expected[i]), 0.02);
    }
    for (const char* rule : {"td-critic-replacing", "td-critic-true-online"}) {
      for (const double alpha : {0.1, 0.2, 0.3, 0.4, 0.6}) {
        char name[64];
        std::snprintf(name, sizeof name, "%s: rms error at alpha %.1f", rule, alpha);
        report.Measured(name, MeanError(report.seed(), alpha, rule));
      }
    }
  }
  return report.exit_code();
}

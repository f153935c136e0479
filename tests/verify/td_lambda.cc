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

std::shared_ptr<const Circuit> MakeCircuit(double alpha) {
  CircuitSpec s;
  s.inputs = {{.name = "observation",
               .space = Space::Discrete(kStates),
               .encoder = "one-hot",
               .target = "state"}};
  s.populations = {{.name = "state", .model = "rate", .size = kStates},
                   {.name = "critic", .model = "rate", .size = 1}};
  ProjectionSpec values{.name = "values", .source = "state", .target = "critic"};
  values.rule = {.name = "td-critic",
                 .parameters = {{"learning_rate", alpha}, {"lambda", kLambda}},
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

// Root mean square error over the states after 10 episodes, averaged over 200 runs.
double MeanError(uint64_t seed, double alpha) {
  constexpr int kRuns = 200, kEpisodes = 10;
  const auto circuit = MakeCircuit(alpha);
  double sum = 0;
  for (int run = 0; run < kRuns; ++run) {
    Agent agent(circuit, seed);
    for (int e = 0; e < kEpisodes; ++e) {
      const Walk walk = MakeWalk(seed + 1, static_cast<uint64_t>(run * kEpisodes + e));
      for (size_t t = 0; t <= walk.states.size(); ++t) Feed(agent, walk, t);
    }
    double square = 0;
    const auto v = Variable<Real>(agent, "values", "weights");
    for (int i = 0; i < kStates; ++i) {
      const double d = v[i] - (i - kStates / 2) / 10.0;
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
  }
  return report.exit_code();
}

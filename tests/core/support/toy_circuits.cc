// SPDX-License-Identifier: Apache-2.0
#include "tests/core/support/toy_circuits.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace phasic::testing {
namespace {

using Clock = When::Clock;

// --- rule "leaky-reward"

constexpr ParamInfo kLeakyParams[] = {
    {.name = "learning_rate",
     .description = "",
     .default_value = 0.1,
     .min = 0,
     .max = 1,
     .live = true},
    {.name = "leak", .description = "", .default_value = 0.01, .min = 0, .max = 1},
    {.name = "tau", .description = "", .unit = "ms", .default_value = 5, .min = 1, .max = 100},
};
constexpr FactorInfo kLeakyPost[] = {{"score", "", "score"}, {"probability", "", "probability"}};
constexpr FactorInfo kLeakyPre[] = {{"pre", "", kPre}};
constexpr GateInfo kLeakyGates[] = {{"reward", ""}};
constexpr Term kLeakyTerms[] = {
    {.post = 0,
     .pre = 0,
     .kernel = Kernel::kExp,
     .decay = Decay::kTau,
     .decay_parameter = 2,
     .rate_parameter = 0,
     .gate = 0,
     .form = Clock::kTick,
     .apply = Clock::kDelivery},
    {.post = 1,
     .pre = 0,
     .kernel = Kernel::kNone,
     .rate_parameter = 1,
     .sign = -1,
     .gate = kAlways,
     .form = Clock::kTick,
     .apply = Clock::kTick},
};
const Rule kLeakyReward = {.name = "leaky-reward",
                           .summary = "",
                           .equations = "",
                           .source = "",
                           .params = kLeakyParams,
                           .post_factors = kLeakyPost,
                           .pre_factors = kLeakyPre,
                           .gates = kLeakyGates,
                           .terms = kLeakyTerms};

// --- rule "row-hebb"

constexpr ParamInfo kRowParams[] = {
    {.name = "learning_rate",
     .description = "",
     .default_value = 0.05,
     .min = 0,
     .max = 1,
     .live = true},
    {.name = "decay", .description = "", .default_value = 0.8, .min = 0, .max = 1},
};
constexpr ColumnInfo kRowColumns[] = {
    {.name = "trace", .description = "", .extent = Extent::kSynapse, .life = Life::kTrace}};
void RowHebb(const RowView& v) noexcept {
  for (int j = 0; j < v.pre_size; ++j) {
    Real& e = v.traces[0][j];
    v.weights[j] += static_cast<Real>(v.params[0] * v.gates[0]) * e;
    if (!v.form) continue;
    const Real pair = v.post[0] * v.pre[0][j];
    e = pair != 0 ? pair : static_cast<Real>(v.params[1]) * e;  // replacing
  }
}
const Rule kRowHebb = {.name = "row-hebb",
                       .summary = "",
                       .equations = "",
                       .source = "",
                       .params = kRowParams,
                       .post_factors = {kLeakyPost, 1},
                       .pre_factors = kLeakyPre,
                       .gates = kLeakyGates,
                       .row = RowHebb,
                       .synapse_columns = kRowColumns};

// --- population "recorder"

constexpr ParamInfo kRecorderParams[] = {{.name = "most",
                                          .description = "",
                                          .default_value = 300,
                                          .min = 1,
                                          .max = 1e6,
                                          .integer = true}};
constexpr SiteInfo kRecorderSites[] = {{"drive", ""}};
constexpr ColumnInfo kRecorderColumns[] = {
    {.name = "total", .description = "", .output = true},
    {.name = "memory",
     .description = "",
     .type = kReal,
     .extent = Extent::kArena,
     .life = Life::kLearned,
     .cap_parameter = 0,
     .growth = 1},
};
void Record(Lanes lanes, const Node& node) noexcept {
  for (const Lane& lane : lanes) {
    const View v(lane, node);
    Real sum = 0;
    for (const Real x : v.site(0)) sum += x;
    if (lane.learning) {
      if (Real* slot = v.arena(1).Append<Real>(1, static_cast<int64_t>(v.param(0)))) *slot = sum;
    }
    Real total = 0;
    for (const Real x : v.arena(1).elements<Real>()) total += x;
    for (Real& out : v.column(0)) out = total;
  }
}
const Component kRecorder = {.kind = Kind::kPopulation,
                             .name = "recorder",
                             .summary = "",
                             .equations = "",
                             .source = "",
                             .params = kRecorderParams,
                             .sites = kRecorderSites,
                             .columns = kRecorderColumns,
                             .forward = Record};

template <class T>
std::vector<const T*> With(std::span<const T* const> table, std::vector<const T*> more) {
  more.insert(more.begin(), table.begin(), table.end());
  return more;
}

// --- the circuits

InputSpec Raw(int n, const std::string& target) {
  return {.name = "observation",
          .space = Space::Box({n}, {-1}, {1}),
          .encoder = "raw",
          .target = target};
}
PopulationSpec Population(const std::string& name, const std::string& model, int size,
                          ParamMap p = {}) {
  return {.name = name, .model = model, .size = size, .parameters = std::move(p)};
}
ProjectionSpec Projection(const std::string& name, const std::string& from, const std::string& to,
                          const std::string& rule, const std::string& gate, int delay = 0) {
  ProjectionSpec p{.name = name, .source = from, .target = to, .delay = delay};
  p.initial = {InitialWeights::Distribution::kNormal, 0, 0.3, {}};
  p.rule.name = rule;
  if (!gate.empty()) p.rule.bindings = {{gate, "reward"}};
  return p;
}
OutputSpec Out(const std::string& source, const std::string& decoder) {
  return {.name = "action", .source = source, .decoder = decoder};
}

CircuitSpec RecurrentEpisodic() {
  CircuitSpec s;
  s.inputs = {Raw(3, "h.drive")};
  s.populations = {Population("h", "bernoulli", 3)};
  s.projections = {Projection("hh", "h.spike", "h.drive", "reinforce", "reward", 1)};
  s.modulators = {{.name = "reward", .model = "baseline", .when = When::On(Clock::kEpisode)}};
  s.outputs = {Out("h.spike", "bits")};
  return s;
}

CircuitSpec ActorCritic() {
  CircuitSpec s;
  s.ticks_per_step = 2;
  s.inputs = {Raw(4, "place.drive")};
  s.populations = {Population("place", "rate", 4), Population("critic", "rate", 1),
                   Population("policy", "softmax", 3)};
  ProjectionSpec value = Projection("value", "critic", "reward.value", "", "");
  value.initial = {InitialWeights::Distribution::kConstant, 1, 0, {}};
  s.projections = {Projection("values", "place", "critic", "td-critic", "td"),
                   Projection("preferences", "place", "policy", "td-actor", "td"), value};
  s.modulators = {{.name = "reward", .model = "td"}};
  s.outputs = {Out("policy", "index")};
  return s;
}

CircuitSpec TwoLayerFeedback() {
  CircuitSpec s;
  s.sweeps = 2;
  s.inputs = {Raw(5, "in.drive")};
  s.populations = {Population("in", "rate", 5),
                   Population("hidden", "rate", 4, {{"transfer", std::string("tanh")}}),
                   Population("policy", "softmax", 3)};
  ProjectionSpec back{.name = "back", .source = "policy.score", .target = "hidden.topdown"};
  back.transpose_of = "upper";
  s.projections = {back, Projection("lower", "in", "hidden", "policy-gradient", "reward"),
                   Projection("upper", "hidden", "policy", "reinforce-trace", "reward")};
  s.modulators = {{.name = "reward", .model = "baseline"}};
  s.outputs = {Out("policy", "index")};
  return s;
}

CircuitSpec TwoTerms() {
  CircuitSpec s;
  s.inputs = {Raw(4, "in.drive")};
  s.populations = {Population("in", "rate", 4), Population("out", "bernoulli", 3)};
  ProjectionSpec leaky = Projection("leaky", "in", "out", "leaky-reward", "reward", 3);
  leaky.min_weight = -0.5;
  leaky.max_weight = 0.5;
  s.projections = {leaky, Projection("rows", "in", "out", "row-hebb", "reward")};
  s.modulators = {{.name = "reward", .model = "raw", .parameters = {{"tau", 3.0}}}};
  s.outputs = {Out("out.spike", "bits")};
  return s;
}

CircuitSpec Growing() {
  CircuitSpec s;
  s.inputs = {Raw(2, "in.drive")};
  s.populations = {Population("in", "rate", 2), Population("memory", "recorder", 2),
                   Population("out", "gaussian", 2)};
  s.projections = {Projection("notes", "in", "memory", "", ""),
                   Projection("recall", "memory", "out", "reinforce-trace", "reward")};
  s.modulators = {{.name = "reward", .model = "raw"}};
  s.outputs = {Out("out.value", "rates")};
  return s;
}

// Indices and numbers in, several choices and numbers out.
CircuitSpec SeveralPorts() {
  CircuitSpec s;
  s.inputs = {{.name = "digits",
               .space = Space::MultiDiscrete({2, 3}),
               .encoder = "one-hot",
               .target = "code.drive"},
              Raw(2, "sense.drive")};
  s.populations = {Population("code", "rate", 5), Population("sense", "rate", 2),
                   Population("policy", "softmax", 6, {{"groups", std::vector<double>{2, 1, 3}}}),
                   Population("hand", "gaussian", 2)};
  s.projections = {Projection("read", "code", "policy", "reinforce-trace", "reward"),
                   Projection("feel", "sense", "policy", "reinforce-trace", "reward"),
                   Projection("push", "sense", "hand", "reinforce-trace", "reward", 2)};
  s.modulators = {{.name = "reward", .model = "baseline"}};
  s.outputs = {Out("policy", "index"), {.name = "force", .source = "hand", .decoder = "vector"}};
  s.outputs[1].space = Space::Box({2}, {-1}, {1});
  return s;
}

// Rewards for past steps and for steps to come, for terms of every kernel.
CircuitSpec PastRewards() {
  CircuitSpec s = TwoTerms();
  s.ticks_per_step = 2;
  s.reward_window = 20;
  s.projections.pop_back();  // a row function keeps no past
  s.projections.push_back(Projection("summed", "in", "out", "reinforce-trace", "reward"));
  s.projections.push_back(Projection("averaged", "in", "out", "reinforce-trace", "mean", 1));
  s.projections.back().rule.bindings = {{"reward", "mean"}};
  s.modulators[0].early_window = 5;
  s.modulators.push_back({.name = "mean",
                          .model = "baseline",
                          .combine = Combine::kMean,
                          .default_reward = -0.1,
                          .early_window = 3});
  return s;
}

// Spikes between two sparse populations, with delay and bounds, under dopamine that decays.
CircuitSpec SparseSpikes() {
  CircuitSpec s;
  s.inputs = {Raw(6, "a.drive")};
  s.populations = {Population("a", "izhikevich", 6, {{"noise", 20.0}}),
                   Population("b", "izhikevich", 5, {{"noise", 20.0}})};
  ProjectionSpec learn = Projection("learn", "a", "b", "da-stdp", "reward", 2);
  learn.rule.bindings = {{"dopamine", "reward"}};
  learn.initial = {InitialWeights::Distribution::kUniform, 2, 1};
  learn.dale = Dale::kExcitatory;
  learn.max_weight = 3;
  learn.connectivity = {.rule = Connectivity::Rule::kBernoulli, .probability = 0.7};
  ProjectionSpec back = Projection("back", "b", "a", "", "", 1);
  back.connectivity = {.rule = Connectivity::Rule::kFixedInDegree, .degree = 2};
  back.initial.mean = -1;
  s.projections = {learn, back};
  s.modulators = {{.name = "reward", .model = "raw", .parameters = {{"tau", 20.0}}}};
  s.outputs = {Out("b.spike", "bits")};
  return s;
}

}  // namespace

std::vector<ToyCircuit> ToyCircuits() {
  return {{"RecurrentEpisodic", RecurrentEpisodic()},
          {"ActorCritic", ActorCritic()},
          {"TwoLayerFeedback", TwoLayerFeedback()},
          {"TwoTerms", TwoTerms()},
          {"Growing", Growing()},
          {"SeveralPorts", SeveralPorts()},
          {"PastRewards", PastRewards()},
          {"SparseSpikes", SparseSpikes()}};
}

const Catalogue& ToyCatalogue() {
  static const auto populations = With(Circuit::Standard().populations, {&kRecorder});
  static const auto rules = With(Circuit::Standard().rules, {&kLeakyReward, &kRowHebb});
  static const Catalogue catalogue = [] {
    Catalogue c = Circuit::Standard();
    c.populations = populations;
    c.rules = rules;
    return c;
  }();
  return catalogue;
}

std::shared_ptr<const Circuit> CompileToy(const CircuitSpec& spec) {
  std::vector<Violation> violations;
  auto circuit = Circuit::Compile(spec, ToyCatalogue(), &violations);
  for (const Violation& v : violations) ADD_FAILURE() << v.field << ": " << v.description;
  return circuit;
}

std::span<const uint8_t> Script::DrawMask(const Random& random) {
  forbidden_.resize(circuit_.mask_size());
  for (size_t i = 0; i < forbidden_.size(); ++i) {
    forbidden_[i] = random.Bits(static_cast<uint32_t>(i), 3) % 2;
  }
  for (const Port& port : circuit_.outputs()) {
    if (port.forbidden == kNoColumn) continue;
    int first = port.mask_offset;
    for (int i = 0; i < port.space.choices(); ++i) {
      const int n = port.space.alternatives(i);
      forbidden_[first + random.Bits(static_cast<uint32_t>(first), 4) % n] = 0;
      first += n;
    }
  }
  return forbidden_;
}

const StepInput& Script::At(uint64_t index) {
  const Random random(seed_, 0, index);
  observation_.resize(circuit_.observation_size());
  for (const Port& port : circuit_.inputs()) {
    for (int i = 0; i < port.size; ++i) {
      const double u = random.Uniform(static_cast<uint32_t>(port.offset + i));
      observation_[port.offset + i] =
          port.space.choices() > 0
              ? static_cast<float>(static_cast<int>(u * port.space.alternatives(i)))
              : static_cast<float>(2 * u - 1);
    }
  }
  rewards_.clear();
  const uint32_t channels = static_cast<uint32_t>(circuit_.channels().size());
  for (uint32_t r = 0; channels > 0 && r < random.Bits(0, 1) % 3; ++r) {
    rewards_.push_back({static_cast<int>(r % channels), {static_cast<Real>(random.Normal(r, 2))}});
  }
  // For steps around this one, most of which there are, on every channel.
  for (uint32_t r = 0; circuit_.spec().reward_window > 0 && r < random.Bits(5, 1) % 4; ++r) {
    const uint64_t ahead = index + random.Bits(r, 5) % 5, back = random.Bits(r, 6) % 24;
    const int channel = static_cast<int>(random.Bits(r, 7) % circuit_.channels().size());
    rewards_.push_back({channel, {static_cast<Real>(random.Normal(r, 8))}});
    rewards_.back().step = ahead < back ? 0 : ahead - back;
  }
  input_ = StepInput();
  input_.observation = observation_;
  input_.rewards = rewards_;
  input_.ticks = circuit_.spec().reward_window == 0 && random.Bits(1, 1) % 4 == 0 ? 3 : 0;
  const uint32_t end = random.Bits(2, 1) % 16;
  input_.end = end == 0 ? End::kTerminated : end == 1 ? End::kTruncated : End::kNone;
  input_.greedy = random.Bits(3, 1) % 8 == 0;
  if (random.Bits(4, 1) % 4 == 0) input_.forbidden = DrawMask(random);
  return input_;
}

}  // namespace phasic::testing

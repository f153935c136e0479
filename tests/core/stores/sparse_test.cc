// SPDX-License-Identifier: Apache-2.0
//
// Synapses that are touched only when a spike meets them, against the same rules done to every
// synapse in every tick.
#include <gtest/gtest.h>

#include "tests/core/support/spike_world.h"

namespace phasic::testing {
namespace {

constexpr int kUnits = 11;  // of SpikeWorld, both sides

TEST(SparseStore, EqualsTheNaiveForm) {
  for (const bool bounded : {false, true}) {
    SpikeWorld world;
    if (!bounded) world.min_weight = world.max_weight = std::nullopt;
    const Differences d = CompareWithNaive(world, {}, 1000, /*disturbed=*/false);
    EXPECT_LT(d.weight, 1e-5) << bounded;
    EXPECT_LT(d.trace, 1e-5) << bounded;
  }
}

TEST(SparseStore, RestoredInTheMiddleItGoesOnWithTheSameBits) {
  SpikeWorld world;
  const Differences whole = CompareWithNaive(world, {}, 500, /*disturbed=*/false);
  const Differences restored = CompareWithNaive(world, {}, 500, /*disturbed=*/true);
  EXPECT_EQ(whole.weight, restored.weight);
  EXPECT_EQ(whole.trace, restored.trace);
}

TEST(SparseStore, LookingChangesNothing) {
  const auto circuit = Circuit::Compile(SpikeWorld().spec()).value();
  Agent watched(circuit, 1), alone(circuit, 1);
  const SpikeScript script;
  const Link& link = circuit->links()[0];
  std::vector<std::byte> recorded(watched.Read(link.weights).size());
  for (int t = 0; t < 300; ++t) {
    const std::vector<float> spikes = script.Spikes(t, kUnits);
    std::vector<float> action(circuit->action_size());
    StepInput input;
    input.observation = spikes;
    const RewardInput reward{0, {script.Reward(t)}};
    input.rewards = {&reward, 1};
    alone.Step(input, action);
    const Recorder recorder{link.weights, 1, recorded.data()};
    input.recorders = {&recorder, 1};
    watched.Step(input, action);
    EXPECT_EQ(watched.Read(link.weights), recorded) << t;
    (void)watched.Read(link.lazy.pending);
    ASSERT_EQ(watched.Digest(), alone.Digest()) << t;
  }
}

TEST(SparseStore, FrozenKeepsEveryBitOfEveryWeight) {
  const auto circuit = Circuit::Compile(SpikeWorld().spec()).value();
  Agent agent(circuit, 1);
  const SpikeScript script;
  for (int t = 0; t < 100; ++t) Tick(agent, script, t, kUnits, true);
  const auto before = agent.Read(circuit->links()[0].weights);
  for (int t = 100; t < 400; ++t) {
    Tick(agent, script, t, kUnits, false);
    ASSERT_EQ(agent.Read(circuit->links()[0].weights), before) << t;
  }
}

TEST(SparseStore, ASettledImageIsAState) {
  const auto circuit = Circuit::Compile(SpikeWorld().spec()).value();
  Agent agent(circuit, 1);
  const SpikeScript script;
  for (int t = 0; t < 100; ++t) Tick(agent, script, t, kUnits, true);
  Agent settled = agent;
  for (size_t id = 0; id < circuit->layout().columns.size(); ++id) {
    settled.state().Assign(static_cast<ColumnId>(id), agent.Read(static_cast<ColumnId>(id)));
  }
  const ColumnId weights = circuit->links()[0].weights;
  EXPECT_EQ(settled.Read(weights), agent.Read(weights));
  for (int t = 100; t < 200; ++t) {
    Tick(agent, script, t, kUnits, true);
    Tick(settled, script, t, kUnits, true);
  }
  const auto a = Weights(agent), b = Weights(settled);
  for (size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], 1e-5);
}

// A rule of one term, on a projection where every source meets every target, in both stores.
struct OneTerm {
  Term term;
  ParamInfo params[2] = {
      {.name = "learning_rate",
       .description = "",
       .default_value = 0.05,
       .min = 0,
       .max = 10,
       .live = true},
      {.name = "tau", .description = "", .default_value = 9, .min = 1, .max = 99}};
  FactorInfo post = {"spike", "", "spike"}, pre = {"pre", "", kPre};
  GateInfo gate = {"dopamine", ""};
  Rule rule;
  explicit OneTerm(Term t) : term(t) {
    rule = {.name = "da-stdp",
            .summary = "",
            .equations = "",
            .source = "",
            .params = params,
            .post_factors = {&post, 1},
            .pre_factors = {&pre, 1},
            .gates = {&gate, 1},
            .terms = {&term, 1}};
  }
};

TEST(SparseStore, EqualsTheDenseStoreForEveryKernel) {
  for (const Kernel kernel : {Kernel::kNone, Kernel::kSum, Kernel::kExp}) {
    for (const bool present : {false, true}) {
      for (const double tau : {0.0, 30.0}) {  // 0: rewards act between ticks
        const OneTerm one({.post = 0,
                           .pre = 0,
                           .kernel = kernel,
                           .decay_parameter = 1,
                           .gate = 0,
                           .present_pair = present});
        const Rule* const rules[] = {&one.rule};
        Catalogue catalogue = Circuit::Standard();
        catalogue.rules = rules;
        std::vector<Agent> agents;
        for (const bool sparse : {false, true}) {
          SpikeWorld world;
          world.modulator = {{"tau", tau}};
          world.connectivity = {};
          if (sparse) {
            world.connectivity = {.rule = Connectivity::Rule::kBernoulli, .probability = 1};
          }
          std::vector<Violation> violations;
          auto circuit = Circuit::Compile(world.spec(), catalogue, &violations);
          ASSERT_NE(circuit, nullptr) << violations.front().description;
          agents.emplace_back(std::move(circuit), 1);
        }
        std::fill_n(agents[0].state().data<Real>(agents[0].circuit().links()[0].weights), 30,
                    Real{0.5});
        std::fill_n(agents[1].state().data<Real>(agents[1].circuit().links()[0].weights), 30,
                    Real{0.5});
        const SpikeScript script;
        for (int t = 0; t < 400; ++t) {
          for (Agent& agent : agents) {
            Tick(agent, script, t, kUnits, script.Learning(t));
            if (t % 151 == 150) agent.ResetEpisode(true);
          }
          const auto dense = Weights(agents[0]), sparse = Weights(agents[1]);
          for (int j = 0; j < 6; ++j) {
            for (int i = 0; i < 5; ++i) ASSERT_NEAR(dense[i * 6 + j], sparse[j * 5 + i], 2e-5) << t;
          }
        }
      }
    }
  }
}

TEST(SparseStore, DeliversWhatItsWeightsAreNow) {
  SpikeWorld world;
  world.delay = 0;
  const auto circuit = Circuit::Compile(world.spec()).value();
  Agent agent(circuit, 1);
  const SpikeScript script;
  const Synapses& synapses = *circuit->links()[0].synapses;
  for (int t = 0; t < 200; ++t) {
    const auto w = Weights(agent);
    const std::vector<float> spikes = script.Spikes(t, kUnits);
    std::vector<float> expected(world.post);
    for (int j = 0; j < world.pre; ++j) {
      for (uint32_t k = synapses.first[j]; k < synapses.first[j + 1]; ++k) {
        expected[synapses.target[k]] += spikes[j] * static_cast<float>(w[k]);
      }
    }
    std::vector<float> action(world.post);
    StepInput input;
    input.observation = spikes;
    const RewardInput reward{0, {script.Reward(t)}};
    input.rewards = {&reward, 1};
    agent.Step(input, action);
    EXPECT_EQ(action, expected) << t;
  }
}

std::string FaultOf(const SpikeWorld& world) {
  const auto circuit = Circuit::Compile(world.spec());
  return circuit.ok() ? "" : std::string(circuit.status().message());
}

TEST(SparseStore, RefusesWhatItCannotDo) {
  SpikeWorld world;
  world.rule = {.name = "td-critic", .bindings = {{"td", "da.level"}}};
  EXPECT_EQ(FaultOf(world), "");  // slow, but right
  world.modulator["tau"] = 0.0;
  SpikeWorld clocks;
  clocks.rule.when = When::On(When::Clock::kEvery);
  clocks.rule.when->n = 10;
  EXPECT_NE(FaultOf(clocks).find("must be the clock of the modulator"), std::string::npos);
}

}  // namespace
}  // namespace phasic::testing

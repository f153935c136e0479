// SPDX-License-Identifier: Apache-2.0
//
// SHADOW: an agent learns from what someone else did as if it had drawn that itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/errors.h"
#include "tests/core/support/probe.h"
#include "tests/core/support/toy_circuits.h"

namespace phasic::testing {
namespace {

using ::testing::HasSubstr;

// A softmax choice in two groups, bits, and numbers; what was chosen goes on to another population.
CircuitSpec Actors() {
  CircuitSpec s;
  s.inputs = {{.name = "in", .space = Space::Box({3}, {-1}, {1}), .encoder = "raw", .target = "p"}};
  s.populations = {{.name = "p", .model = "rate", .size = 3},
                   {.name = "choice",
                    .model = "softmax",
                    .size = 5,
                    .parameters = {{"groups", std::vector<double>{2, 3}}}},
                   {.name = "bits", .model = "bernoulli", .size = 3},
                   {.name = "numbers", .model = "gaussian", .size = 2},
                   {.name = "seen", .model = "rate", .size = 5}};
  const auto learn = [](const std::string& target) {
    ProjectionSpec p{.name = "to_" + target, .source = "p", .target = target};
    p.initial = {InitialWeights::Distribution::kNormal, 0, 0.3, {}};
    p.rule = {.name = "reinforce-trace", .bindings = {{"reward", "reward"}}};
    return p;
  };
  ProjectionSpec copy{.name = "copy", .source = "choice", .target = "seen"};
  copy.initial.mean = 1;
  s.projections = {learn("choice"), learn("bits"), learn("numbers"), copy};
  s.modulators = {{.name = "reward", .model = "baseline"}};
  s.outputs = {{.name = "chosen", .source = "choice", .decoder = "index"},
               {.name = "switches", .source = "bits", .decoder = "bits"},
               {.name = "force", .source = "numbers", .decoder = "vector"}};
  return s;
}

std::shared_ptr<const Circuit> Compile(const CircuitSpec& spec) {
  auto circuit = Circuit::Compile(spec);
  EXPECT_TRUE(circuit.ok()) << circuit.status();
  return circuit.ok() ? *circuit : nullptr;
}

std::vector<Real> Learned(const Agent& agent) {
  std::vector<Real> all;
  const auto& columns = agent.circuit().layout().columns;
  for (size_t id = 0; id < columns.size(); ++id) {
    if (columns[id].life != Life::kLearned && columns[id].life != Life::kAdaptive) continue;
    const auto column = agent.state().span<Real>(static_cast<ColumnId>(id));
    all.insert(all.end(), column.begin(), column.end());
  }
  return all;
}

TEST(ShadowTest, LearnsWhatItWouldHaveHadItDoneThatItself) {
  const auto circuit = Compile(Actors());
  ASSERT_EQ(circuit->WhyNoShadow(), "");
  Agent actor(circuit, 1), shadow = actor;
  shadow.set_seed(2);
  std::vector<float> observation(3), taken(circuit->action_size()), own(taken), alone(taken);
  int differ = 0;
  for (int t = 0; t < 300; ++t) {
    const Random random(9, 0, t);
    for (uint32_t i = 0; i < 3; ++i) observation[i] = static_cast<float>(2 * random.Uniform(i) - 1);
    const RewardInput reward{0, {static_cast<Real>(random.Normal(0, 1))}};
    StepInput input;
    input.observation = observation;
    input.rewards = {&reward, 1};
    if (t % 20 == 19) input.end = End::kTruncated;
    actor.Step(input, taken);
    Agent free = shadow;
    free.Step(input, alone);
    if (input.end == End::kNone) input.taken_action = taken;
    ASSERT_TRUE(shadow.Check(input).ok()) << shadow.Check(input);
    shadow.Step(input, own);
    EXPECT_EQ(own, alone) << "its own choice is what it would have done";
    differ += own[0] != taken[0];
    ASSERT_EQ(Learned(shadow), Learned(actor)) << t;
  }
  EXPECT_GT(differ, 30);
}

TEST(ShadowTest, LaterPopulationsSeeWhatWasDone) {
  Probe probe(Actors());
  StepInput input;
  const std::vector<float> taken = {1, 2, 1, 0, 1, 0.25f, -3};
  input.taken_action = taken;
  probe.Step({0, 0, 0}, input);
  const auto choice = probe.Read("choice", "choice");
  EXPECT_EQ(std::vector<Real>(choice.begin(), choice.end()), (std::vector<Real>{0, 1, 0, 0, 1}));
  EXPECT_EQ(probe.Read("seen", "rate")[0], 2);
  EXPECT_EQ(probe.Read("bits", "spike")[1], 0);
  EXPECT_EQ(probe.Read("numbers", "value")[1], -3);
  EXPECT_EQ(probe.Read("numbers", "score")[1], -3);
}

TEST(ShadowTest, WhatCannotHaveBeenDoneIsRefused) {
  Probe probe(Actors());
  const auto check = [&](std::vector<float> taken, End end = End::kNone,
                         std::vector<uint8_t> forbidden = {}) {
    const std::vector<float> observation(3);
    StepInput input;
    input.observation = observation;
    input.taken_action = taken;
    input.forbidden = forbidden;
    input.end = end;
    const absl::Status status = probe.agent().Check(input);
    const ErrorDetails details = DetailsOf(status);
    return details.violations.empty() ? "" : details.violations[0].field;
  };
  EXPECT_EQ(check({0, 0, 0, 0, 0, 0, 0}), "");
  EXPECT_EQ(check({0, 0, 0, 0, 0, 0}), "taken_action");
  EXPECT_EQ(check({0, 3, 0, 0, 0, 0, 0}), "taken_action[1]");
  EXPECT_EQ(check({0, 0, 0, 0.5f, 0, 0, 0}), "taken_action[3]");
  EXPECT_EQ(check({0, 1, 0, 0, 0, 0, 0}, End::kNone, {0, 0, 0, 1, 0}), "taken_action[1]");
  EXPECT_EQ(check({0, 0, 0, 0, 0, 0, 0}, End::kTruncated), "taken_action");
}

TEST(ShadowTest, WhatIsInTheWayIsNamed) {
  CircuitSpec rates = Actors();
  rates.outputs.push_back({.name = "report", .source = "seen", .decoder = "rates"});
  EXPECT_THAT(Compile(rates)->WhyNoShadow(), HasSubstr("\"report\""));

  CircuitSpec hidden = Actors();
  hidden.outputs.pop_back();
  EXPECT_THAT(Compile(hidden)->WhyNoShadow(), HasSubstr("\"to_numbers\""));

  CircuitSpec twice = Actors();
  twice.outputs.push_back({.name = "again", .source = "numbers", .decoder = "rates"});
  EXPECT_THAT(Compile(twice)->WhyNoShadow(), HasSubstr("as another does"));

  CircuitSpec ranked = Actors();
  ranked.outputs[2].decoder = "index";  // the largest of two numbers does not say which they were
  const auto circuit = Compile(ranked);
  EXPECT_THAT(circuit->WhyNoShadow(), HasSubstr("\"force\""));
  Agent agent(circuit, 1);
  StepInput input;
  const std::vector<float> observation(3), taken(circuit->action_size());
  input.observation = observation;
  input.taken_action = taken;
  EXPECT_EQ(agent.Check(input).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(DetailsOf(agent.Check(input)).reason, "SHADOW_NOT_SUPPORTED");
}

}  // namespace
}  // namespace phasic::testing

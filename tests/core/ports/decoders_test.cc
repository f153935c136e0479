// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

TEST(IndexDecoderTest, TakesTheLargestAndTheFirstOfEquals) {
  Probe probe(DrivenPopulation("rate", 4, {}, "index"));
  EXPECT_EQ(probe.Step({1, 3, 2, 3})[0], 1);
  EXPECT_EQ(probe.Step({0, 0, 0, 0})[0], 0);
  EXPECT_EQ(probe.Step({-4, -3, -2, -9})[0], 2);
}

TEST(IndexDecoderTest, HonoursTheMaskOfAPopulationThatDoesNot) {
  Probe probe(DrivenPopulation("rate", 3, {}, "index"));
  const std::vector<uint8_t> forbidden = {0, 1, 0};
  StepInput input;
  input.forbidden = forbidden;
  EXPECT_EQ(probe.Step({1, 9, 2}, input)[0], 2);
  EXPECT_EQ(probe.Step({1, 9, 2})[0], 1);
}

TEST(IndexDecoderTest, AMaskThatForbidsAllIsRefusedAndChangesNothing) {
  Probe probe(DrivenPopulation("rate", 2, {}, "index"));
  const std::vector<uint8_t> forbidden = {1, 1};
  const std::vector<float> observation = {1, 2};
  StepInput input;
  input.observation = observation;
  input.forbidden = forbidden;
  EXPECT_EQ(DetailsOf(probe.agent().Check(input)).reason, "BAD_ACTION_MASK");
}

// The circuit of a population of five units, decoded into this space (unset: the natural one).
CircuitSpec FiveUnits(const std::string& model, ParamMap parameters, const Space& space) {
  CircuitSpec s = DrivenPopulation(model, 5, std::move(parameters), "index");
  s.outputs[0].space = space;
  return s;
}

TEST(IndexDecoderTest, DecodesSeveralChoicesGroupByGroup) {
  Probe probe(FiveUnits("rate", {}, Space::MultiDiscrete({2, 3})));
  EXPECT_EQ(probe.Step({1, 2, 7, 9, 9}), (std::vector<float>{1, 1}));
  EXPECT_EQ(probe.Step({3, 2, -1, -2, 0}), (std::vector<float>{0, 2}));
  const std::vector<uint8_t> forbidden = {1, 0, 0, 0, 1};
  StepInput input;
  input.forbidden = forbidden;
  EXPECT_EQ(probe.Step({3, 2, -1, -2, 0}, input), (std::vector<float>{1, 0}));
}

TEST(IndexDecoderTest, EachChoiceNeedsAnAllowedAlternative) {
  Probe probe(FiveUnits("softmax", {{"groups", std::vector<double>{2, 3}}}, Space()));
  const std::vector<float> observation(5);
  StepInput input;
  input.observation = observation;
  const std::vector<uint8_t> forbidden = {0, 0, 1, 1, 1};
  input.forbidden = forbidden;
  const absl::Status status = probe.agent().Check(input);
  EXPECT_EQ(DetailsOf(status).reason, "BAD_ACTION_MASK");
  EXPECT_EQ(DetailsOf(status).violations[0].description,
            "forbid every alternative of choice 1 of the port \"action\"");
}

TEST(IndexDecoderTest, TheGroupsAreThoseInWhichThePopulationChooses) {
  const ParamMap grouped = {{"groups", std::vector<double>{2, 3}}};
  // What it decodes into; no space when the spec does not compile.
  const auto decoded = [](const std::string& model, const ParamMap& parameters,
                          const Space& wanted) {
    const auto circuit = Circuit::Compile(FiveUnits(model, parameters, wanted));
    if (circuit.ok()) return (*circuit)->outputs()[0].space;
    EXPECT_EQ(DetailsOf(circuit.status()).violations[0].field, "outputs[0].space");
    return Space();
  };
  const Space space = Space::MultiDiscrete({2, 3});
  EXPECT_EQ(decoded("softmax", grouped, Space()), space);
  EXPECT_EQ(decoded("softmax", grouped, space), space);
  EXPECT_EQ(decoded("softmax", {}, Space()), Space::Discrete(5));
  EXPECT_EQ(decoded("softmax", {}, Space::MultiDiscrete({5})), Space::MultiDiscrete({5}));
  EXPECT_EQ(decoded("rate", {}, space), space);
  for (const Space& wrong :
       {Space::MultiDiscrete({3, 2}), Space::MultiDiscrete({2, 2, 1}), Space::MultiDiscrete({5}),
        Space::Discrete(5), Space::MultiBinary(5)}) {
    EXPECT_EQ(decoded("softmax", grouped, wrong), Space()) << wrong.ToString();
  }
  EXPECT_EQ(decoded("softmax", {}, space), Space());
  EXPECT_EQ(decoded("rate", {}, Space::MultiDiscrete({2, 2})), Space());
  EXPECT_EQ(decoded("rate", {}, Space::Box({5})), Space());
}

TEST(BitsDecoderTest, CutsAtTheThreshold) {
  Probe probe(DrivenPopulation("rate", 3, {}, "bits"));
  EXPECT_EQ(probe.Step({0.4f, 0.6f, -1}), (std::vector<float>{0, 1, 0}));
}

TEST(VectorDecoderTest, StaysWithinTheBox) {
  CircuitSpec s = DrivenPopulation("rate", 3, {}, "vector");
  s.outputs[0].space = Space::Box({3}, {-1, -2, 0}, {1, 2, 0.5});
  Probe probe(s);
  EXPECT_EQ(probe.Step({5, -5, 0.25f}), (std::vector<float>{1, -2, 0.25f}));
}

TEST(RatesDecoderTest, GivesActivityAsItIs) {
  Probe probe(DrivenPopulation("rate", 2, {}, "rates"));
  EXPECT_EQ(probe.Step({5, -0.125f}), (std::vector<float>{5, -0.125f}));
}

TEST(OutputTimeTest, ADecoderReadsAtItsOwnTimeInTheStep) {
  // A leaky unit rises through the step; read at 2 ms it is lower than at the end.
  CircuitSpec s = DrivenPopulation("lif", 1, {{"threshold", 900.0}}, "rates");
  s.ticks_per_step = 10;
  s.populations.push_back(
      {.name = "count", .model = "rate", .size = 1, .parameters = {{"bias", 1.0}}});
  ProjectionSpec self{.name = "self", .source = "count", .target = "count", .delay = 1};
  self.initial.mean = 1;
  s.projections = {self};
  s.outputs = {{.name = "early", .source = "count", .decoder = "rates"},
               {.name = "late", .source = "count", .decoder = "rates"}};
  s.outputs[0].when = When::On(When::Clock::kAt);
  s.outputs[0].when->at = {2};
  Probe probe(s);
  EXPECT_EQ(probe.Step({0}), (std::vector<float>{2, 10}));
  // A step that ends before that time is refused.
  StepInput input;
  const std::vector<float> observation = {0};
  input.observation = observation;
  input.ticks = 1;
  EXPECT_EQ(DetailsOf(probe.agent().Check(input)).reason, "BAD_TICKS");
}

}  // namespace
}  // namespace phasic::testing

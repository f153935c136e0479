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

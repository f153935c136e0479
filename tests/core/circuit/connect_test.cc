// SPDX-License-Identifier: Apache-2.0
#include "core/circuit/connect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/circuit/agent.h"

namespace phasic {
namespace {

using Rule = Connectivity::Rule;

std::shared_ptr<const Synapses> Made(const Connectivity& connectivity, int pre, int post,
                                     bool within = false, const char* name = "p") {
  ProjectionSpec spec{.name = name};
  spec.connectivity = connectivity;
  std::vector<Violation> violations;
  auto synapses = Connect(spec, pre, post, within, "projections[0]", &violations);
  for (const Violation& v : violations) ADD_FAILURE() << v.field << ": " << v.description;
  return synapses;
}

// What every index promises: targets ascend within a source, and the transpose is the same
// synapses.
void ExpectSound(const Synapses& s, int pre, int post) {
  ASSERT_EQ(s.first.size(), static_cast<size_t>(pre) + 1);
  ASSERT_EQ(s.in_first.size(), static_cast<size_t>(post) + 1);
  for (int j = 0; j < pre; ++j) {
    for (uint32_t k = s.first[j]; k < s.first[j + 1]; ++k) {
      if (k > s.first[j]) {
        EXPECT_LT(s.target[k - 1], s.target[k]);
      }
      EXPECT_EQ(s.Find(j, s.target[k]), k);
    }
  }
  for (int i = 0; i < post; ++i) {
    for (uint32_t n = s.in_first[i]; n < s.in_first[i + 1]; ++n) {
      EXPECT_EQ(s.Find(s.in_source[n], i), s.in[n]);
    }
  }
}

TEST(ConnectTest, AllToAllIsDense) {
  EXPECT_EQ(Made({}, 3, 4), nullptr);
  const auto others = Made({.rule = Rule::kAllToAll, .self = false}, 5, 5, /*within=*/true);
  EXPECT_EQ(others->size(), 20);
  for (int k = 0; k < 5; ++k) EXPECT_EQ(others->Find(k, k), -1);
}

TEST(ConnectTest, FixedDegreesAreMetAndDistinct) {
  for (const Rule rule : {Rule::kFixedOutDegree, Rule::kFixedInDegree}) {
    const Connectivity connectivity{.rule = rule, .degree = 7, .self = false};
    const auto s = Made(connectivity, 40, 40, /*within=*/true);
    ExpectSound(*s, 40, 40);
    const auto& first = rule == Rule::kFixedOutDegree ? s->first : s->in_first;
    for (int k = 0; k < 40; ++k) {
      EXPECT_EQ(first[k + 1] - first[k], 7u);
      EXPECT_EQ(s->Find(k, k), -1);
    }
  }
}

TEST(ConnectTest, EveryTargetIsEquallyLikely) {
  const auto s = Made({.rule = Rule::kFixedOutDegree, .degree = 10}, 4000, 20);
  for (int i = 0; i < 20; ++i) {  // 2000 each, sigma 32
    EXPECT_NEAR(s->in_first[i + 1] - s->in_first[i], 2000, 160) << i;
  }
}

TEST(ConnectTest, BernoulliMeetsItsProbability) {
  for (const double p : {0.0, 0.003, 0.2, 1.0}) {
    const auto s = Made({.rule = Rule::kBernoulli, .probability = p}, 300, 200);
    ExpectSound(*s, 300, 200);
    EXPECT_NEAR(s->size(), 60'000 * p, 5 * std::sqrt(60'000 * p * (1 - p)) + 1e-9) << p;
  }
}

TEST(ConnectTest, GaussianFallsOffWithDistanceAlongALineAndOverASquare) {
  for (const int dimensions : {1, 2}) {
    const Connectivity c{
        .rule = Rule::kGaussian, .probability = 0.8, .sigma = 0.1, .dimensions = dimensions};
    const auto s = Made(c, 400, 400);
    ExpectSound(*s, 400, 400);
    // Over a ring or a torus of side 1: the integral of the Gaussian.
    const double width = std::sqrt(2 * 3.14159265358979) * 0.1;
    const double expected = 160'000 * 0.8 * std::pow(width, dimensions);
    EXPECT_NEAR(s->size() / expected, 1, 0.05);
  }
  const Connectivity line{
      .rule = Rule::kGaussian, .probability = 1, .sigma = 0.05, .periodic = false};
  const auto s = Made(line, 100, 100);
  EXPECT_EQ(s->Find(0, 99), -1);  // the ends do not meet
}

TEST(ConnectTest, OneToOneGoesAsFarAsBoth) {
  const auto s = Made({.rule = Rule::kOneToOne}, 5, 3);
  ExpectSound(*s, 5, 3);
  EXPECT_EQ(s->target, (std::vector<uint32_t>{0, 1, 2}));
}

TEST(ConnectTest, TheDrawFollowsFromNameAndSeedAlone) {
  Connectivity c{.rule = Rule::kBernoulli, .probability = 0.5};
  EXPECT_EQ(Made(c, 20, 20)->target, Made(c, 20, 20)->target);
  EXPECT_NE(Made(c, 20, 20)->target, Made(c, 20, 20, false, "q")->target);
  Connectivity other = c;
  other.seed = 1;
  EXPECT_NE(Made(c, 20, 20)->target, Made(other, 20, 20)->target);
}

CircuitSpec TwoPopulations() {
  CircuitSpec s;
  s.inputs = {{.name = "in", .space = Space::Box({4}), .encoder = "raw", .target = "a"}};
  s.populations = {{.name = "a", .model = "rate", .size = 4},
                   {.name = "b", .model = "rate", .size = 3}};
  s.projections = {{.name = "p", .source = "a", .target = "b"}};
  s.outputs = {{.name = "action", .source = "b", .decoder = "rates"}};
  return s;
}

std::vector<std::string> FaultyFields(const CircuitSpec& spec) {
  std::vector<Violation> violations;
  Circuit::Compile(spec, Circuit::Standard(), &violations);
  std::vector<std::string> fields;
  for (const Violation& v : violations) fields.push_back(v.field);
  return fields;
}

TEST(ConnectTest, SingleSynapsesAreThereWhateverIsDrawn) {
  for (const bool sparse : {false, true}) {
    CircuitSpec spec = TwoPopulations();
    ProjectionSpec& p = spec.projections[0];
    if (sparse) p.connectivity.rule = Rule::kBernoulli;  // with probability 0
    p.initial.synapses = {{.pre = 3, .post = 1, .weight = 2}, {.pre = 0, .post = 2, .weight = -1}};
    Agent agent(Circuit::Compile(spec).value(), 1);
    const std::vector<float> x{10, 0, 0, 1};
    std::vector<float> y(3);
    agent.Step({.observation = x}, y);
    EXPECT_EQ(y, (std::vector<float>{0, 2, -10})) << sparse;
    EXPECT_EQ(agent.circuit().synapses(), sparse ? 2 : 12);
  }
}

TEST(ConnectTest, DalesLawHoldsWeightsToOneSign) {
  CircuitSpec spec = TwoPopulations();
  ProjectionSpec& p = spec.projections[0];
  p.initial = {InitialWeights::Distribution::kNormal, 0, 1};
  for (const Dale dale : {Dale::kExcitatory, Dale::kInhibitory}) {
    p.dale = dale;
    const Agent agent(Circuit::Compile(spec).value(), 1);
    const Link& link = agent.circuit().links()[0];
    for (const Real w : agent.state().span<Real>(link.weights)) {
      EXPECT_TRUE(dale == Dale::kExcitatory ? w >= 0 : w <= 0) << w;
    }
  }
  p.initial = {};
  p.initial.mean = 1;
  p.initial.synapses = {{.pre = 0, .post = 0, .weight = 1}};
  EXPECT_THAT(FaultyFields(spec),
              ::testing::UnorderedElementsAre("projections[0].initial.mean",
                                              "projections[0].initial.synapses[0].weight"));
}

TEST(ConnectTest, FaultsNameTheirFields) {
  const auto faults = [](const Connectivity& c) {
    CircuitSpec spec = TwoPopulations();
    spec.projections[0].connectivity = c;
    return FaultyFields(spec);
  };
  const std::string at = "projections[0].connectivity";
  using Fields = std::vector<std::string>;
  EXPECT_EQ(faults({.rule = Rule::kFixedOutDegree, .degree = 4}), Fields{at + ".degree"});
  EXPECT_EQ(faults({.rule = Rule::kFixedInDegree, .degree = 5}), Fields{at + ".degree"});
  EXPECT_EQ(faults({.rule = Rule::kBernoulli, .probability = 1.5}), Fields{at + ".probability"});
  EXPECT_EQ(faults({.rule = Rule::kGaussian, .probability = 1}), Fields{at + ".sigma"});
  CircuitSpec spec = TwoPopulations();
  spec.projections[0].initial.synapses = {{.pre = 4, .post = 0, .weight = 1}};
  EXPECT_EQ(FaultyFields(spec), Fields{"projections[0].initial.synapses[0].pre"});
}

}  // namespace
}  // namespace phasic

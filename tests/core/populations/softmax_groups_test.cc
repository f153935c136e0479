// SPDX-License-Identifier: Apache-2.0
//
// A softmax of several groups: two and three units, so six choices that can be counted out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

constexpr double kTemperature = 0.7;
constexpr int kSizes[] = {2, 3};
const std::vector<float> kDrives = {0.4f, -0.3f, 0.1f, 0.8f, -0.5f};

CircuitSpec Grouped(std::vector<double> groups, int n = 5) {
  return DrivenPopulation("softmax", n,
                          {{"temperature", kTemperature}, {"groups", std::move(groups)}}, "index");
}

// The probabilities of all five units, by hand.
std::vector<double> Probabilities(const std::vector<double>& drive) {
  std::vector<double> p;
  size_t first = 0;
  for (const size_t size : kSizes) {
    double sum = 0;
    for (size_t i = first; i < first + size; ++i) sum += std::exp(drive[i] / kTemperature);
    for (size_t i = first; i < first + size; ++i) {
      p.push_back(std::exp(drive[i] / kTemperature) / sum);
    }
    first += size;
  }
  return p;
}

std::vector<double> Drives() { return {kDrives.begin(), kDrives.end()}; }

// The probability of both choices together.
double Joint(const std::vector<double>& p, int a, int b) { return p[a] * p[2 + b]; }

TEST(SoftmaxGroupsTest, EachGroupIsASoftmaxOfItsOwnAndDrawsIndependently) {
  constexpr int kSteps = 100'000;
  Probe probe(Grouped({2, 3}));
  const auto p = Probabilities(Drives());
  int counts[2][3] = {};
  for (int i = 0; i < kSteps; ++i) {
    const auto action = probe.Step(kDrives);
    ASSERT_EQ(action.size(), 2u);
    ++counts[static_cast<int>(action[0])][static_cast<int>(action[1])];
  }
  for (int k = 0; k < 5; ++k) EXPECT_NEAR(probe.Read("p", "probability")[k], p[k], 1e-6);
  for (int a = 0; a < 2; ++a) {
    for (int b = 0; b < 3; ++b) {
      const double both = Joint(p, a, b);
      EXPECT_NEAR(counts[a][b] / static_cast<double>(kSteps), both,
                  4 * std::sqrt(both * (1 - both) / kSteps))
          << a << ", " << b;
    }
  }
}

TEST(SoftmaxGroupsTest, TheScoreOfEachGroupSumsToZeroAndIsTheLogDerivative) {
  Probe probe(Grouped({2, 3}));
  constexpr double kStep = 1e-5;
  for (int i = 0; i < 50; ++i) {
    const auto action = probe.Step(kDrives);
    const auto score = probe.Read("p", "score"), choice = probe.Read("p", "choice");
    EXPECT_NEAR(score[0] + score[1], 0, 1e-6);
    EXPECT_NEAR(score[2] + score[3] + score[4], 0, 1e-6);
    EXPECT_EQ(choice[0] + choice[1], 1);
    EXPECT_EQ(choice[2] + choice[3] + choice[4], 1);
    for (int k = 0; k < 5; ++k) {
      const auto log_probability = [&](double shift) {
        auto drive = Drives();
        drive[k] += shift;
        return std::log(
            Joint(Probabilities(drive), static_cast<int>(action[0]), static_cast<int>(action[1])));
      };
      EXPECT_NEAR(score[k], (log_probability(kStep) - log_probability(-kStep)) / (2 * kStep), 1e-4);
    }
  }
}

// What REINFORCE follows: the sum over all six choices of p(a, b) r(a, b) score(a, b) is the
// gradient of the expected reward, also of a reward that no sum over the groups can express.
TEST(SoftmaxGroupsTest, TheExpectedScoreTimesRewardIsTheGradientOfTheExpectedReward) {
  constexpr double kReward[2][3] = {{1, -2, 0.5}, {0, 3, -1}};
  constexpr double kStep = 1e-5;
  const auto expected_reward = [&](const std::vector<double>& drive) {
    double sum = 0;
    for (int a = 0; a < 2; ++a) {
      for (int b = 0; b < 3; ++b) sum += Joint(Probabilities(drive), a, b) * kReward[a][b];
    }
    return sum;
  };
  Probe probe(Grouped({2, 3}));
  std::map<std::pair<int, int>, std::vector<Real>> scores;
  for (int i = 0; i < 2000; ++i) {
    const auto action = probe.Step(kDrives);
    const auto score = probe.Read("p", "score");
    scores[{static_cast<int>(action[0]), static_cast<int>(action[1])}] = {score.begin(),
                                                                          score.end()};
  }
  ASSERT_EQ(scores.size(), 6u);
  const auto p = Probabilities(Drives());
  for (int k = 0; k < 5; ++k) {
    double followed = 0;
    for (const auto& [choice, score] : scores) {
      const auto [a, b] = choice;
      followed += Joint(p, a, b) * kReward[a][b] * score[k];
    }
    auto above = Drives(), below = Drives();
    above[k] += kStep;
    below[k] -= kStep;
    EXPECT_NEAR(followed, (expected_reward(above) - expected_reward(below)) / (2 * kStep), 1e-5);
  }
}

TEST(SoftmaxGroupsTest, TheFirstGroupDrawsWhatAPlainSoftmaxWould) {
  Probe grouped(Grouped({2, 3})), plain(Grouped({0}, 2)), one(Grouped({2}, 2));
  for (int i = 0; i < 200; ++i) {
    const float choice = plain.Step({kDrives[0], kDrives[1]})[0];
    EXPECT_EQ(grouped.Step(kDrives)[0], choice);
    EXPECT_EQ(one.Step({kDrives[0], kDrives[1]})[0], choice);
  }
  EXPECT_EQ(one.agent().Digest(), plain.agent().Digest());
}

TEST(SoftmaxGroupsTest, AMaskHoldsWithinItsGroup) {
  constexpr int kSteps = 2000;
  Probe probe(Grouped({2, 3}));
  const std::vector<uint8_t> forbidden = {0, 0, 0, 1, 0};
  StepInput input;
  input.forbidden = forbidden;
  int counts[3] = {};
  for (int i = 0; i < kSteps; ++i) ++counts[static_cast<int>(probe.Step(kDrives, input)[1])];
  const auto p = Probabilities(Drives());
  const auto published = probe.Read("p", "probability");
  EXPECT_NEAR(published[0], p[0], 1e-6);
  EXPECT_NEAR(published[2], p[2] / (p[2] + p[4]), 1e-6);
  EXPECT_EQ(published[3], 0);
  EXPECT_EQ(counts[1], 0);
  EXPECT_NEAR(counts[0] / static_cast<double>(kSteps), published[2],
              4 * std::sqrt(published[2] * published[4] / kSteps));
  EXPECT_EQ(probe.Read("p", "score")[3], 0);
}

TEST(SoftmaxGroupsTest, GreedyTakesTheLargestOfEachGroup) {
  Probe probe(Grouped({2, 3}));
  StepInput input;
  input.greedy = true;
  EXPECT_THAT(probe.Step(kDrives, input), ::testing::ElementsAre(0, 1));
  EXPECT_THAT(probe.Step({1, 1, 2, 5, 5}, input), ::testing::ElementsAre(0, 1));
  for (const Real s : probe.Read("p", "score")) EXPECT_EQ(s, 0);
}

TEST(SoftmaxGroupsTest, SizesMustSumToThePopulation) {
  const auto fields = [](std::vector<double> groups) {
    std::vector<std::string> found;
    const auto circuit = Circuit::Compile(Grouped(std::move(groups)));
    if (circuit.ok()) return found;
    for (const Violation& v : DetailsOf(circuit.status()).violations) found.push_back(v.field);
    return found;
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(fields({2, 3}), ElementsAre());
  EXPECT_THAT(fields({5}), ElementsAre());
  EXPECT_THAT(fields({1, 1, 1, 1, 1}), ElementsAre());
  EXPECT_THAT(fields({2, 2}), ElementsAre("populations[0].parameters.groups"));
  EXPECT_THAT(fields({4}), ElementsAre("populations[0].parameters.groups"));
  EXPECT_THAT(fields({5, 0}), ElementsAre("populations[0].parameters.groups[1]"));
  EXPECT_THAT(fields({2.5, 2.5}), ElementsAre("populations[0].parameters.groups[0]",
                                              "populations[0].parameters.groups[1]"));
}

}  // namespace
}  // namespace phasic::testing

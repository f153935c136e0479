// SPDX-License-Identifier: Apache-2.0
#include "core/presets/presets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/support/probe.h"

namespace phasic::testing {
namespace {

using Spaces = std::map<std::string, Space>;

std::vector<Violation> Faults(const std::string& preset, const ParamMap& parameters,
                              const Spaces& spaces) {
  std::vector<Violation> violations;
  BuildPreset(preset, parameters, spaces, &violations);
  return violations;
}

CircuitSpec Built(const std::string& preset, const ParamMap& parameters, const Spaces& spaces) {
  std::vector<Violation> violations;
  CircuitSpec spec = BuildPreset(preset, parameters, spaces, &violations);
  for (const Violation& v : violations)
    ADD_FAILURE() << preset << ": " << v.field << ": " << v.description;
  return spec;
}

// Whether the preset serves these spaces. One that does not says so, and which it is.
bool Serves(const std::string& preset, const Spaces& spaces) {
  const std::vector<Violation> faults = Faults(preset, {}, spaces);
  for (const Violation& fault : faults) {
    EXPECT_TRUE(fault.field == "spaces.action" || fault.field == "spaces.observation")
        << preset << ": " << fault.field << ": " << fault.description;
    EXPECT_THAT(fault.description, ::testing::StartsWith("must be")) << preset;
  }
  return faults.empty();
}

TEST(PresetsTest, EveryPresetTakesASpaceAtBothEndsOrRefusesIt) {
  const Space observations[] = {Space::Discrete(3), Space::MultiDiscrete({2, 3}),
                                Space::MultiBinary(4), Space::Box({2}, {-1}, {1}), Space::Box({3})};
  const Space actions[] = {
      Space::Discrete(2),         Space::MultiDiscrete({3, 2}),     Space::MultiBinary(3),
      Space::Box({2}, {-2}, {2}), Space::Box({2}, {-1, 3}, {1, 4}), Space::Box({1})};
  for (const Preset* preset : Presets()) {
    for (const Space& observation : observations) {
      for (const Space& action : actions) {
        if (!Serves(preset->name, {{"observation", observation}, {"action", action}})) continue;
        Probe probe(Built(preset->name, {}, {{"observation", observation}, {"action", action}}));
        const auto& circuit = probe.agent().circuit();
        ASSERT_EQ(circuit.outputs()[0].space, action) << preset->name << " " << action.ToString();
        std::vector<float> value(observation.size(), 0.0f);
        for (int i = 0; i < 20; ++i) {
          const auto act = probe.Step(value);
          int element = 0;
          EXPECT_EQ(action.WhyNot(act, &element), "") << preset->name;
          probe.Reward({1});
        }
        Probe restored(circuit.spec(), 2);
        ASSERT_TRUE(restored.agent().Load(probe.agent().Save()).ok());
        EXPECT_EQ(restored.Step(value), probe.Step(value));
        EXPECT_EQ(restored.agent().Digest(), probe.agent().Digest());
        StepInput end;
        end.end = End::kTerminated;
        std::vector<float> unused(circuit.action_size());
        probe.agent().Step(end, unused);
      }
    }
  }
}

// A one-hot code of two choices has two units on; the first action is neutral nevertheless.
TEST(PresetsTest, ABoxActionBeginsInItsMiddleWhateverIsObserved) {
  for (const Space& observation : {Space::Discrete(3), Space::MultiDiscrete({2, 3}),
                                   Space::MultiBinary(2), Space::Box({2}, {-1}, {1})}) {
    for (const Preset* preset : Presets()) {
      const Spaces spaces = {{"observation", observation},
                             {"action", Space::Box({2}, {-1, 3}, {1, 4})}};
      // Spikes are random also when greedy.
      if (std::string(preset->name).starts_with("spiking")) continue;
      if (!Serves(preset->name, spaces)) continue;
      Probe probe(Built(preset->name, {}, spaces));
      StepInput greedy;
      greedy.greedy = true;
      const auto action = probe.Step(std::vector<float>(observation.size(), 1.0f), greedy);
      EXPECT_NEAR(action[0], 0, 1e-5) << preset->name << " " << observation.ToString();
      EXPECT_NEAR(action[1], 3.5, 1e-5) << preset->name << " " << observation.ToString();
    }
  }
}

TEST(PresetsTest, NamedAndDottedParametersReachTheCircuit) {
  const Spaces spaces = {{"observation", Space::Discrete(2)}, {"action", Space::Discrete(2)}};
  const CircuitSpec spec =
      Built("actor-critic", {{"gamma", 0.5}, {"policy_weights.lambda", 0.25}}, spaces);
  EXPECT_EQ(std::get<double>(spec.modulators[0].parameters.at("gamma")), 0.5);
  for (const ProjectionSpec& p : spec.projections) {
    if (p.name == "policy_weights") {
      EXPECT_EQ(std::get<double>(p.rule.parameters.at("lambda")), 0.25);
    }
  }
}

TEST(PresetsTest, FaultsNameTheirField) {
  const Spaces spaces = {{"observation", Space::Discrete(2)}};
  const auto field = [](const std::vector<Violation>& v) {
    return v.empty() ? std::string() : v[0].field;
  };
  EXPECT_EQ(field(Faults("telepathy", {}, {})), "preset");
  EXPECT_EQ(field(Faults("bandit", {{"learnin_rate", 0.1}}, spaces)), "parameters.learnin_rate");
  EXPECT_EQ(field(Faults("bandit", {{"learning_rate", -1.0}}, spaces)), "parameters.learning_rate");
  EXPECT_EQ(field(Faults("bandit", {{"policy.temper", 1.0}}, spaces)), "parameters.policy.temper");
  EXPECT_EQ(field(Faults("bandit", {{"police.temperature", 1.0}}, spaces)),
            "parameters.police.temperature");
  EXPECT_EQ(field(Faults("bandit", {}, {{"smell", Space::Discrete(2)}})), "spaces.smell");
  EXPECT_EQ(field(Faults("bandit", {}, {{"action", Space::Discrete(0)}})).substr(0, 13),
            "spaces.action");
  EXPECT_EQ(field(Faults("actor-critic", {{"bins", std::vector<double>{3, 3}}},
                         {{"observation", Space::Box({3})}})),
            "parameters.bins");
}

// The share of the best arm among greedy choices after training; the reward of each choice comes
// `late` decisions late.
double BanditScore(const std::string& preset, uint64_t seed, int late) {
  constexpr int kContexts = 4, kArms = 3, kTrials = 4000;
  Probe probe(
      Built(preset, {},
            {{"observation", Space::Discrete(kContexts)}, {"action", Space::Discrete(kArms)}}),
      seed);
  std::vector<float> earned;
  int right = 0;
  for (int t = 0; t < kTrials + 200; ++t) {
    const int context =
        static_cast<int>(Random(seed, 5, static_cast<uint64_t>(t)).Bits(0) % kContexts);
    StepInput input;
    input.greedy = t >= kTrials;
    const int arm = static_cast<int>(probe.Step({static_cast<float>(context)}, input)[0]);
    const bool best = arm == (context * 2 + 1) % kArms;
    if (t >= kTrials) {
      right += best;
      continue;
    }
    earned.push_back(best ? 1.0f : 0.0f);
    if (t >= late) probe.Reward({earned[t - late]});
  }
  return right / 200.0;
}

TEST(PresetsTest, TheBanditLearnsItsContextsAlsoWhenRewardsComeLate) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    EXPECT_GE(BanditScore("bandit", seed, 0), 0.95) << seed;
    EXPECT_GE(BanditScore("bandit", seed, 2), 0.9) << seed;
  }
}

// Three bits must come back inverted; the reward is the share of right ones, when the episode ends.
// Exclusive or is no test: plain REINFORCE stays in its local maxima (Barto 1985).
TEST(PresetsTest, ReinforceLearnsThroughItsHiddenLayer) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    Probe probe(Built("reinforce", {},
                      {{"observation", Space::MultiBinary(3)}, {"action", Space::MultiBinary(3)}}),
                seed);
    double right = 0;
    std::vector<float> unused(3);
    for (int t = 0; t < 20'100; ++t) {
      const uint32_t bits = Random(seed, 6, static_cast<uint64_t>(t)).Bits(0);
      std::vector<float> observation;
      for (int b = 0; b < 3; ++b) observation.push_back(static_cast<float>((bits >> b) & 1));
      StepInput input;
      input.greedy = t >= 20'000;
      const auto action = probe.Step(observation, input);
      double share = 0;
      for (int b = 0; b < 3; ++b) share += (action[b] != observation[b]) / 3.0;
      if (t >= 20'000) right += share;
      const RewardInput reward{0, {static_cast<Real>(share)}};
      StepInput end;
      end.rewards = {&reward, 1};
      end.end = End::kTerminated;
      probe.agent().Step(end, unused);
    }
    EXPECT_GE(right / 100, 0.9) << seed;
  }
}

}  // namespace
}  // namespace phasic::testing

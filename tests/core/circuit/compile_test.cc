// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "core/base/limits.h"
#include "tests/core/support/toy_circuits.h"

namespace phasic::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// A sound actor-critic, to be broken one field at a time.
CircuitSpec Sound() { return ToyCircuits()[1].spec; }

std::vector<Violation> Faults(const CircuitSpec& spec) {
  std::vector<Violation> violations;
  const auto circuit = Circuit::Compile(spec, ToyCatalogue(), &violations);
  EXPECT_EQ(circuit == nullptr, !violations.empty());
  return violations;
}

struct Breakage {
  const char* field;
  const char* says;
  std::function<void(CircuitSpec&)> breaks;
};

const std::vector<Breakage>& Breakages() {
  static const std::vector<Breakage> all = {
      {"dt", "must be", [](CircuitSpec& s) { s.dt = 0; }},
      {"dt", "must be", [](CircuitSpec& s) { s.dt = kNan; }},
      {"ticks_per_step", "must be", [](CircuitSpec& s) { s.ticks_per_step = -1; }},
      {"sweeps", "must be", [](CircuitSpec& s) { s.sweeps = 1000; }},
      {"reward_window", "must be", [](CircuitSpec& s) { s.reward_window = -1; }},
      {"reward_window", "must be", [](CircuitSpec& s) { s.reward_window = 65'537; }},
      {"modulators[0].early_window", "must be",
       [](CircuitSpec& s) {
         s.reward_window = 10;
         s.modulators[0].early_window = -1;
       }},
      {"modulators[0].early_window", "no reward window",
       [](CircuitSpec& s) { s.modulators[0].early_window = 1; }},
      {"modulators[0].combine", "no reward window",
       [](CircuitSpec& s) { s.modulators[0].combine = Combine::kMean; }},
      {"modulators[0].default_reward", "finite",
       [](CircuitSpec& s) {
         s.reward_window = 10;
         s.modulators[0].default_reward = kNan;
       }},
      {"inputs", "empty", [](CircuitSpec& s) { s.inputs.clear(); }},
      {"populations", "empty", [](CircuitSpec& s) { s.populations.clear(); }},
      {"outputs", "empty", [](CircuitSpec& s) { s.outputs.clear(); }},
      {"inputs[0].name", "no name", [](CircuitSpec& s) { s.inputs[0].name = "Observation"; }},
      {"inputs[0].name", "no name",
       [](CircuitSpec& s) { s.inputs[0].name = std::string(64, 'a'); }},
      {"inputs[0].encoder", "no encoder \"psychic\"",
       [](CircuitSpec& s) { s.inputs[0].encoder = "psychic"; }},
      {"inputs[0].space", "not set", [](CircuitSpec& s) { s.inputs[0].space = Space(); }},
      {"inputs[0].space", "cannot encode", [](CircuitSpec& s) { s.inputs[0].encoder = "one-hot"; }},
      {"inputs[0].target", "no part \"nowhere\"",
       [](CircuitSpec& s) { s.inputs[0].target = "nowhere.drive"; }},
      {"inputs[0].target", "no site \"apical\"",
       [](CircuitSpec& s) { s.inputs[0].target = "place.apical"; }},
      {"inputs[0].target", "the encoder gives 4",
       [](CircuitSpec& s) { s.populations[0].size = 5; }},
      {"inputs[0].parameters.gain", "",
       [](CircuitSpec& s) { s.inputs[0].parameters["gain"] = kNan; }},
      {"inputs[0].parameters.gian", "",
       [](CircuitSpec& s) { s.inputs[0].parameters["gian"] = 1.0; }},
      {"populations[1].name", "already", [](CircuitSpec& s) { s.populations[1].name = "place"; }},
      {"populations[1].name", "agent", [](CircuitSpec& s) { s.populations[1].name = "agent"; }},
      {"populations[1].model", "no neuron model",
       [](CircuitSpec& s) { s.populations[1].model = "perceptron"; }},
      {"populations[0].size", "must be", [](CircuitSpec& s) { s.populations[0].size = 0; }},
      {"populations[0].size", "must be",
       [](CircuitSpec& s) { s.populations[0].size = 2'000'000'000; }},
      {"populations[0].when.clock", "TICK",
       [](CircuitSpec& s) { s.populations[0].when = When::On(When::Clock::kEpisode); }},
      {"populations[0].when.n", "must be",
       [](CircuitSpec& s) {
         s.populations[0].when = When::On(When::Clock::kEvery);
         s.populations[0].when->n = 0;
       }},
      {"outputs[0].when.at[0]", "times ascend",
       [](CircuitSpec& s) {
         s.outputs[0].when = When::On(When::Clock::kAt);
         s.outputs[0].when->at = {2.5};
       }},
      {"outputs[0].when.at[0]", "no multiple",
       [](CircuitSpec& s) {
         s.outputs[0].when = When::On(When::Clock::kAt);
         s.outputs[0].when->at = {1.5};
       }},
      {"projections[0].source", "no part",
       [](CircuitSpec& s) { s.projections[0].source = "space"; }},
      {"projections[0].source", "is a port",
       [](CircuitSpec& s) { s.projections[0].source = "observation"; }},
      {"projections[0].target", "not set", [](CircuitSpec& s) { s.projections[0].target = ""; }},
      {"projections[0].delay", "must be", [](CircuitSpec& s) { s.projections[0].delay = -1; }},
      {"projections[0].initial.values", "1 x 4",
       [](CircuitSpec& s) {
         s.projections[0].initial.values = {1, 2, 3};
       }},
      {"projections[0].initial.mean", "finite",
       [](CircuitSpec& s) { s.projections[0].initial.mean = kNan; }},
      {"projections[0].initial.spread", "at least 0",
       [](CircuitSpec& s) { s.projections[0].initial.spread = -1; }},
      {"projections[0].min_weight", "below",
       [](CircuitSpec& s) {
         s.projections[0].min_weight = 2;
         s.projections[0].max_weight = 1;
       }},
      {"projections[0].rule.name", "no plasticity rule",
       [](CircuitSpec& s) { s.projections[0].rule.name = "magic"; }},
      {"projections[0].rule.name", "does not have",
       [](CircuitSpec& s) { s.projections[0].rule.name = "td-actor"; }},
      {"projections[0].rule.parameters.lambda", "",
       [](CircuitSpec& s) { s.projections[0].rule.parameters["lambda"] = 1.5; }},
      {"projections[0].rule.bindings.td", "not set",
       [](CircuitSpec& s) { s.projections[0].rule.bindings.clear(); }},
      {"projections[0].rule.bindings.td", "no modulator",
       [](CircuitSpec& s) { s.projections[0].rule.bindings["td"] = "critic"; }},
      {"projections[0].rule.bindings.mood", "no such",
       [](CircuitSpec& s) { s.projections[0].rule.bindings["mood"] = "reward"; }},
      {"projections[0].rule.when.clock", "TICK",
       [](CircuitSpec& s) { s.projections[0].rule.when = When::On(When::Clock::kDelivery); }},
      {"projections[0].rule.bindings", "EPISODE",
       [](CircuitSpec& s) {
         s.projections[1].rule = {.name = "reinforce", .bindings = {{"reward", "reward"}}};
         std::swap(s.projections[0], s.projections[1]);
       }},
      {"projections[2].rule.name", "not set",
       [](CircuitSpec& s) { s.projections[2].rule.parameters["lambda"] = 0.5; }},
      {"projections[2].transpose_of", "initial weights",
       [](CircuitSpec& s) {
         s.projections[2].initial = {};
         s.projections[2].initial.distribution = InitialWeights::Distribution::kNormal;
         s.projections[2].transpose_of = "values";
       }},
      {"projections[2].transpose_of", "no projection",
       [](CircuitSpec& s) {
         s.projections[2].initial = {};
         s.projections[2].transpose_of = "lost";
       }},
      {"projections[2].transpose_of", "its transpose must be",
       [](CircuitSpec& s) {
         s.projections[2].initial = {};
         s.projections[2].transpose_of = "values";
       }},
      {"modulators[0].model", "no modulator \"mood\"",
       [](CircuitSpec& s) { s.modulators[0].model = "mood"; }},
      {"modulators[0].size", "must be", [](CircuitSpec& s) { s.modulators[0].size = 0; }},
      {"modulators[0].when.clock", "reads activity",
       [](CircuitSpec& s) { s.modulators[0].when = When::On(When::Clock::kDelivery); }},
      {"outputs[0].source", "no part", [](CircuitSpec& s) { s.outputs[0].source = "muscle"; }},
      {"outputs[0].decoder", "no decoder", [](CircuitSpec& s) { s.outputs[0].decoder = "oracle"; }},
      {"outputs[0].space", "cannot make",
       [](CircuitSpec& s) { s.outputs[0].space = Space::Discrete(9); }},
  };
  return all;
}

TEST(CompileTest, TheSoundCircuitCompiles) { EXPECT_THAT(Faults(Sound()), ::testing::IsEmpty()); }

TEST(CompileTest, EachFaultNamesItsField) {
  for (const Breakage& b : Breakages()) {
    CircuitSpec spec = Sound();
    b.breaks(spec);
    const auto faults = Faults(spec);
    const bool named = std::any_of(faults.begin(), faults.end(), [&](const Violation& v) {
      return v.field == b.field && v.description.find(b.says) != std::string::npos;
    });
    std::string got;
    for (const Violation& v : faults) got += "\n  " + v.field + ": " + v.description;
    EXPECT_TRUE(named) << "wanted " << b.field << ": ..." << b.says << "..., got" << got;
  }
}

TEST(CompileTest, AllFaultsAreReportedAtOnce) {
  CircuitSpec spec = Sound();
  spec.dt = -1;
  spec.populations[0].model = "perceptron";
  spec.projections[1].rule.parameters["lambda"] = -3.0;
  spec.outputs[0].decoder = "oracle";
  std::vector<std::string> fields;
  for (const Violation& v : Faults(spec)) fields.push_back(v.field);
  EXPECT_THAT(fields, Contains("dt"));
  EXPECT_THAT(fields, Contains("populations[0].model"));
  EXPECT_THAT(fields, Contains("outputs[0].decoder"));
}

TEST(CompileTest, AZeroDelayCircleIsNamed) {
  CircuitSpec spec = Sound();
  spec.projections.push_back({.name = "round", .source = "critic", .target = "place.drive"});
  const auto faults = Faults(spec);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_THAT(faults[0].field, ::testing::MatchesRegex("projections\\[[0-9]\\]\\.delay"));
  EXPECT_THAT(faults[0].description, HasSubstr("closes a circle: "));
  EXPECT_THAT(faults[0].description, HasSubstr("place -> critic"));
  // The same with a delay is a recurrent circuit.
  spec.projections.back().delay = 1;
  EXPECT_THAT(Faults(spec), ::testing::IsEmpty());
}

TEST(CompileTest, AFeedbackProjectionIsNoCircle) {
  const CircuitSpec spec = ToyCircuits()[2].spec;
  EXPECT_THAT(Faults(spec), ::testing::IsEmpty());
}

TEST(CompileTest, WhatIsKnownTooLateNeedsADelay) {
  CircuitSpec spec = Sound();
  spec.projections.push_back({.name = "mood", .source = "reward.delta", .target = "critic.drive"});
  const auto faults = Faults(spec);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].field, "projections[3].delay");
  spec.projections.back().delay = 1;
  EXPECT_THAT(Faults(spec), ::testing::IsEmpty());
}

TEST(CompileTest, AbsurdSizesAreRefusedBeforeAnythingIsAllocated) {
  CircuitSpec spec = Sound();
  spec.populations[1].size = 10'000'000 - 4;
  spec.populations[2].size = 1;
  const auto faults = Faults(spec);
  std::vector<std::string> texts;
  for (const Violation& v : faults) texts.push_back(v.description);
  EXPECT_THAT(texts, Contains(HasSubstr("neurons")));

  spec = Sound();
  spec.populations[0].size = 9'000'000;
  spec.populations[1].size = 900'000;
  texts.clear();
  for (const Violation& v : Faults(spec)) texts.push_back(v.description);
  EXPECT_THAT(texts, Contains(HasSubstr("synapses")));
}

TEST(CompileTest, ASpecCompilesToTheSameFingerprintAndAChangeToAnother) {
  std::vector<Violation> v;
  const auto a = Circuit::Compile(Sound(), ToyCatalogue(), &v),
             b = Circuit::Compile(Sound(), ToyCatalogue(), &v);
  EXPECT_EQ(a->fingerprint(), b->fingerprint());
  CircuitSpec changed = Sound();
  changed.projections[0].rule.parameters["lambda"] = 0.123;
  EXPECT_NE(Circuit::Compile(changed, ToyCatalogue(), &v)->fingerprint(), a->fingerprint());
}

TEST(CompileTest, WhatARowFunctionReadsIsInTheFingerprint) {
  const auto fingerprint = [](const char* gate) {
    std::vector<Violation> v;
    CircuitSpec spec = ToyCircuits()[3].spec;
    spec.projections[1].rule.bindings["reward"] = gate;
    const auto circuit = Circuit::Compile(spec, ToyCatalogue(), &v);
    for (const Violation& violation : v) ADD_FAILURE() << violation.field << violation.description;
    return circuit->fingerprint();
  };
  EXPECT_NE(fingerprint("reward.level"), fingerprint("reward.complement"));
}

TEST(CompileTest, OnlyRewardsThatTeachBetweenTicksTakeTime) {
  std::vector<Violation> v;
  const CircuitSpec within = Sound();
  EXPECT_EQ(Circuit::Compile(within, ToyCatalogue(), &v)->delivery_seconds(), 0);
  const CircuitSpec between = ToyCircuits()[4].spec;
  EXPECT_GT(Circuit::Compile(between, ToyCatalogue(), &v)->delivery_seconds(), 0);
}

TEST(CompileTest, CountsAreExact) {
  std::vector<Violation> v;
  const auto c = Circuit::Compile(Sound(), ToyCatalogue(), &v);
  EXPECT_EQ(c->neurons(), 4 + 1 + 3);
  EXPECT_EQ(c->synapses(), 4 + 12 + 1);
  EXPECT_EQ(c->observation_size(), 4);
  EXPECT_EQ(c->action_size(), 1);
  EXPECT_EQ(c->outputs()[0].space, Space::Discrete(3));
}

}  // namespace
}  // namespace phasic::testing

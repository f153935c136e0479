// SPDX-License-Identifier: Apache-2.0
#include "server/convert/spec.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "tests/server/support/circuits.h"

namespace phasic::convert {
namespace {

// Every field of every part, with values that are no defaults.
CircuitSpec FullSpec() {
  const ParamMap parameters = {
      {"tau", 5.0}, {"kind", std::string("tanh")}, {"bins", std::vector<double>{2, 3}}};
  using Clock = When::Clock;
  CircuitSpec spec;
  spec.dt = 0.5;
  spec.ticks_per_step = 20;
  spec.sweeps = 3;
  spec.inputs = {{"in", Space::Box({2, 2}, {-1}, {1, 1, 2, 2}), "gaussian", parameters, "p.drive"}};
  spec.populations = {{"p", "rate", 7, parameters, When{Clock::kEvery, 4, {}}},
                      {"q", "softmax", 3, {}, When{Clock::kAt, 1, {0.5, 2}}},
                      {"r", "lif", 3, {}, std::nullopt}};
  ProjectionSpec plain{.name = "a",
                       .source = "p.rate",
                       .target = "q.drive",
                       .delay = 2,
                       .min_weight = -1.5,
                       .max_weight = 2.5};
  plain.initial = {
      .distribution = InitialWeights::Distribution::kUniform, .mean = 0.5, .spread = 0.25};
  plain.initial.synapses = {{.pre = 1, .post = 2, .weight = 0.75f}};
  plain.connectivity = {.rule = Connectivity::Rule::kGaussian,
                        .degree = 4,
                        .probability = 0.5,
                        .sigma = 0.25,
                        .dimensions = 2,
                        .periodic = false,
                        .self = false,
                        .seed = 9};
  plain.transmission = {"stochastic-release", parameters};
  plain.dale = Dale::kInhibitory;
  plain.rule = {"reinforce", parameters, {{"reward", "m.level"}}, When{Clock::kStep, 1, {}}};
  ProjectionSpec given{.name = "b", .source = "q", .target = "p"};
  given.initial.values = {1, 2, 3};
  const ProjectionSpec transposed{
      .name = "c", .source = "q", .target = "p.topdown", .transpose_of = "a"};
  spec.projections = {plain, given, transposed};
  spec.modulators = {{.name = "m",
                      .model = "baseline",
                      .size = 4,
                      .parameters = parameters,
                      .when = When{Clock::kDelivery, 1, {}},
                      .combine = Combine::kMax,
                      .default_reward = -0.5,
                      .early_window = 3,
                      .reward_interval = 7},
                     {.name = "n", .model = "raw", .when = When{Clock::kEpisode, 1, {}}}};
  spec.reward_window = 12;
  spec.outputs = {
      {"out", "q.choice", "index", parameters, Space::Discrete(3), When{Clock::kTick, 1, {}}}};
  return spec;
}

void ExpectEqual(const CircuitSpec& a, const CircuitSpec& b) {
  EXPECT_EQ(a.dt, b.dt);
  EXPECT_EQ(a.ticks_per_step, b.ticks_per_step);
  EXPECT_EQ(a.sweeps, b.sweeps);
  EXPECT_EQ(a.reward_window, b.reward_window);
  ASSERT_EQ(a.inputs.size(), b.inputs.size());
  for (size_t i = 0; i < a.inputs.size(); ++i) {
    const InputSpec &x = a.inputs[i], &y = b.inputs[i];
    EXPECT_EQ(std::tie(x.name, x.space, x.encoder, x.parameters, x.target),
              std::tie(y.name, y.space, y.encoder, y.parameters, y.target));
  }
  ASSERT_EQ(a.populations.size(), b.populations.size());
  for (size_t i = 0; i < a.populations.size(); ++i) {
    const PopulationSpec &x = a.populations[i], &y = b.populations[i];
    EXPECT_EQ(std::tie(x.name, x.model, x.size, x.parameters, x.when),
              std::tie(y.name, y.model, y.size, y.parameters, y.when));
  }
  ASSERT_EQ(a.projections.size(), b.projections.size());
  for (size_t i = 0; i < a.projections.size(); ++i) {
    const ProjectionSpec &x = a.projections[i], &y = b.projections[i];
    EXPECT_EQ(
        std::tie(x.name, x.source, x.target, x.delay, x.transpose_of, x.min_weight, x.max_weight),
        std::tie(y.name, y.source, y.target, y.delay, y.transpose_of, y.min_weight, y.max_weight));
    EXPECT_EQ(std::tie(x.initial.distribution, x.initial.mean, x.initial.spread, x.initial.values),
              std::tie(y.initial.distribution, y.initial.mean, y.initial.spread, y.initial.values));
    ASSERT_EQ(x.initial.synapses.size(), y.initial.synapses.size());
    for (size_t n = 0; n < x.initial.synapses.size(); ++n) {
      const SynapseWeight &v = x.initial.synapses[n], &w = y.initial.synapses[n];
      EXPECT_EQ(std::tie(v.pre, v.post, v.weight), std::tie(w.pre, w.post, w.weight));
    }
    const Connectivity &c = x.connectivity, &d = y.connectivity;
    EXPECT_EQ(std::tie(c.rule, c.degree, c.probability, c.sigma, c.dimensions, c.periodic, c.self,
                       c.seed),
              std::tie(d.rule, d.degree, d.probability, d.sigma, d.dimensions, d.periodic, d.self,
                       d.seed));
    EXPECT_EQ(std::tie(x.transmission.name, x.transmission.parameters, x.dale),
              std::tie(y.transmission.name, y.transmission.parameters, y.dale));
    EXPECT_EQ(std::tie(x.rule.name, x.rule.parameters, x.rule.bindings, x.rule.when),
              std::tie(y.rule.name, y.rule.parameters, y.rule.bindings, y.rule.when));
  }
  ASSERT_EQ(a.modulators.size(), b.modulators.size());
  for (size_t i = 0; i < a.modulators.size(); ++i) {
    const ModulatorSpec &x = a.modulators[i], &y = b.modulators[i];
    EXPECT_EQ(std::tie(x.name, x.model, x.size, x.parameters, x.when, x.combine, x.default_reward,
                       x.early_window, x.reward_interval),
              std::tie(y.name, y.model, y.size, y.parameters, y.when, y.combine, y.default_reward,
                       y.early_window, y.reward_interval));
  }
  ASSERT_EQ(a.outputs.size(), b.outputs.size());
  for (size_t i = 0; i < a.outputs.size(); ++i) {
    const OutputSpec &x = a.outputs[i], &y = b.outputs[i];
    EXPECT_EQ(std::tie(x.name, x.source, x.decoder, x.parameters, x.space, x.when),
              std::tie(y.name, y.source, y.decoder, y.parameters, y.space, y.when));
  }
}

TEST(SpecConversion, CoreToProtoToCore) {
  for (const CircuitSpec& spec :
       {FullSpec(), testing::LearnerSpec(), testing::TwoPortsSpec(), CircuitSpec()}) {
    v1::CircuitSpec proto;
    ToProto(spec, &proto);
    std::vector<Violation> violations;
    ExpectEqual(FromProto(proto, "circuit", &violations), spec);
    EXPECT_TRUE(violations.empty());
  }
}

TEST(SpecConversion, ProtoToCoreToProto) {
  v1::CircuitSpec proto, again;
  ToProto(FullSpec(), &proto);
  std::vector<Violation> violations;
  ToProto(FromProto(proto, "", &violations), &again);
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(proto, again));
}

TEST(SpecConversion, NoFieldOfTheContractIsForgotten) {
  // A field that the conversion does not know would stay unset.
  v1::CircuitSpec proto;
  ToProto(FullSpec(), &proto);
  const auto all_set = [](const google::protobuf::Message& message,
                          const std::set<std::string>& otherwise = {}) {
    const auto* descriptor = message.GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const auto* field = descriptor->field(i);
      const bool set = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) > 0
                                            : message.GetReflection()->HasField(message, field);
      EXPECT_TRUE(set || otherwise.contains(field->name())) << field->full_name();
    }
  };
  all_set(proto);
  all_set(proto.inputs(0));
  all_set(proto.populations(0));
  all_set(proto.projections(0), {"transpose_of"});
  all_set(proto.projections(0).initial(), {"values"});
  all_set(proto.projections(0).initial().synapses(0));
  all_set(proto.projections(0).connectivity());
  all_set(proto.projections(0).transmission());
  all_set(proto.projections(0).rule());
  all_set(proto.modulators(0));
  all_set(proto.outputs(0));
  all_set(proto.populations(0).when(), {"at"});
  EXPECT_EQ(proto.populations(1).when().at_size(), 2);
  EXPECT_EQ(proto.projections(1).initial().values_size(), 3);
  EXPECT_EQ(proto.projections(2).transpose_of(), "a");
}

TEST(SpecConversion, AbsentNumbersGetTheContractsDefaults) {
  v1::CircuitSpec proto;
  proto.add_modulators();
  proto.add_projections();
  std::vector<Violation> violations;
  const CircuitSpec spec = FromProto(proto, "", &violations);
  EXPECT_EQ(spec.dt, 1);
  EXPECT_EQ(spec.ticks_per_step, 1);
  EXPECT_EQ(spec.sweeps, 1);
  EXPECT_EQ(spec.modulators[0].size, 1);
  EXPECT_EQ(spec.projections[0].initial.distribution, InitialWeights::Distribution::kConstant);
  EXPECT_FALSE(spec.projections[0].min_weight.has_value());
  EXPECT_TRUE(violations.empty());
}

TEST(SpecConversion, WhatCoreHasNoWordForIsAViolationAtItsPath) {
  v1::CircuitSpec proto;
  ToProto(FullSpec(), &proto);
  proto.mutable_populations(1)->mutable_when()->clear_clock();
  proto.mutable_outputs(0)->mutable_when()->set_clock(static_cast<v1::When::Clock>(77));
  proto.mutable_projections(0)->mutable_initial()->set_distribution(
      static_cast<v1::InitialWeights::Distribution>(9));
  proto.mutable_projections(1)->mutable_initial()->set_mean(1);
  (*proto.mutable_projections(0)->mutable_rule()->mutable_parameters())["bad"].set_null_value(
      google::protobuf::NULL_VALUE);
  std::vector<Violation> violations;
  FromProto(proto, "agent.circuit", &violations);
  std::vector<std::string> fields;
  for (const Violation& violation : violations) fields.push_back(violation.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"agent.circuit.populations[1].when.clock",
                                              "agent.circuit.projections[0].initial.distribution",
                                              "agent.circuit.projections[0].rule.parameters.bad",
                                              "agent.circuit.projections[1].initial.values",
                                              "agent.circuit.outputs[0].when.clock"}));
}

}  // namespace
}  // namespace phasic::convert

// SPDX-License-Identifier: Apache-2.0
//
// Every rule in the table, with every population that it can learn at, and every modulator, through
// the battery. Then rules that are broken, each in its own way: the battery must find them.
#include "tests/core/support/battery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace phasic::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(BatteryTest, EveryBlockOfTheTablesPasses) {
  const Catalogue& catalogue = Circuit::Standard();
  std::vector<std::string> without;
  const auto cases = Cases(catalogue, &without);
  EXPECT_THAT(without, IsEmpty()) << "no circuit was found in which they learn";
  for (const Case& c : cases) {
    for (const Check& check : Checks()) {
      const Finding finding = check.run(catalogue, c);
      EXPECT_EQ(finding.fault, "") << c.name << ": " << check.name;
      for (const std::string& note : finding.notes) {
        std::printf("%s: %s\n", c.name.c_str(), note.c_str());
      }
    }
  }
}

TEST(BatteryTest, EveryRuleDescribesItself) {
  for (const Rule* rule : Circuit::Standard().rules) EXPECT_THAT(RuleFaults(*rule), IsEmpty());
}

// --- broken rules

constexpr ParamInfo kParams[] = {{.name = "rate",
                                  .description = "a rate",
                                  .default_value = 0.1,
                                  .min = 0,
                                  .max = 1,
                                  .source = "ours"}};
constexpr FactorInfo kPreFactors[] = {{kPre, "activity", kPre}};
constexpr GateInfo kGates[] = {{"reward", "a reward"}};

Rule Broken(void (*row)(const RowView&) noexcept) {
  return {.name = "broken",
          .summary = "Broken.",
          .equations = "none",
          .source = "ours",
          .params = kParams,
          .pre_factors = kPreFactors,
          .gates = kGates,
          .row = row};
}

// dw_j = rate reward pre_j, as a rule should.
void Learn(const RowView& v) noexcept {
  const Real c = static_cast<Real>(v.params[0] * v.gates[0]);
  for (int j = 0; j < v.pre_size; ++j) v.weights[j] += c * v.pre[0][j];
}

// The checks that a rule fails, on rate neurons and raw rewards.
std::vector<std::string> Failed(const Rule& rule) {
  const Rule* const rules[] = {&rule};
  Catalogue catalogue = Circuit::Standard();
  catalogue.rules = rules;
  CircuitSpec s;
  s.inputs = {{.name = "observation",
               .space = Space::Box({3}, {-1}, {1}),
               .encoder = "raw",
               .target = "source"}};
  s.populations = {{.name = "source", .model = "rate", .size = 3},
                   {.name = "target", .model = "rate", .size = 2}};
  ProjectionSpec w{.name = "w", .source = "source", .target = "target"};
  w.initial.mean = 1;
  w.rule.name = "broken";
  for (const GateInfo& gate : rule.gates) w.rule.bindings[gate.name] = "reward";
  s.projections = {w};
  s.modulators = {{.name = "reward", .model = "raw"}};
  s.outputs = {{.name = "action", .source = "target", .decoder = "rates"}};
  std::vector<std::string> failed;
  for (const Check& check : Checks()) {
    if (!check.run(catalogue, {"broken", s, {"w"}}).fault.empty()) failed.emplace_back(check.name);
  }
  return failed;
}

TEST(BatteryTest, ASoundRuleFailsNothing) {
  const Rule rule = Broken(Learn);
  EXPECT_THAT(Failed(rule), IsEmpty());
  EXPECT_THAT(RuleFaults(rule), IsEmpty());
}

TEST(BatteryTest, ARuleThatNeverLearnsIsFound) {
  EXPECT_THAT(Failed(Broken([](const RowView&) noexcept {})), ElementsAre("learns"));
}

TEST(BatteryTest, ARuleThatDivergesIsFound) {
  const Rule rule = Broken([](const RowView& v) noexcept {
    for (int j = 0; j < v.pre_size; ++j) v.weights[j] *= v.open[0] ? Real{1e30f} : Real{1};
    Learn(v);
  });
  EXPECT_THAT(Failed(rule), ::testing::Contains("finite-at-bounds"));
}

// What a row may not write, it can still reach.
TEST(BatteryTest, ARuleThatSpoilsActivityIsFound) {
  const Rule rule = Broken([](const RowView& v) noexcept {
    if (v.open[0]) return Learn(v);
    if (v.params[0] == 1) const_cast<Real*>(v.pre[0])[0] = std::numeric_limits<Real>::infinity();
  });
  EXPECT_THAT(Failed(rule), ElementsAre("finite-at-bounds"));
}

TEST(BatteryTest, ARuleThatLearnsWithoutItsGateIsFound) {
  const Rule rule = Broken([](const RowView& v) noexcept {
    Learn(v);
    for (int j = 0; v.open[0] && j < v.pre_size; ++j) v.weights[j] *= Real{0.99f};
  });
  EXPECT_THAT(Failed(rule), ElementsAre("zero-modulator"));
}

TEST(BatteryTest, ARuleThatLearnsWhileFrozenIsFound) {
  Rule rule = Broken([](const RowView& v) noexcept {
    for (int j = 0; j < v.pre_size; ++j) v.weights[j] *= Real{0.99f};
  });
  rule.gates = {};
  EXPECT_THAT(Failed(rule), ElementsAre("frozen"));
}

// A memory that is no column.
TEST(BatteryTest, ARuleWithHiddenStateIsFound) {
  const Rule rule = Broken([](const RowView& v) noexcept {
    static Real calls = 0;
    Learn(v);
    calls += 1;
    v.weights[0] += static_cast<Real>(v.gates[0]) * calls / 1024;
  });
  EXPECT_THAT(Failed(rule), ElementsAre("restored", "looked-at", "lanes", "kernels"));
}

TEST(BatteryTest, ARuleThatHidesWhatItIsIsFound) {
  static constexpr ParamInfo kVague[] = {
      {.name = "tau", .description = "", .default_value = 5, .min = 1, .max = 1}};
  Rule rule = Broken(Learn);
  rule.params = kVague;
  rule.equations = "";
  rule.source = "";
  EXPECT_THAT(
      RuleFaults(rule),
      ElementsAre("broken.tau has no description", "broken.tau has no source",
                  "broken.tau is a time without unit", "broken.tau has no range",
                  "broken.tau cannot be 5", "broken has no equations", "broken has no source"));
}

TEST(BatteryTest, ARuleThatFitsNoCircuitIsNamed) {
  static constexpr FactorInfo kNowhere[] = {{"soul", "of the neuron", "soul"}};
  Rule rule = Broken(Learn);
  rule.post_factors = kNowhere;
  const Rule* const rules[] = {&rule};
  Catalogue catalogue = Circuit::Standard();
  catalogue.rules = rules;
  std::vector<std::string> without;
  EXPECT_THAT(Cases(catalogue, &without), IsEmpty());
  EXPECT_THAT(without, ::testing::Contains("broken"));
}

}  // namespace
}  // namespace phasic::testing

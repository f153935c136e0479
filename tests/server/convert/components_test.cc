// SPDX-License-Identifier: Apache-2.0
#include "server/convert/components.h"

#include <gmock/gmock.h>

#include "core/circuit/circuit.h"

namespace phasic::convert {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

v1::ComponentInfo Describe(const auto* block) {
  v1::ComponentInfo info;
  EXPECT_NE(block, nullptr);
  if (block != nullptr) ToProto(*block, &info);
  return info;
}

TEST(Components, APopulationTellsItsSitesAndVariables) {
  const auto info = Describe(Find(Circuit::Standard().populations, "softmax"));
  EXPECT_EQ(info.kind(), v1::ComponentInfo::POPULATION);
  EXPECT_EQ(info.name(), "softmax");
  EXPECT_FALSE(info.summary().empty());
  EXPECT_FALSE(info.equations().empty());
  EXPECT_FALSE(info.source().empty());
  ASSERT_EQ(info.sites_size(), 2);
  EXPECT_EQ(info.sites(0).name(), "drive");
  ASSERT_EQ(info.variables_size(), 3);
  EXPECT_EQ(info.variables(1).name(), "probability");
  EXPECT_EQ(info.variables(1).life(), "fast");
  EXPECT_TRUE(info.variables(1).output());
  ASSERT_EQ(info.parameters_size(), 2);
  const v1::ParameterInfo& temperature = info.parameters(0);
  EXPECT_EQ(temperature.name(), "temperature");
  EXPECT_EQ(temperature.default_value(), 1);
  EXPECT_GT(temperature.max(), temperature.min());
  EXPECT_TRUE(temperature.live());
  EXPECT_FALSE(temperature.list());
}

TEST(Components, AWordTellsItsChoices) {
  const auto info = Describe(Find(Circuit::Standard().populations, "rate"));
  ASSERT_GE(info.parameters_size(), 1);
  EXPECT_EQ(info.parameters(0).name(), "transfer");
  EXPECT_THAT(info.parameters(0).choices(), Contains("tanh"));
}

TEST(Components, ARuleTellsItsTermsInWords) {
  const auto info = Describe(Find(Circuit::Standard().rules, "reinforce-trace"));
  EXPECT_EQ(info.kind(), v1::ComponentInfo::RULE);
  EXPECT_THAT(info.terms(), Contains(HasSubstr("post factor score: ")));
  EXPECT_THAT(info.terms(), Contains(HasSubstr("pre factor pre: ")));
  EXPECT_THAT(info.terms(), Contains(HasSubstr("gate reward: ")));
  EXPECT_THAT(
      info.terms(),
      Contains("dw = learning_rate * reward * (trace of score * pre, which fades by exp(-dt / "
               "tau)); a pair every tick; applied whenever the gate fires"));
}

TEST(Components, EveryBlockOfTheServerCanBeDescribed) {
  const Catalogue& all = Circuit::Standard();
  const auto check = [](auto table, v1::ComponentInfo::Kind kind) {
    EXPECT_FALSE(table.empty());
    for (const auto* block : table) {
      const v1::ComponentInfo info = Describe(block);
      EXPECT_EQ(info.kind(), kind) << block->name;
      EXPECT_FALSE(info.summary().empty()) << block->name;
      EXPECT_EQ(info.parameters_size(), static_cast<int>(block->params.size()));
    }
  };
  check(all.populations, v1::ComponentInfo::POPULATION);
  check(all.rules, v1::ComponentInfo::RULE);
  check(all.modulators, v1::ComponentInfo::MODULATOR);
  check(all.encoders, v1::ComponentInfo::ENCODER);
  check(all.decoders, v1::ComponentInfo::DECODER);
  check(all.transmissions, v1::ComponentInfo::TRANSMISSION);
}

}  // namespace
}  // namespace phasic::convert

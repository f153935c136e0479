// SPDX-License-Identifier: Apache-2.0
//
// What every building block says of itself, held by all that are in the tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/circuit/circuit.h"
#include "core/presets/presets.h"
#include "tests/core/support/battery.h"

namespace phasic {
namespace {

void ExpectText(const char* text, const std::string& what) {
  ASSERT_NE(text, nullptr) << what;
  EXPECT_NE(std::string(text), "") << what;
}

void ExpectParams(std::span<const ParamInfo> params, const std::string& owner) {
  EXPECT_THAT(testing::ParamFaults(params, owner), ::testing::IsEmpty());
}

template <class T>
void ExpectSortedNames(std::span<const T* const> table, const std::string& kind) {
  std::string before;
  for (const T* block : table) {
    EXPECT_LT(before, block->name) << kind << ": tables are sorted, names differ";
    before = block->name;
    ExpectText(block->summary, kind + " " + block->name + " summary");
    ExpectText(block->equations, kind + " " + block->name + " equations");
    ExpectParams(block->params, block->name);
  }
  EXPECT_FALSE(table.empty());
}

void ExpectComponent(const Component& c, Kind kind) {
  EXPECT_EQ(c.kind, kind) << c.name;
  ExpectText(c.source, std::string(c.name) + " source");
  EXPECT_NE(c.forward, nullptr) << c.name;
  std::set<std::string> names;
  for (const SiteInfo& s : c.sites) {
    EXPECT_TRUE(names.insert(s.name).second) << c.name << "." << s.name;
    ExpectText(s.description, s.name);
  }
  for (const ColumnInfo& info : c.columns) {
    EXPECT_TRUE(names.insert(info.name).second)
        << c.name << "." << info.name << ": a site or column has that name";
    ExpectText(info.description, info.name);
    if (info.output) {
      EXPECT_EQ(info.type, kReal) << c.name << "." << info.name;
      EXPECT_EQ(info.extent, Extent::kUnit) << c.name << "." << info.name;
    }
    if (kind == Kind::kModulator && info.output) {
      EXPECT_EQ(info.written, Phase::kModulator) << info.name;
    }
  }
  ASSERT_FALSE(c.columns.empty()) << c.name;
  EXPECT_TRUE(c.columns[0].output) << c.name << ": the first column is what the component means";
}

TEST(CatalogueTest, EveryComponentDescribesItself) {
  const Catalogue& all = Circuit::Standard();
  ExpectSortedNames(all.populations, "population");
  ExpectSortedNames(all.modulators, "modulator");
  ExpectSortedNames(all.encoders, "encoder");
  ExpectSortedNames(all.decoders, "decoder");
  ExpectSortedNames(all.rules, "rule");
  for (const Component* c : all.populations) ExpectComponent(*c, Kind::kPopulation);
  for (const Component* c : all.modulators) ExpectComponent(*c, Kind::kModulator);
  for (const Component* c : all.encoders) ExpectComponent(*c, Kind::kEncoder);
}

TEST(CatalogueTest, EveryRuleRefersToItsOwnFactorsGatesAndParameters) {
  for (const Rule* rule : Circuit::Standard().rules) {
    ExpectText(rule->source, rule->name);
    EXPECT_TRUE(rule->row != nullptr || !rule->terms.empty()) << rule->name;
    for (const Term& t : rule->terms) {
      ASSERT_LT(static_cast<size_t>(t.post), rule->post_factors.size()) << rule->name;
      if (t.pre != kSynapseScore) {
        ASSERT_LT(static_cast<size_t>(t.pre), rule->pre_factors.size()) << rule->name;
      }
      ASSERT_LT(t.gate, static_cast<int>(rule->gates.size())) << rule->name;
      ASSERT_LT(static_cast<size_t>(t.rate_parameter), rule->params.size()) << rule->name;
      if (t.kernel == Kernel::kExp || t.kernel == Kernel::kDelay) {
        ASSERT_GE(t.decay_parameter, 0) << rule->name;
        ASSERT_LT(static_cast<size_t>(t.decay_parameter), rule->params.size()) << rule->name;
      }
      if (t.kernel == Kernel::kCascade) {
        ASSERT_GE(t.decay_parameter, 0) << rule->name;
        if (t.stages_parameter >= 0) {
          EXPECT_GE(rule->params[t.stages_parameter].min, 1) << rule->name;
          EXPECT_LE(rule->params[t.stages_parameter].max, kMostStages) << rule->name;
        }
      }
      EXPECT_FALSE(t.present_pair && t.kernel == Kernel::kDelay)
          << rule->name << ": the pair of n clocks ago is not the present one";
      EXPECT_FALSE(t.gate == kAlways && t.apply == When::Clock::kDelivery)
          << rule->name << ": without a gate no modulator fires, so nothing would be applied";
    }
  }
}

TEST(CatalogueTest, EveryTransmissionDescribesItself) {
  const auto transmissions = Circuit::Standard().transmissions;
  ExpectSortedNames(transmissions, "transmission");
  for (const Transmission* t : transmissions) {
    ExpectText(t->source, t->name);
    ASSERT_NE(t->hold, nullptr) << t->name;
    ASSERT_NE(t->transmit, nullptr) << t->name;
    ASSERT_NE(t->score, nullptr) << t->name;
    EXPECT_LE(t->columns.size(), size_t{kMostTransmissionColumns}) << t->name;
    for (const ColumnInfo& info : t->columns) {
      ExpectText(info.description, info.name);
      EXPECT_EQ(info.type, kReal) << t->name;
      EXPECT_EQ(info.extent, Extent::kPre) << t->name;
    }
  }
}

TEST(CatalogueTest, EveryRulesOwnColumnsSayWhatTheyAre) {
  for (const Rule* rule : Circuit::Standard().rules) {
    EXPECT_EQ(rule->factors == nullptr, rule->factor_columns.empty()) << rule->name;
    EXPECT_TRUE(rule->row != nullptr || rule->synapse_columns.empty()) << rule->name;
    std::set<std::string> names;
    for (const ColumnInfo& c : rule->factor_columns) {
      ExpectText(c.description, std::string(rule->name) + "." + c.name);
      EXPECT_TRUE(names.insert(c.name).second) << rule->name << "." << c.name;
      EXPECT_TRUE(c.extent == Extent::kPre || c.extent == Extent::kPost) << c.name;
      EXPECT_EQ(c.type, kReal) << rule->name << "." << c.name;
      EXPECT_EQ(c.life, Life::kTrace) << rule->name << "." << c.name;
    }
    for (const ColumnInfo& c : rule->synapse_columns) {
      ExpectText(c.description, std::string(rule->name) + "." + c.name);
      EXPECT_TRUE(names.insert(c.name).second) << rule->name << "." << c.name;
      EXPECT_EQ(c.extent, Extent::kSynapse) << rule->name << "." << c.name;
    }
  }
}

TEST(CatalogueTest, EveryPresetDescribesItself) {
  std::string before;
  for (const Preset* preset : Presets()) {
    EXPECT_LT(before, preset->name);
    before = preset->name;
    ExpectText(preset->summary, preset->name);
    ExpectText(preset->description, preset->name);
    ExpectParams(preset->params, preset->name);
    std::vector<Violation> violations;
    const CircuitSpec spec = BuildPreset(preset->name, {}, {}, &violations);
    EXPECT_TRUE(violations.empty()) << preset->name;
    EXPECT_TRUE(Circuit::Compile(spec).ok()) << preset->name;
  }
}

}  // namespace
}  // namespace phasic

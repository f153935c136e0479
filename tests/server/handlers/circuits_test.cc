// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "core/presets/presets.h"
#include "tests/server/support/handler_test.h"

namespace phasic::testing {
namespace {

using absl::StatusCode;
using ::testing::Contains;
using ::testing::IsSupersetOf;

class CircuitsTest : public HandlerTest {
 protected:
  v1::ListCircuitsResponse List(const v1::ListCircuitsRequest& request) {
    v1::ListCircuitsResponse response;
    EXPECT_OK(handlers::ListCircuits(call_, request, &response));
    return response;
  }
  v1::Circuit GetPreset(const std::string& name) {
    v1::GetCircuitRequest request;
    request.set_name("circuits/" + name);
    v1::Circuit response;
    EXPECT_OK(handlers::GetCircuit(call_, request, &response));
    return response;
  }
  v1::ValidateCircuitResponse Validate(const v1::ValidateCircuitRequest& request) {
    v1::ValidateCircuitResponse response;
    EXPECT_OK(handlers::ValidateCircuit(call_, request, &response));
    return response;
  }
  static Fields FieldsOf(const v1::ValidateCircuitResponse& response) {
    Fields fields;
    for (const auto& violation : response.violations()) {
      EXPECT_FALSE(violation.description().empty());
      fields.push_back(violation.field());
    }
    return fields;
  }
};

TEST_F(CircuitsTest, ListsThePresetsByName) {
  const v1::ListCircuitsResponse all = List({});
  std::vector<std::string> names;
  for (const v1::Circuit& circuit : all.circuits()) {
    names.push_back(circuit.name());
    EXPECT_FALSE(circuit.summary().empty());
    EXPECT_FALSE(circuit.description().empty());
    EXPECT_GT(circuit.parameters_size(), 0);
    EXPECT_GT(circuit.spaces_size(), 0);
    EXPECT_FALSE(circuit.has_spec());
    EXPECT_EQ(circuit.components_size(), 0);
  }
  EXPECT_THAT(names,
              IsSupersetOf({"circuits/actor-critic", "circuits/bandit", "circuits/reinforce"}));
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_TRUE(all.next_page_token().empty());
}

TEST_F(CircuitsTest, ListsInPages) {
  const v1::ListCircuitsResponse all = List({});
  v1::ListCircuitsRequest request;
  request.set_page_size(1);
  int seen = 0;
  do {
    const v1::ListCircuitsResponse page = List(request);
    ASSERT_EQ(page.circuits_size(), 1);
    EXPECT_EQ(page.circuits(0).name(), all.circuits(seen++).name());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(seen, all.circuits_size());
  v1::ListCircuitsResponse response;
  EXPECT_THAT(
      handlers::ListCircuits(call_, Proto<v1::ListCircuitsRequest>("page_size: -2"), &response),
      FailsFor("BAD_FIELD", Fields{"page_size"}));
  EXPECT_THAT(
      handlers::ListCircuits(call_, Proto<v1::ListCircuitsRequest>("page_token: 'x'"), &response),
      FailsFor("BAD_FIELD", Fields{"page_token"}));
}

TEST_F(CircuitsTest, APresetTellsItsCircuitAndBlocks) {
  for (const Preset* preset : Presets()) {
    const v1::Circuit circuit = GetPreset(preset->name);
    std::set<std::string> blocks;
    for (const v1::ComponentInfo& block : circuit.components()) {
      EXPECT_TRUE(
          blocks.insert(v1::ComponentInfo::Kind_Name(block.kind()) + " " + block.name()).second);
    }
    for (const auto& part : circuit.spec().populations())
      EXPECT_THAT(blocks, Contains("POPULATION " + part.model()));
    for (const auto& part : circuit.spec().modulators())
      EXPECT_THAT(blocks, Contains("MODULATOR " + part.model()));
    for (const auto& part : circuit.spec().inputs())
      EXPECT_THAT(blocks, Contains("ENCODER " + part.encoder()));
    for (const auto& part : circuit.spec().outputs())
      EXPECT_THAT(blocks, Contains("DECODER " + part.decoder()));
    for (const auto& part : circuit.spec().projections()) {
      if (part.has_rule()) {
        EXPECT_THAT(blocks, Contains("RULE " + part.rule().name()));
      }
      if (part.has_transmission()) {
        EXPECT_THAT(blocks, Contains("TRANSMISSION " + part.transmission().name()));
      }
    }
    // What is told is what an agent would have.
    v1::ValidateCircuitRequest request;
    *request.mutable_circuit() = circuit.spec();
    const v1::ValidateCircuitResponse as_circuit = Validate(request);
    EXPECT_EQ(as_circuit.violations_size(), 0) << as_circuit.ShortDebugString();
    request.mutable_preset()->set_preset(preset->name);
    EXPECT_EQ(Validate(request).SerializeAsString(), as_circuit.SerializeAsString());
  }
}

TEST_F(CircuitsTest, APresetMustBeThere) {
  v1::GetCircuitRequest request;
  v1::Circuit response;
  request.set_name("circuits/none");
  const absl::Status status = handlers::GetCircuit(call_, request, &response);
  EXPECT_THAT(status, Fails(StatusCode::kNotFound, "CIRCUIT_NOT_FOUND"));
  EXPECT_EQ(DetailsOf(status).metadata.at("resource"), "circuits/none");
  request.set_name("bandit");
  EXPECT_THAT(handlers::GetCircuit(call_, request, &response),
              FailsFor("BAD_FIELD", Fields{"name"}));
}

TEST_F(CircuitsTest, ListsTheBuildingBlocksByKindAndName) {
  v1::ListComponentsResponse all;
  ASSERT_OK(handlers::ListComponents(call_, {}, &all));
  std::vector<std::pair<int, std::string>> order;
  std::map<int, int> counts;
  for (const v1::ComponentInfo& block : all.components()) {
    order.emplace_back(block.kind(), block.name());
    ++counts[block.kind()];
  }
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(counts.size(), 6u);
  for (const auto& [kind, count] : counts) {
    v1::ListComponentsRequest request;
    request.set_kind(static_cast<v1::ComponentInfo::Kind>(kind));
    v1::ListComponentsResponse some;
    ASSERT_OK(handlers::ListComponents(call_, request, &some));
    EXPECT_EQ(some.components_size(), count);
    for (const v1::ComponentInfo& block : some.components()) EXPECT_EQ(block.kind(), kind);
  }
  v1::ListComponentsRequest request;
  request.set_kind(static_cast<v1::ComponentInfo::Kind>(44));
  EXPECT_THAT(handlers::ListComponents(call_, request, &all),
              FailsFor("BAD_FIELD", Fields{"kind"}));
}

TEST_F(CircuitsTest, AGoodCircuitTellsSizeAndPorts) {
  v1::ValidateCircuitRequest request;
  convert::ToProto(LearnerSpec(), request.mutable_circuit());
  const v1::ValidateCircuitResponse response = Validate(request);
  EXPECT_EQ(response.violations_size(), 0);
  const v1::Agent agent = Create("a");
  EXPECT_EQ(response.size().SerializeAsString(), agent.size().SerializeAsString());
  ASSERT_EQ(response.ports_size(), agent.ports_size());
  for (int i = 0; i < agent.ports_size(); ++i) {
    EXPECT_EQ(response.ports(i).SerializeAsString(), agent.ports(i).SerializeAsString());
  }
}

TEST_F(CircuitsTest, AFaultyCircuitTellsEveryFault) {
  v1::ValidateCircuitRequest request;
  v1::CircuitSpec* circuit = request.mutable_circuit();
  convert::ToProto(LearnerSpec(), circuit);
  circuit->mutable_populations(0)->set_size(0);
  circuit->mutable_projections(0)->mutable_rule()->clear_bindings();
  circuit->mutable_outputs(0)->set_decoder("none");
  circuit->mutable_outputs(0)->mutable_when()->set_n(3);
  const v1::ValidateCircuitResponse response = Validate(request);
  EXPECT_THAT(FieldsOf(response),
              IsSupersetOf({"circuit.populations[0].size", "circuit.outputs[0].decoder",
                            "circuit.outputs[0].when.clock"}));
  EXPECT_FALSE(response.has_size());
  EXPECT_EQ(response.ports_size(), 0);
}

TEST_F(CircuitsTest, AFaultyPresetTellsEveryFault) {
  const auto response = Validate(Proto<v1::ValidateCircuitRequest>(R"(
    preset { preset: 'bandit'
             parameters { key: 'no_such' value { number_value: 1 } }
             parameters { key: 'learning_rate' value { struct_value { } } }
             spaces { key: 'nose' value { discrete { n: 2 } } } })"));
  EXPECT_THAT(FieldsOf(response),
              IsSupersetOf({"preset.parameters.no_such", "preset.parameters.learning_rate",
                            "preset.spaces.nose"}));
  v1::ValidateCircuitResponse nothing;
  EXPECT_THAT(handlers::ValidateCircuit(call_, {}, &nothing),
              FailsFor("BAD_FIELD", Fields{"circuit"}));
}

TEST_F(CircuitsTest, AnEmptyCircuitIsAnAnswerToo) {
  v1::ValidateCircuitRequest request;
  request.mutable_circuit();
  EXPECT_THAT(FieldsOf(Validate(request)),
              IsSupersetOf({"circuit.inputs", "circuit.populations", "circuit.outputs"}));
}

}  // namespace
}  // namespace phasic::testing

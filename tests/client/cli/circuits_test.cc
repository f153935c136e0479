// SPDX-License-Identifier: Apache-2.0
//
// phasic circuits and phasic server.
#include <cmath>

#include "tests/client/cli/commands_test.h"

namespace phasic {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// A small preset that has one of everything.
v1::Circuit MakePreset() {
  v1::Circuit circuit;
  circuit.set_name("circuits/tiny");
  circuit.set_summary("A small circuit.");
  circuit.set_description("It has one of everything.");
  v1::ParameterInfo& rate = *circuit.add_parameters();
  rate.set_name("learning_rate");
  rate.set_description("How fast it learns.");
  rate.set_unit("1/ms");
  rate.set_default_value(0.01);
  rate.set_max(1);
  rate.set_live(true);
  rate.set_source("Williams 1992");
  v1::ParameterInfo& function = *circuit.add_parameters();
  function.set_name("function");
  function.set_description("Of the hidden layer.");
  function.add_choices("tanh");
  function.add_choices("identity");
  (*circuit.mutable_spaces())["observation"].mutable_box()->add_shape(4);
  (*circuit.mutable_spaces())["action"].mutable_discrete()->set_n(2);

  v1::CircuitSpec& spec = *circuit.mutable_spec();
  spec.set_ticks_per_step(5);
  v1::InputSpec& input = *spec.add_inputs();
  input.set_name("observation");
  input.mutable_space()->mutable_box()->add_shape(4);
  input.set_encoder("raw");
  input.set_target("hidden.drive");
  v1::PopulationSpec& hidden = *spec.add_populations();
  hidden.set_name("hidden");
  hidden.set_model("rate");
  hidden.set_size(16);
  (*hidden.mutable_parameters())["function"].set_string_value("tanh");
  hidden.mutable_when()->set_clock(v1::When::EVERY);
  hidden.mutable_when()->set_n(2);
  v1::ProjectionSpec& forward = *spec.add_projections();
  forward.set_name("forward");
  forward.set_source("hidden");
  forward.set_target("policy.drive");
  forward.set_delay(1);
  forward.mutable_initial()->set_distribution(v1::InitialWeights::NORMAL);
  forward.mutable_initial()->set_spread(0.1);
  forward.set_max_weight(4);
  forward.mutable_rule()->set_name("reinforce");
  (*forward.mutable_rule()->mutable_bindings())["gate"] = "reward.advantage";
  (*forward.mutable_rule()->mutable_parameters())["tau"].set_number_value(20);
  auto& bins = *(*forward.mutable_rule()->mutable_parameters())["bins"].mutable_list_value();
  bins.add_values()->set_number_value(1.0 / 3);
  bins.add_values()->set_string_value("few");
  v1::ProjectionSpec& back = *spec.add_projections();
  back.set_name("back");
  back.set_source("policy.error");
  back.set_target("hidden.topdown");
  back.set_transpose_of("forward");
  v1::ModulatorSpec& modulator = *spec.add_modulators();
  modulator.set_name("reward");
  modulator.set_model("baseline");
  v1::OutputSpec& output = *spec.add_outputs();
  output.set_name("action");
  output.set_source("policy.choice");
  output.set_decoder("index");
  output.mutable_when()->set_clock(v1::When::AT);
  output.mutable_when()->add_at(2.5);
  v1::ComponentInfo& component = *circuit.add_components();
  component.set_kind(v1::ComponentInfo::POPULATION);
  component.set_name("rate");
  component.set_summary("Rate neurons.");
  return circuit;
}

v1::ComponentInfo MakeRule(const std::string& name) {
  v1::ComponentInfo rule;
  rule.set_kind(v1::ComponentInfo::RULE);
  rule.set_name(name);
  rule.set_summary("Moves weights along the score.");
  rule.set_equations("e' = -e/τ + s·x\nΔw = η·g·e");
  rule.set_source("Williams 1992, Machine Learning 8:229.");
  rule.add_terms("score × pre, decaying; gate: advantage");
  v1::ParameterInfo& tau = *rule.add_parameters();
  tau.set_name("tau");
  tau.set_description("Time constant of the trace");
  tau.set_unit("ms");
  tau.set_default_value(20);
  tau.set_min(0.001);
  tau.set_max(INFINITY);
  tau.set_list(true);
  v1::SiteInfo& site = *rule.add_sites();
  site.set_name("drive");
  site.set_description("Input.");
  v1::VariableInfo& variable = *rule.add_variables();
  variable.set_name("trace");
  variable.set_description("Eligibility.");
  variable.set_unit("1");
  variable.set_life("trace");
  variable.set_output(true);
  return rule;
}

class CircuitsTest : public CommandTest {
 protected:
  CircuitsTest() {
    v1::ListComponentsResponse all;
    *all.add_components() = MakePreset().components(0);
    *all.add_components() = MakeRule("eligibility");
    *all.add_components() = MakeRule("tiny");
    fake_.circuits.components.answers = {all};
  }

  void NoPreset() {
    fake_.circuits.get.status =
        ErrorMaker(grpc::StatusCode::NOT_FOUND, "no circuit \"x\"", "CIRCUIT_NOT_FOUND").Make();
  }
};

constexpr char kPresetText[] = R"(tiny (preset)
A small circuit.

It has one of everything.

parameters:
  NAME           DEFAULT  UNIT  RANGE          LIVE  DESCRIPTION
  learning_rate     0.01  1/ms  0 to 1         yes   How fast it learns. [Williams 1992]
  function          tanh        tanh|identity        Of the hidden layer.

ports:
  NAME         SPACE
  action       discrete:2
  observation  box:4

time:
  tick              1 ms
  ticks of a step   5
  sweeps of a tick  1

inputs:
  NAME         SPACE  ENCODER  DRIVES        PARAMETERS
  observation  box:4  raw      hidden.drive

populations:
  NAME    MODEL  SIZE  PARAMETERS
  hidden  rate     16  function=tanh, every 2 ticks

projections:
  NAME     FROM          TO              DELAY  WEIGHTS                                   RULE
  forward  hidden        policy.drive        1  normal, mean 0, deviation 0.1, at most 4  reinforce gate<-reward.advantage (bins=[0.333333,few] tau=20)
  back     policy.error  hidden.topdown      0  transpose of forward                      fixed

modulators:
  NAME    MODEL     SIZE  PARAMETERS
  reward  baseline     1

outputs:
  NAME    SPACE  DECODER  READS          PARAMETERS
  action  -      index    policy.choice  at 2.5 ms

building blocks:
  KIND        NAME  SUMMARY
  population  rate  Rate neurons.
)";

std::string RuleText(const std::string& name) {
  return name +
         " (rule)\n"
         "Moves weights along the score.\n"
         "\n"
         "equations:\n"
         "  e' = -e/τ + s·x\n"
         "  Δw = η·g·e\n"
         "\n"
         "terms:\n"
         "  score × pre, decaying; gate: advantage\n"
         "\n"
         "parameters:\n"
         "  NAME  DEFAULT  UNIT  RANGE       LIVE  DESCRIPTION\n"
         "  tau        20  ms    from 0.001        Time constant of the trace; may be a list\n"
         "\n"
         "sites:\n"
         "  NAME   DESCRIPTION\n"
         "  drive  Input.\n"
         "\n"
         "variables:\n"
         "  NAME   UNIT  LIFE   OUTPUT  DESCRIPTION\n"
         "  trace  1     trace  yes     Eligibility.\n"
         "\n"
         "source:\n"
         "  Williams 1992, Machine Learning 8:229.\n";
}

TEST_F(CircuitsTest, ListShowsEveryPageOfPresets) {
  v1::ListCircuitsResponse first;
  *first.add_circuits() = MakePreset();
  first.set_next_page_token("t");
  v1::ListCircuitsResponse second;
  v1::Circuit& other = *second.add_circuits();
  other.set_name("circuits/bandit");
  other.set_summary("Chooses.");
  fake_.circuits.list.answers = {first, second};
  EXPECT_EQ(Output({"circuits", "list"}),
            "PRESET  SUMMARY\n"
            "tiny    A small circuit.\n"
            "bandit  Chooses.\n");
  EXPECT_EQ(fake_.circuits.list.requests.at(1).page_token(), "t");
  fake_.circuits.list.answers = {second};
  const auto document = JsonIn(Output({"circuits", "list", "--json"}));
  EXPECT_EQ(document.fields()
                .at("circuits")
                .list_value()
                .values(0)
                .struct_value()
                .fields()
                .at("name")
                .string_value(),
            "circuits/bandit");
}

TEST_F(CircuitsTest, ListShowsBuildingBlocks) {
  EXPECT_EQ(Output({"circuits", "list", "--components"}),
            "KIND        NAME         SUMMARY\n"
            "population  rate         Rate neurons.\n"
            "rule        eligibility  Moves weights along the score.\n"
            "rule        tiny         Moves weights along the score.\n");
  Output({"circuits", "list", "--components", "--kind", "rule"});
  EXPECT_EQ(fake_.circuits.components.requests.at(0).kind(), v1::ComponentInfo::KIND_UNSPECIFIED);
  EXPECT_EQ(fake_.circuits.components.requests.at(1).kind(), v1::ComponentInfo::RULE);
  const auto document = JsonIn(Output({"circuits", "list", "--components", "--json"}));
  EXPECT_EQ(document.fields().at("components").list_value().values_size(), 3);
  EXPECT_EQ(Fault(2, {"circuits", "list", "--kind", "rule"}),
            "phasic: --kind is for --components\n");
}

TEST_F(CircuitsTest, DescribeShowsAPresetAndARuleOfTheSameName) {
  fake_.circuits.get.answers = {MakePreset()};
  EXPECT_EQ(Output({"circuits", "describe", "tiny"}), kPresetText + ("\n\n" + RuleText("tiny")));
  EXPECT_EQ(fake_.circuits.get.requests.at(0).name(), "circuits/tiny");
  EXPECT_EQ(Output({"circuits", "describe", "tiny", "--kind", "preset"}), kPresetText);
  EXPECT_EQ(Output({"circuits", "describe", "tiny", "--kind", "rule"}), RuleText("tiny"));
}

TEST_F(CircuitsTest, DescribeShowsABuildingBlock) {
  NoPreset();
  EXPECT_EQ(Output({"circuits", "describe", "eligibility"}), RuleText("eligibility"));
  const auto fields = JsonIn(Output({"circuits", "describe", "eligibility", "--json"})).fields();
  EXPECT_EQ(fields.at("circuits").list_value().values_size(), 0);
  const auto& rule = fields.at("components").list_value().values(0).struct_value().fields();
  EXPECT_EQ(rule.at("kind").string_value(), "RULE");
  EXPECT_EQ(
      rule.at("parameters").list_value().values(0).struct_value().fields().at("max").string_value(),
      "Infinity");
}

TEST_F(CircuitsTest, DescribeOfNothingIsAnError) {
  NoPreset();
  EXPECT_EQ(Fault(1, {"circuits", "describe", "nothing"}),
            "phasic: no preset or building block has the name nothing; phasic circuits list, with "
            "or without --components, tells what there is\n");
  EXPECT_EQ(Fault(1, {"circuits", "describe", "tiny", "--kind", "preset"}),
            "phasic: NOT_FOUND CIRCUIT_NOT_FOUND: no circuit \"x\"\n");
  EXPECT_EQ(Fault(1, {"circuits", "describe", "tiny", "--spec"}),
            "phasic: NOT_FOUND CIRCUIT_NOT_FOUND: no circuit \"x\"\n");
  fake_.circuits.get.status = {grpc::StatusCode::INTERNAL, "broken"};
  EXPECT_EQ(Fault(1, {"circuits", "describe", "tiny"}), "phasic: INTERNAL: broken\n");
}

TEST_F(CircuitsTest, DescribePrintsASpecThatValidateReads) {
  fake_.circuits.get.answers = {MakePreset()};
  const std::string json = Output({"circuits", "describe", "tiny", "--spec"});
  EXPECT_THAT(json, AllOf(HasSubstr("\"encoder\": \"raw\""), Not(HasSubstr("sweeps"))));
  Output({"circuits", "validate", "-"}, {json, {}});
  EXPECT_EQ(fake_.circuits.validate.requests.at(0).circuit().SerializeAsString().size(),
            MakePreset().spec().SerializeAsString().size());
  EXPECT_EQ(fake_.circuits.validate.requests.at(0).circuit().DebugString(),
            MakePreset().spec().DebugString());
}

TEST_F(CircuitsTest, ValidatePrintsViolationsAndEndsWithOne) {
  v1::ValidateCircuitResponse response;
  auto& first = *response.add_violations();
  first.set_field("circuit.projections[2].rule.parameters.tau");
  first.set_description("0 is below 0.001");
  auto& second = *response.add_violations();
  second.set_field("circuit.dt");
  second.set_description("-1 is below 0");
  fake_.circuits.validate.answers = {response};
  const Ending text = Run({"circuits", "validate", "-"}, {"{}", {}});
  EXPECT_EQ(text.code, 1);
  EXPECT_EQ(text.out,
            "circuit.projections[2].rule.parameters.tau: 0 is below 0.001\n"
            "circuit.dt: -1 is below 0\n");
  EXPECT_EQ(text.err, "");
  const Ending json = Run({"circuits", "validate", "-", "--json"}, {"{}", {}});
  EXPECT_EQ(json.code, 1);
  EXPECT_EQ(JsonIn(json.out).fields().at("violations").list_value().values_size(), 2);
}

TEST_F(CircuitsTest, ValidatePrintsTheSizeOfAGoodCircuit) {
  v1::ValidateCircuitResponse response;
  response.mutable_size()->set_neurons(20);
  response.mutable_size()->set_synapses(96);
  response.mutable_size()->set_bytes(2048);
  response.mutable_size()->set_max_bytes(1 << 20);
  response.mutable_size()->set_step_seconds(3e-6);
  v1::PortInfo& port = *response.add_ports();
  port.set_name("action");
  port.set_direction(v1::PortInfo::OUTPUT);
  port.mutable_space()->mutable_multi_binary()->set_n(3);
  port.set_size(3);
  fake_.circuits.validate.answers = {response};
  EXPECT_EQ(Output({"circuits", "validate", "--preset", "tiny", "--param", "learning_rate=0.5"}),
            "good\n"
            "  neurons         20\n"
            "  synapses        96\n"
            "  state           2 KiB, at most 1 MiB\n"
            "  time of a step  3 us, estimated\n"
            "\n"
            "ports:\n"
            "  NAME    DIRECTION  SPACE     SIZE  MASK\n"
            "  action  output     binary:3     3\n");
  const v1::PresetSource& preset = fake_.circuits.validate.requests.at(0).preset();
  EXPECT_EQ(preset.preset(), "tiny");
  EXPECT_EQ(preset.parameters().at("learning_rate").number_value(), 0.5);
}

TEST_F(CircuitsTest, ValidateRefusesABadCommandLine) {
  EXPECT_EQ(Fault(2, {"circuits", "validate"}), "phasic: give either FILE or --preset NAME\n");
  EXPECT_EQ(Fault(2, {"circuits", "validate", "-", "--preset", "tiny"}),
            "phasic: give either FILE or --preset NAME\n");
  EXPECT_THAT(Fault(2, {"circuits", "validate", "-"}, {"{", {}}),
              StartsWith("phasic: standard input: is no circuit: "));
  EXPECT_THAT(fake_.circuits.validate.requests, IsEmpty());
}

TEST_F(CircuitsTest, ServerInfoShowsVersionLoadAndLimits) {
  v1::ServerInfo info;
  info.set_version("0.1.0");
  info.set_api_version("v1");
  info.set_isa("x86-64-v3");
  info.set_store("memory");
  info.mutable_limits()->set_max_message_bytes(16 << 20);
  info.mutable_limits()->set_max_observation_values(65536);
  info.mutable_limits()->set_max_turn_seconds(10);
  info.mutable_load()->set_agents(3);
  info.mutable_load()->set_resident_agents(2);
  info.mutable_load()->set_journal_bytes(1536);
  info.mutable_load()->set_steps(123456);
  info.mutable_load()->set_uptime_seconds(61.5);
  fake_.server.info.answers = {info};
  const std::string out = Output({"server", "info"});
  EXPECT_THAT(out, StartsWith("version   0.1.0\n"
                              "contract  v1\n"
                              "kernels   x86-64-v3\n"
                              "store     memory\n"
                              "\n"
                              "load:\n"
                              "  up for              61.5 s\n"
                              "  agents              3\n"
                              "  of these in memory  2\n"
                              "  their state         0 B\n"
                              "  journal             1.5 KiB\n"
                              "  steps               123456\n"
                              "  rewards             0\n"
                              "\n"
                              "limits:\n"
                              "  message                     16 MiB\n"
                              "  observation values          65536\n"));
  EXPECT_THAT(out, HasSubstr("  time of a turn              10 s\n"));
  const auto fields = JsonIn(Output({"server", "info", "--json"})).fields();
  EXPECT_EQ(fields.at("version").string_value(), "0.1.0");
  EXPECT_EQ(fields.at("load").struct_value().fields().at("steps").number_value(), 123456);
}

}  // namespace
}  // namespace phasic

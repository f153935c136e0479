// SPDX-License-Identifier: Apache-2.0
//
// phasic agents list, create, get, update, clone, delete.
#include "tests/client/cli/commands_test.h"

namespace phasic {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class AgentsTest : public CommandTest {
 protected:
  AgentsTest() {
    agent_.set_name("tenants/default/agents/cart");
    agent_.set_uid(11);
    agent_.set_incarnation(18446744073709551615u);
    agent_.set_etag("e1");
    agent_.set_seed(42);
    agent_.set_mode(v1::LEARNING);
    agent_.set_durability(v1::SYNCED);
    agent_.add_numerics(1);
    agent_.add_numerics(2);
    agent_.mutable_stats()->set_residency(v1::HIBERNATED);
    agent_.mutable_create_time()->set_seconds(1700000000);
    agent_.mutable_create_time()->set_nanos(123456789);
    agent_.mutable_preset()->set_preset("actor-critic");
    (*agent_.mutable_preset()->mutable_parameters())["lambda"].set_number_value(0.9);
    (*agent_.mutable_labels())["env"] = "cartpole";
    (*agent_.mutable_live_parameters())["actor.learning_rate"] = 0.01;
    agent_.mutable_size()->set_neurons(787);
    agent_.mutable_size()->set_synapses(2352);
    agent_.mutable_size()->set_bytes(30720);
    agent_.mutable_size()->set_max_bytes(30720);
    agent_.mutable_size()->set_step_seconds(12e-6);
    v1::PortInfo& in = *agent_.add_ports();
    in.set_name("observation");
    in.set_direction(v1::PortInfo::INPUT);
    in.mutable_space()->mutable_box()->add_shape(4);
    in.set_size(4);
    v1::PortInfo& out = *agent_.add_ports();
    out.set_name("action");
    out.set_direction(v1::PortInfo::OUTPUT);
    out.mutable_space()->mutable_discrete()->set_n(2);
    out.set_size(1);
    out.set_maskable(true);
    v1::ChannelInfo& channel = *agent_.add_channels();
    channel.set_name("reward");
    channel.set_model("td");
    channel.set_size(1);
    agent_.mutable_stats()->set_steps(1234);
    agent_.mutable_stats()->set_episodes(20);
    agent_.mutable_stats()->set_mean_return(61.25);
    agent_.mutable_stats()->set_mean_return_episodes(20);
    agent_.mutable_stats()->set_rewards_applied(1233);
    agent_.mutable_stats()->set_time(1234);
  }

  v1::Agent agent_;
};

TEST_F(AgentsTest, GetShowsTheAgent) {
  fake_.agents.get.answers = {agent_};
  EXPECT_EQ(Output({"agents", "get", "cart"}),
            "agent           cart\n"
            "name            tenants/default/agents/cart\n"
            "made of         actor-critic\n"
            "mode            LEARNING\n"
            "durability      SYNCED\n"
            "residency       HIBERNATED\n"
            "numerics        1, 2\n"
            "seed            42\n"
            "uid             11\n"
            "incarnation     18446744073709551615\n"
            "etag            e1\n"
            "created         2023-11-14T22:13:20Z\n"
            "neurons         787\n"
            "synapses        2352\n"
            "state           30 KiB\n"
            "time of a step  12 us, estimated\n"
            "steps           1234\n"
            "episodes        20\n"
            "mean return     61.25 over the last 20 episodes\n"
            "rewards         1233 applied, 0 duplicate, 0 not learning, 0 pending, 0 expired, 0 of "
            "no event\n"
            "simulated time  1234 ms\n"
            "last active     -\n"
            "\n"
            "labels:\n"
            "  env  cartpole\n"
            "\n"
            "overrides:\n"
            "  lambda  0.9\n"
            "\n"
            "ports:\n"
            "  NAME         DIRECTION  SPACE       SIZE  MASK\n"
            "  observation  input      box:4          4\n"
            "  action       output     discrete:2     1  yes\n"
            "\n"
            "channels:\n"
            "  NAME    MODULATOR  SIZE\n"
            "  reward  td            1\n"
            "\n"
            "live parameters:\n"
            "  actor.learning_rate  0.01\n");
  ASSERT_EQ(fake_.agents.get.requests.size(), 1u);
  EXPECT_EQ(fake_.agents.get.requests[0].name(), "agents/cart");
  EXPECT_EQ(fake_.agents.get.requests[0].view(), v1::BASIC);
}

TEST_F(AgentsTest, GetInFullShowsDigestAndCircuit) {
  v1::CircuitSpec& circuit = *agent_.mutable_circuit();
  v1::PopulationSpec& population = *circuit.add_populations();
  population.set_name("policy");
  population.set_model("softmax");
  population.set_size(2);
  agent_.set_digest(99);
  fake_.agents.get.answers = {agent_};
  const std::string out = Output({"agents", "get", "tenants/lab/agents/cart", "--full"});
  EXPECT_THAT(out, HasSubstr("\ndigest          99\n"));
  EXPECT_THAT(out, HasSubstr("\nmade of         the circuit below\n"));
  EXPECT_THAT(out, HasSubstr("\npopulations:\n"
                             "  NAME    MODEL    SIZE  PARAMETERS\n"
                             "  policy  softmax     2\n"));
  EXPECT_EQ(fake_.agents.get.requests[0].name(), "tenants/lab/agents/cart");
  EXPECT_EQ(fake_.agents.get.requests[0].view(), v1::FULL);
}

TEST_F(AgentsTest, GetAnswersJson) {
  fake_.agents.get.answers = {agent_};
  const auto fields = JsonIn(Output({"agents", "get", "cart", "--json"})).fields();
  EXPECT_EQ(fields.at("name").string_value(), "tenants/default/agents/cart");
  EXPECT_EQ(fields.at("incarnation").string_value(), "18446744073709551615");
  EXPECT_EQ(fields.at("size").struct_value().fields().at("synapses").number_value(), 2352);
  EXPECT_EQ(fields.at("stats").struct_value().fields().at("steps").number_value(), 1234);
}

TEST_F(AgentsTest, CreateSendsAPresetWithItsOverrides) {
  fake_.agents.create.answers = {agent_};
  const std::string out = Output({"agents",       "create",
                                  "cart",         "--preset",
                                  "actor-critic", "--param",
                                  "lambda=0.9",   "--param=grid=[4,4,7,7]",
                                  "--param",      "policy.kind=softmax",
                                  "--space",      "observation=box:4:-1:1",
                                  "--space",      "action=discrete:2",
                                  "--seed",       "18446744073709551615",
                                  "--label",      "env=cartpole",
                                  "--mode",       "frozen",
                                  "--durability", "synced",
                                  "--request-id", "r1"});
  EXPECT_THAT(out, HasSubstr("agent           cart\n"));
  ASSERT_EQ(fake_.agents.create.requests.size(), 1u);
  const v1::CreateAgentRequest& request = fake_.agents.create.requests[0];
  EXPECT_EQ(request.agent_id(), "cart");
  EXPECT_EQ(request.request_id(), "r1");
  EXPECT_FALSE(request.validate_only());
  EXPECT_EQ(request.agent().seed(), 18446744073709551615u);
  EXPECT_EQ(request.agent().mode(), v1::FROZEN);
  EXPECT_EQ(request.agent().durability(), v1::SYNCED);
  EXPECT_EQ(request.agent().labels().at("env"), "cartpole");
  const v1::PresetSource& preset = request.agent().preset();
  EXPECT_EQ(preset.preset(), "actor-critic");
  ASSERT_EQ(preset.parameters_size(), 3);
  EXPECT_EQ(preset.parameters().at("lambda").number_value(), 0.9);
  EXPECT_EQ(preset.parameters().at("grid").list_value().values_size(), 4);
  EXPECT_EQ(preset.parameters().at("policy.kind").string_value(), "softmax");
  EXPECT_THAT(preset.spaces().at("observation").box().high(), ElementsAre(1));
  EXPECT_EQ(preset.spaces().at("action").discrete().n(), 2);
}

TEST_F(AgentsTest, CreateLeavesUnsaidThingsToTheServer) {
  fake_.agents.create.answers = {agent_};
  Output({"agents", "create", "--preset", "bandit", "--validate-only"});
  const v1::CreateAgentRequest& request = fake_.agents.create.requests.at(0);
  EXPECT_EQ(request.agent_id(), "");
  EXPECT_FALSE(request.agent().has_seed());
  EXPECT_EQ(request.agent().mode(), v1::MODE_UNSPECIFIED);
  EXPECT_EQ(request.agent().durability(), v1::DURABILITY_UNSPECIFIED);
  EXPECT_TRUE(request.validate_only());
}

TEST_F(AgentsTest, CreateReadsACircuitFromStandardInput) {
  fake_.agents.create.answers = {agent_};
  Output({"agents", "create", "cart", "--circuit", "-"},
         {R"({"dt": 0.5, "populations": [{"name": "h", "model": "rate", "size": 3,
             "parameters": {"function": "tanh"}}]})",
          {}});
  const v1::CircuitSpec& circuit = fake_.agents.create.requests.at(0).agent().circuit();
  EXPECT_EQ(circuit.dt(), 0.5);
  EXPECT_EQ(circuit.populations(0).parameters().at("function").string_value(), "tanh");
}

TEST_F(AgentsTest, CreateRefusesABadCommandLine) {
  EXPECT_EQ(Fault(2, {"agents", "create", "cart"}),
            "phasic: give either --preset NAME or --circuit FILE\n");
  EXPECT_EQ(Fault(2, {"agents", "create", "cart", "--preset", "a", "--circuit", "b"}),
            "phasic: give either --preset NAME or --circuit FILE\n");
  EXPECT_EQ(Fault(2, {"agents", "create", "--circuit", "-", "--param", "a=1"}),
            "phasic: --param and --space change a preset, not a circuit\n");
  EXPECT_EQ(Fault(2, {"agents", "create", "--preset", "a", "--param", "lambda"}),
            "phasic: --param: \"lambda\" is not of the form KEY=VALUE\n");
  EXPECT_EQ(Fault(2, {"agents", "create", "--preset", "a", "--param", "l=1", "--param", "l=2"}),
            "phasic: --param: l is given twice\n");
  EXPECT_EQ(Fault(2, {"agents", "create", "--preset", "a", "--param", "l=[1"}),
            "phasic: --param: l: \"[1\" is not JSON\n");
  EXPECT_THAT(Fault(2, {"agents", "create", "--preset", "a", "--space", "observation=bax:3"}),
              HasSubstr("--space: observation: \"bax:3\" is no space"));
  EXPECT_EQ(Fault(2, {"agents", "create", "--circuit", "/no/such/file"}),
            "phasic: /no/such/file: cannot be read\n");
  EXPECT_EQ(Fault(2, {"agents", "create", "--circuit", "/"}), "phasic: /: cannot be read\n");
  EXPECT_EQ(
      Fault(2, {"agents", "create", "--circuit", "-"}, {R"({"populations": [{"sise": 3}]})", {}}),
      "phasic: standard input: is no circuit: (populations[0]) sise: Cannot find field.\n");
  EXPECT_THAT(Fault(2, {"agents", "create", "--preset", "a", "--mode", "asleep"}),
              HasSubstr("--mode: \"asleep\" is not one of learning, frozen, shadow"));
  EXPECT_THAT(fake_.agents.create.requests, IsEmpty());
}

TEST_F(AgentsTest, ListShowsEveryPage) {
  v1::ListAgentsResponse first;
  *first.add_agents() = agent_;
  first.set_next_page_token("t");
  v1::ListAgentsResponse second;
  v1::Agent& other = *second.add_agents();
  other.set_name("tenants/default/agents/maze-2");
  other.set_mode(v1::FROZEN);
  fake_.agents.list.answers = {first, second};
  EXPECT_EQ(Output({"agents", "list"}),
            "AGENT   MADE OF       MODE      STEPS  EPISODES  MEAN RETURN  SYNAPSES   STATE  LAST "
            "ACTIVE\n"
            "cart    actor-critic  LEARNING   1234        20        61.25      2352  30 KiB  -\n"
            "maze-2  a circuit     FROZEN        0         0            -         0     0 B  -\n");
  ASSERT_EQ(fake_.agents.list.requests.size(), 2u);
  EXPECT_EQ(fake_.agents.list.requests[0].page_token(), "");
  EXPECT_EQ(fake_.agents.list.requests[1].page_token(), "t");
  EXPECT_EQ(fake_.agents.list.requests[1].page_size(), 1000);
}

TEST_F(AgentsTest, ListStopsAtTheLimitAndJoinsFilters) {
  v1::ListAgentsResponse page;
  for (int i = 0; i < 3; ++i) *page.add_agents() = agent_;
  page.set_next_page_token("t");
  fake_.agents.list.answers = {page, v1::ListAgentsResponse()};
  const auto document = JsonIn(Output({"agents", "list", "--json", "--limit", "2", "--filter",
                                       "labels.a = \"1\"", "--label", "env=cartpole"}));
  EXPECT_EQ(document.fields().at("agents").list_value().values_size(), 2);
  ASSERT_EQ(fake_.agents.list.requests.size(), 1u);
  EXPECT_EQ(fake_.agents.list.requests[0].page_size(), 2);
  EXPECT_EQ(fake_.agents.list.requests[0].filter(),
            "labels.a = \"1\" AND labels.env = \"cartpole\"");
  fake_.agents.list.answers = {v1::ListAgentsResponse()};
  Output({"agents", "list", "--label", R"(a=b"c\d)"});
  EXPECT_EQ(fake_.agents.list.requests[1].filter(), R"(labels.a = "b\"c\\d")");
  EXPECT_EQ(Fault(2, {"agents", "list", "--label", "a"}),
            "phasic: --label: \"a\" is not of the form KEY=VALUE\n");
}

TEST_F(AgentsTest, ListEndsWhenTheServerRepeatsItself) {
  v1::ListAgentsResponse page;
  page.set_next_page_token("t");
  fake_.agents.list.answers = {page};
  EXPECT_EQ(Fault(1, {"agents", "list"}), "phasic: the server sent the same page token twice\n");
  EXPECT_EQ(fake_.agents.list.requests.size(), 2u);
}

TEST_F(AgentsTest, ListOfNoneIsEmpty) {
  EXPECT_EQ(Output({"agents", "list"}), "");
  EXPECT_EQ(Output({"agents", "list", "--json"}), "{\n  \"agents\": []\n}\n");
}

TEST_F(AgentsTest, UpdateNamesWhatItChanges) {
  fake_.agents.update.answers = {agent_};
  Output({"agents", "update", "cart", "--mode", "learning", "--label", "env=maze", "--param",
          "actor.learning_rate=0.5", "--unlabel", "owner", "--etag", "e1"});
  const v1::UpdateAgentRequest& request = fake_.agents.update.requests.at(0);
  EXPECT_EQ(request.agent().name(), "agents/cart");
  EXPECT_EQ(request.agent().etag(), "e1");
  EXPECT_EQ(request.agent().mode(), v1::LEARNING);
  EXPECT_EQ(request.agent().labels().at("env"), "maze");
  EXPECT_EQ(request.agent().live_parameters().at("actor.learning_rate"), 0.5);
  EXPECT_THAT(request.update_mask().paths(),
              UnorderedElementsAre("mode", "labels.env", "labels.owner",
                                   "live_parameters.actor.learning_rate"));
  EXPECT_EQ(request.agent().labels_size(), 1);
}

TEST_F(AgentsTest, UpdateRefusesABadCommandLine) {
  EXPECT_EQ(Fault(2, {"agents", "update", "cart"}),
            "phasic: nothing to change: give --mode, --label, --unlabel or --param\n");
  EXPECT_EQ(Fault(2, {"agents", "update", "cart", "--label", "a=b", "--unlabel", "a"}),
            "phasic: --unlabel: a is given a value too\n");
  EXPECT_EQ(Fault(2, {"agents", "update", "cart", "--param", "a.b=fast"}),
            "phasic: --param: \"a.b=fast\" is not of the form COMPONENT.PARAMETER=NUMBER\n");
  EXPECT_THAT(fake_.agents.update.requests, IsEmpty());
}

TEST_F(AgentsTest, CloneCanHaveASeedOfItsOwn) {
  fake_.agents.clone.answers = {agent_};
  Output({"agents", "clone", "cart", "twin"});
  Output({"agents", "clone", "cart", "--seed", "0", "--label", "a=b", "--request-id", "r",
          "--snapshot", "s1"});
  const auto& requests = fake_.agents.clone.requests;
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].name(), "agents/cart");
  EXPECT_EQ(requests[0].agent_id(), "twin");
  EXPECT_FALSE(requests[0].has_seed());
  EXPECT_EQ(requests[1].agent_id(), "");
  EXPECT_TRUE(requests[1].has_seed());
  EXPECT_EQ(requests[1].labels().at("a"), "b");
  EXPECT_EQ(requests[1].request_id(), "r");
  EXPECT_EQ(requests[0].snapshot(), "");
  EXPECT_EQ(requests[1].snapshot(), "s1");
}

TEST_F(AgentsTest, DeleteSaysWhatItDeleted) {
  EXPECT_EQ(Output({"agents", "delete", "cart", "--etag", "e1"}), "deleted cart\n");
  EXPECT_EQ(fake_.agents.remove.requests.at(0).name(), "agents/cart");
  EXPECT_EQ(fake_.agents.remove.requests.at(0).etag(), "e1");
  EXPECT_EQ(Output({"agents", "delete", "cart", "--json"}), "{}\n");
}

TEST_F(AgentsTest, EveryErrorOfTheServerEndsWithOne) {
  const grpc::Status error =
      ErrorMaker(grpc::StatusCode::NOT_FOUND, "no agent \"cart\"", "AGENT_NOT_FOUND").Make();
  fake_.agents.get.status = error;
  fake_.agents.list.status = error;
  fake_.agents.create.status = error;
  fake_.agents.update.status = error;
  fake_.agents.clone.status = error;
  fake_.agents.remove.status = error;
  const std::string text = "phasic: NOT_FOUND AGENT_NOT_FOUND: no agent \"cart\"\n";
  EXPECT_EQ(Fault(1, {"agents", "get", "cart"}), text);
  EXPECT_EQ(Fault(1, {"agents", "list"}), text);
  EXPECT_EQ(Fault(1, {"agents", "create", "cart", "--preset", "a"}), text);
  EXPECT_EQ(Fault(1, {"agents", "update", "cart", "--mode", "frozen"}), text);
  EXPECT_EQ(Fault(1, {"agents", "clone", "cart"}), text);
  EXPECT_EQ(Fault(1, {"agents", "delete", "cart"}), text);
}

}  // namespace
}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <atomic>
#include <barrier>
#include <cmath>
#include <mutex>
#include <set>
#include <thread>

#include "server/handlers/names.h"
#include "tests/server/support/handler_test.h"

namespace phasic::testing {
namespace {

using absl::StatusCode;

class AgentsTest : public HandlerTest {
 protected:
  absl::Status TryCreate(const v1::CreateAgentRequest& request) {
    v1::Agent agent;
    return handlers::CreateAgent(call_, request, &agent);
  }
  absl::Status TryGet(const std::string& name) {
    v1::GetAgentRequest request;
    request.set_name(name);
    v1::Agent agent;
    return handlers::GetAgent(call_, request, &agent);
  }
  absl::Status TryDelete(const std::string& name, const std::string& etag = "") {
    v1::DeleteAgentRequest request;
    request.set_name(name);
    request.set_etag(etag);
    google::protobuf::Empty response;
    return handlers::DeleteAgent(call_, request, &response);
  }
  absl::Status TryClone(const v1::CloneAgentRequest& request, v1::Agent* agent) {
    return handlers::CloneAgent(call_, request, agent);
  }
  v1::Agent Clone(const std::string& text) {
    v1::Agent agent;
    EXPECT_OK(TryClone(Proto<v1::CloneAgentRequest>(text), &agent));
    return agent;
  }
  int64_t agents() { return env_.registry.budget().use().places; }
};

TEST_F(AgentsTest, CreateTellsAllOfTheNewAgent) {
  v1::CreateAgentRequest request = CreateRequest("cart");
  (*request.mutable_agent()->mutable_labels())["env"] = "cartpole";
  (*request.mutable_agent()->mutable_live_parameters())["weights.learning_rate"] = 0.5;
  const v1::Agent agent = Create(request);
  EXPECT_EQ(agent.name(), "tenants/default/agents/cart");
  EXPECT_NE(agent.uid(), 0u);
  EXPECT_NE(agent.incarnation(), 0u);
  EXPECT_NE(agent.incarnation(), agent.uid());
  EXPECT_GT(agent.create_time().seconds(), 1'600'000'000);
  EXPECT_FALSE(agent.etag().empty());
  EXPECT_EQ(agent.labels().at("env"), "cartpole");
  EXPECT_EQ(agent.mode(), v1::LEARNING);
  EXPECT_EQ(agent.seed(), 11u);
  EXPECT_EQ(agent.source_case(), v1::Agent::SOURCE_NOT_SET);
  EXPECT_EQ(agent.live_parameters().at("weights.learning_rate"), 0.5);
  EXPECT_EQ(agent.live_parameters().at("policy.temperature"), 1);
  EXPECT_EQ(agent.size().neurons(), 7);
  EXPECT_EQ(agent.size().synapses(), 12);
  EXPECT_GT(agent.size().bytes(), 0);
  EXPECT_GE(agent.size().max_bytes(), agent.size().bytes());
  EXPECT_GT(agent.size().step_seconds(), 0);
  ASSERT_EQ(agent.ports_size(), 2);
  EXPECT_EQ(agent.ports(0).name(), "observation");
  EXPECT_EQ(agent.ports(0).direction(), v1::PortInfo::INPUT);
  EXPECT_EQ(agent.ports(0).size(), 3);
  EXPECT_FALSE(agent.ports(0).maskable());
  EXPECT_EQ(agent.ports(1).direction(), v1::PortInfo::OUTPUT);
  EXPECT_EQ(agent.ports(1).space().discrete().n(), 4);
  EXPECT_TRUE(agent.ports(1).maskable());
  ASSERT_EQ(agent.channels_size(), 2);
  EXPECT_EQ(agent.channels(1).name(), "teacher");
  EXPECT_EQ(agent.channels(1).model(), "raw");
  EXPECT_EQ(agent.channels(1).size(), 2);
  EXPECT_EQ(agent.stats().steps(), 0u);
  EXPECT_FALSE(agent.stats().has_mean_return());
  EXPECT_EQ(agent.digest(), 0u);
  EXPECT_EQ(Get("cart").DebugString(), agent.DebugString());
}

TEST_F(AgentsTest, TheFullViewHasTheCircuitAndTheDigest) {
  const v1::Agent basic = Create("a");
  v1::Agent full = Get("a", v1::FULL);
  EXPECT_NE(full.digest(), 0u);
  std::vector<Violation> violations;
  const CircuitSpec spec = convert::FromProto(full.circuit(), "", &violations);
  EXPECT_EQ(CompileOrDie(spec)->fingerprint(), CompileOrDie(LearnerSpec())->fingerprint());
  full.clear_circuit();
  full.clear_digest();
  EXPECT_EQ(full.DebugString(), basic.DebugString());
}

TEST_F(AgentsTest, TheSameSeedAndInputsGiveTheSameDigest) {
  Create("a");
  Create("b");
  EXPECT_EQ(Digest("a"), Digest("b"));
  Step("a", "rewards {value: 1}");
  EXPECT_NE(Digest("a"), Digest("b"));
  Step("b", "rewards {value: 1}");
  EXPECT_EQ(Digest("a"), Digest("b"));
}

TEST_F(AgentsTest, APresetIsBuiltWithItsOverrides) {
  const auto request = Proto<v1::CreateAgentRequest>(R"(
    agent_id: 'a' agent { preset {
      preset: 'bandit'
      spaces { key: 'action' value { discrete { n: 7 } } }
      parameters { key: 'learning_rate' value { number_value: 0.25 } } } })");
  const v1::Agent agent = Create(request);
  EXPECT_EQ(agent.preset().preset(), "bandit");
  EXPECT_EQ(agent.preset().parameters().at("learning_rate").number_value(), 0.25);
  EXPECT_EQ(agent.preset().spaces().at("action").discrete().n(), 7);
  int outputs = 0;
  for (const v1::PortInfo& port : agent.ports()) {
    if (port.direction() != v1::PortInfo::OUTPUT) continue;
    EXPECT_EQ(port.space().discrete().n(), 7);
    ++outputs;
  }
  EXPECT_EQ(outputs, 1);
  EXPECT_GT(Get("a", v1::FULL).circuit().populations_size(), 0);
}

TEST_F(AgentsTest, IdAndSeedAreDrawnWhenAbsent) {
  v1::CreateAgentRequest request = CreateRequest("");
  request.mutable_agent()->clear_seed();
  const v1::Agent a = Create(request), b = Create(request);
  EXPECT_NE(a.name(), b.name());
  EXPECT_NE(a.seed(), b.seed());
  EXPECT_TRUE(a.has_seed());
  const std::string id = a.name().substr(a.name().rfind('/') + 1);
  EXPECT_TRUE(handlers::IsId(id));
  EXPECT_EQ(Get(id).uid(), a.uid());
  // A seed of 0 is a seed.
  request.mutable_agent()->set_seed(0);
  EXPECT_EQ(Create(request).seed(), 0u);
}

TEST_F(AgentsTest, EveryFaultOfARequestIsNamedAtOnce) {
  v1::CreateAgentRequest request = CreateRequest("Bad Id");
  v1::CircuitSpec* circuit = request.mutable_agent()->mutable_circuit();
  circuit->mutable_populations(0)->set_size(-1);
  (*circuit->mutable_populations(1)->mutable_parameters())["temperature"].set_null_value(
      google::protobuf::NULL_VALUE);
  request.set_request_id(std::string(64, 'x'));
  request.mutable_agent()->set_mode(static_cast<v1::Mode>(9));
  (*request.mutable_agent()->mutable_labels())["No"] = "";
  const absl::Status status = TryCreate(request);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  std::vector<std::string> fields;
  for (const Violation& violation : DetailsOf(status).violations) fields.push_back(violation.field);
  using ::testing::Contains;
  for (const char* field :
       {"agent.circuit.populations[1].parameters.temperature", "agent.circuit.populations[0].size",
        "agent_id", "request_id", "agent.labels.No", "agent.mode"}) {
    EXPECT_THAT(fields, Contains(field));
  }
  EXPECT_EQ(DetailsOf(status).reason, "BAD_CIRCUIT");
  EXPECT_EQ(agents(), 0);
}

TEST_F(AgentsTest, FaultsOfAPresetAreAtItsPath) {
  const auto fault = [&](const std::string& preset) {
    return TryCreate(Proto<v1::CreateAgentRequest>("agent { preset { " + preset + " } }"));
  };
  EXPECT_THAT(fault("preset: 'none'"), FailsFor("BAD_CIRCUIT", Fields{"agent.preset.preset"}));
  EXPECT_THAT(fault("preset: 'bandit' parameters { key: 'no_such' value { number_value: 1 } }"),
              FailsFor("BAD_CIRCUIT", Fields{"agent.preset.parameters.no_such"}));
  EXPECT_THAT(fault("preset: 'bandit' spaces { key: 'nose' value { discrete { n: 2 } } }"),
              FailsFor("BAD_CIRCUIT", Fields{"agent.preset.spaces.nose"}));
  EXPECT_THAT(TryCreate({}), FailsFor("BAD_CIRCUIT", Fields{"agent.preset"}));
}

TEST_F(AgentsTest, SettingsAreChecked) {
  v1::CreateAgentRequest request = CreateRequest("a");
  auto* live = request.mutable_agent()->mutable_live_parameters();
  (*live)["weights.learning_rate"] = -1;
  EXPECT_THAT(TryCreate(request),
              FailsFor("BAD_FIELD", Fields{"agent.live_parameters.weights.learning_rate"}));
  (*live)["weights.learning_rate"] = std::nan("");
  EXPECT_THAT(TryCreate(request),
              FailsFor("BAD_FIELD", Fields{"agent.live_parameters.weights.learning_rate"}));
  live->clear();
  (*live)["weights.tau"] = 1;  // not live
  EXPECT_THAT(TryCreate(request),
              FailsFor("BAD_FIELD", Fields{"agent.live_parameters.weights.tau"}));
  live->clear();
  auto* labels = request.mutable_agent()->mutable_labels();
  (*labels)["ok"] = std::string(64, 'x');
  EXPECT_THAT(TryCreate(request), FailsFor("BAD_FIELD", Fields{"agent.labels.ok"}));
  std::string umlauts;
  for (int i = 0; i < 63; ++i) umlauts += "ü";  // 63 characters in 126 bytes
  (*labels)["ok"] = umlauts;
  EXPECT_OK(TryCreate(request));
  request.set_agent_id("b");
  for (int i = 0; i < 64; ++i) (*labels)["l" + std::to_string(i)] = "";
  EXPECT_THAT(TryCreate(request), FailsFor("BAD_FIELD", Fields{"agent.labels"}));
}

TEST_F(AgentsTest, ParentIsTheCallersOwnTenant) {
  v1::CreateAgentRequest request = CreateRequest("a");
  request.set_parent("tenants/default");
  EXPECT_OK(TryCreate(request));
  request.set_agent_id("b");
  request.set_parent("tenants/other");
  EXPECT_THAT(TryCreate(request), Fails(StatusCode::kNotFound, "TENANT_NOT_FOUND"));
  for (const char* parent : {"default", "tenants/", "tenants/Default", "tenants/default/"}) {
    request.set_parent(parent);
    EXPECT_THAT(TryCreate(request), FailsFor("BAD_FIELD", Fields{"parent"})) << parent;
  }
}

TEST_F(AgentsTest, AnIdIsTakenOnce) {
  const v1::Agent first = Create("a");
  EXPECT_THAT(TryCreate(CreateRequest("a")), Fails(StatusCode::kAlreadyExists, "AGENT_EXISTS"));
  EXPECT_EQ(Get("a").uid(), first.uid());
  EXPECT_EQ(agents(), 1);
}

TEST_F(AgentsTest, ARetriedCreateIsAnsweredWithItsAgent) {
  for (const char* id : {"a", ""}) {
    v1::CreateAgentRequest request = CreateRequest(id);
    request.set_request_id("call-1");
    const v1::Agent first = Create(request), again = Create(request);
    EXPECT_EQ(first.uid(), again.uid());
    request.set_request_id("call-2");
    if (*id != '\0') {
      EXPECT_THAT(TryCreate(request), Fails(StatusCode::kAlreadyExists, "AGENT_EXISTS"));
    } else {
      EXPECT_NE(Create(request).uid(), first.uid());
    }
  }
  EXPECT_EQ(agents(), 3);
  // The answer is the agent as it is by now.
  Step("a");
  v1::CreateAgentRequest request = CreateRequest("a");
  request.set_request_id("call-1");
  EXPECT_EQ(Create(request).stats().steps(), 1u);
  // Once it is deleted, the same call makes another.
  const uint64_t uid = Get("a").uid();
  EXPECT_OK(TryDelete("agents/a"));
  EXPECT_NE(Create(request).uid(), uid);
}

TEST_F(AgentsTest, CreatesThatRaceMakeOneAgent) {
  constexpr int kThreads = 8;
  for (int round = 0; round < 50; ++round) {
    std::barrier start(kThreads);
    std::vector<std::thread> threads;
    std::atomic<int> made = 0;
    std::mutex mutex;
    std::set<uint64_t> uids;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        v1::CreateAgentRequest request = CreateRequest("a");
        if (t % 2) request.set_request_id("call-1");
        v1::Agent agent;
        start.arrive_and_wait();
        const absl::Status status = handlers::CreateAgent(call_, request, &agent);
        if (!status.ok()) {
          EXPECT_THAT(status, Fails(StatusCode::kAlreadyExists, "AGENT_EXISTS"));
          return;
        }
        ++made;
        const std::lock_guard lock(mutex);
        uids.insert(agent.uid());
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(uids.size(), 1u);
    // One that no other is an attempt of; or all attempts of the same call.
    EXPECT_TRUE(made == 1 || made == kThreads / 2) << made;
    EXPECT_EQ(agents(), 1);
    EXPECT_OK(TryDelete("agents/a"));
  }
}

TEST_F(AgentsTest, ValidateOnlyAnswersAsIf) {
  v1::CreateAgentRequest request = CreateRequest("a");
  (*request.mutable_agent()->mutable_live_parameters())["policy.temperature"] = 2;
  request.set_validate_only(true);
  v1::Agent agent = Create(request);
  EXPECT_EQ(agents(), 0);
  EXPECT_THAT(TryGet("agents/a"), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  EXPECT_EQ(agent.uid(), 0u);
  EXPECT_FALSE(agent.has_create_time());
  request.set_validate_only(false);
  v1::Agent made = Create(request);
  made.clear_uid();
  made.clear_incarnation();
  made.clear_create_time();
  made.clear_etag();
  made.clear_stats();
  made.clear_numerics();
  EXPECT_EQ(agent.DebugString(), made.DebugString());
  request.set_validate_only(true);
  EXPECT_THAT(TryCreate(request), Fails(StatusCode::kAlreadyExists, "AGENT_EXISTS"));
  request.mutable_agent()->mutable_circuit()->clear_outputs();
  EXPECT_FALSE(TryCreate(request).ok());
}

TEST_F(AgentsTest, NamesAreReadInBothForms) {
  const uint64_t uid = Create("a").uid();
  EXPECT_EQ(Get("a").uid(), uid);
  EXPECT_OK(TryGet("tenants/default/agents/a"));
  EXPECT_THAT(TryGet("tenants/other/agents/a"), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  EXPECT_THAT(TryGet("agents/b"), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  EXPECT_EQ(DetailsOf(TryGet("agents/b")).metadata.at("resource"), "tenants/default/agents/b");
  for (const char* name : {"", "a", "agents/", "agents/A", "agents/a/", "agents/a/b", "/agents/a",
                           "agents/a-", "agents/1a", "tenants/agents/a", "tenants/default/a",
                           "tenants//agents/a", "tenants/default/agents/a/x", "agents/a b"}) {
    EXPECT_THAT(TryGet(name), FailsFor("BAD_FIELD", Fields{"name"})) << name;
  }
  EXPECT_THAT(TryGet("agents/" + std::string(64, 'a')), FailsFor("BAD_FIELD", Fields{"name"}));
  EXPECT_THAT(TryGet("agents/" + std::string(63, 'a')),
              Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  v1::GetAgentRequest request = Proto<v1::GetAgentRequest>("name: 'agents/a'");
  request.set_view(static_cast<v1::AgentView>(7));
  v1::Agent agent;
  EXPECT_THAT(handlers::GetAgent(call_, request, &agent), FailsFor("BAD_FIELD", Fields{"view"}));
}

TEST_F(AgentsTest, DeleteEndsAnAgent) {
  const v1::Agent agent = Create("a");
  EXPECT_THAT(TryDelete("agents/a", "stale"), Fails(StatusCode::kAborted, "ETAG_MISMATCH"));
  EXPECT_OK(TryGet("agents/a"));
  EXPECT_OK(TryDelete("agents/a", agent.etag()));
  EXPECT_THAT(TryGet("agents/a"), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  EXPECT_THAT(TryDelete("agents/a"), Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  EXPECT_EQ(agents(), 0);
  EXPECT_EQ(env_.registry.budget().use().bytes, 0);
  EXPECT_NE(Create("a").uid(), agent.uid());
}

TEST_F(AgentsTest, ACloneIsAForkOfEveryBit) {
  v1::CreateAgentRequest request = CreateRequest("a");
  (*request.mutable_agent()->mutable_labels())["env"] = "maze";
  const v1::Agent original = Create(request);
  Step("a", "rewards {value: 1 reward_id: 'r'}");
  const v1::Agent clone = Clone("name: 'agents/a' agent_id: 'b'");
  EXPECT_EQ(clone.name(), "tenants/default/agents/b");
  EXPECT_NE(clone.uid(), original.uid());
  EXPECT_NE(clone.incarnation(), original.incarnation());
  EXPECT_EQ(clone.seed(), original.seed());
  EXPECT_EQ(clone.labels().at("env"), "maze");
  EXPECT_EQ(clone.stats().steps(), 1u);
  EXPECT_EQ(clone.stats().rewards_applied(), 1u);
  EXPECT_EQ(Digest("a"), Digest("b"));
  for (int i = 0; i < 20; ++i) {
    const v1::StepResponse ours = Step("a", "rewards {value: 1}"),
                           theirs = Step("b", "rewards {value: 1}");
    EXPECT_EQ(ours.action(0), theirs.action(0));
  }
  EXPECT_EQ(Digest("a"), Digest("b"));
  EXPECT_EQ(Step("b", "rewards {value: 1 reward_id: 'r'}").dispositions(0), v1::DUPLICATE);
}

TEST_F(AgentsTest, ACloneMayHaveASeedAndLabelsOfItsOwn) {
  Create("a");
  const v1::Agent clone =
      Clone("name: 'agents/a' agent_id: 'b' seed: 99 labels { key: 'run' value: 'two' }");
  EXPECT_EQ(clone.seed(), 99u);
  EXPECT_EQ(clone.labels().size(), 1u);
  bool differs = false;
  for (int i = 0; i < 50; ++i) differs |= Step("a").action(0) != Step("b").action(0);
  EXPECT_TRUE(differs);
}

TEST_F(AgentsTest, ARetriedCloneIsAnsweredWithItsAgent) {
  Create("a");
  const v1::Agent first = Clone("name: 'agents/a' request_id: 'call-1'");
  EXPECT_EQ(Clone("name: 'agents/a' request_id: 'call-1'").uid(), first.uid());
  EXPECT_NE(Clone("name: 'agents/a' request_id: 'call-2'").uid(), first.uid());
  EXPECT_NE(Clone("name: 'agents/a'").uid(), first.uid());
  EXPECT_EQ(agents(), 4);
}

TEST_F(AgentsTest, CloneIsCheckedAsCreateIs) {
  Create("a");
  const uint64_t digest = Digest("a");
  v1::Agent agent;
  const auto fault = [&](const std::string& text) {
    return TryClone(Proto<v1::CloneAgentRequest>(text), &agent);
  };
  EXPECT_THAT(fault("name: 'agents/a' agent_id: 'B' labels { key: 'X' value: '' }"),
              FailsFor("BAD_FIELD", Fields{"agent_id", "labels.X"}));
  EXPECT_THAT(fault("name: 'agents/none' agent_id: 'b'"),
              Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  EXPECT_THAT(fault("name: 'agents/a' agent_id: 'a'"),
              Fails(StatusCode::kAlreadyExists, "AGENT_EXISTS"));
  EXPECT_THAT(fault("agent_id: 'b'"), FailsFor("BAD_FIELD", Fields{"name"}));
  EXPECT_EQ(Digest("a"), digest);
  EXPECT_EQ(agents(), 1);
}

TEST(ServerFull, IsSaidBeforeAnythingIsAllocated) {
  const auto create = [](Env& env, bool validate_only) {
    v1::CreateAgentRequest request;
    convert::ToProto(LearnerSpec(), request.mutable_agent()->mutable_circuit());
    request.set_validate_only(validate_only);
    v1::Agent agent;
    return handlers::CreateAgent({env, {}}, request, &agent);
  };
  const auto expect_full = [](const absl::Status& status, const std::string& limit) {
    EXPECT_THAT(status, Fails(StatusCode::kResourceExhausted, "SERVER_FULL"));
    ASSERT_EQ(DetailsOf(status).violations.size(), 1u);
    EXPECT_EQ(DetailsOf(status).violations[0].field, limit);
  };
  Env few({.max_agents = 2});
  EXPECT_OK(create(few, false));
  EXPECT_OK(create(few, false));
  expect_full(create(few, false), "max_agents");
  expect_full(create(few, true), "max_agents");
  EXPECT_EQ(few.registry.budget().use().places, 2);

  Env tight({.max_total_bytes = 100'000});
  int made = 0;
  while (create(tight, false).ok()) ++made;
  EXPECT_GE(made, 1);
  expect_full(create(tight, false), "max_total_bytes");
  EXPECT_LE(tight.registry.budget().use().bytes, 100'000);

  Env slim({.max_agent_bytes = 1'024});
  expect_full(create(slim, false), "max_agent_bytes");
}

TEST_F(AgentsTest, ADeletedAgentsRoomServesTheNext) {
  Env env({.max_agents = 1});
  const Call call{env, {}};
  for (int i = 0; i < 3; ++i) {
    v1::Agent agent;
    ASSERT_OK(handlers::CreateAgent(call, CreateRequest("a"), &agent));
    v1::DeleteAgentRequest request;
    request.set_name(agent.name());
    google::protobuf::Empty empty;
    ASSERT_OK(handlers::DeleteAgent(call, request, &empty));
  }
}

TEST_F(AgentsTest, ADeadlineThatHasPassedDoesNothing) {
  Create("a");
  const uint64_t digest = Digest("a");
  const Call late{env_, {std::chrono::steady_clock::now(), {}}};
  v1::StepResponse response;
  EXPECT_THAT(Await<handlers::StepJob>(late, StepRequest("a"), &response),
              Fails(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_EQ(Digest("a"), digest);
}

}  // namespace
}  // namespace phasic::testing

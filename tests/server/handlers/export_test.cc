// SPDX-License-Identifier: Apache-2.0
#include "server/agents/safetensors.h"
#include "tests/server/support/handler_test.h"

namespace phasic::testing {
namespace {

using absl::StatusCode;

class ExportTest : public HandlerTest {
 protected:
  explicit ExportTest(ServerLimits limits = {}) : HandlerTest(limits) {}

  void SetUp() override {
    v1::CreateAgentRequest request = CreateRequest("a");
    (*request.mutable_agent()->mutable_labels())["env"] = "maze";
    (*request.mutable_agent()->mutable_live_parameters())["weights.learning_rate"] = 0.25;
    Create(request);
    for (int i = 0; i < 5; ++i) {
      Step("a", "run_id: 'run' rewards { value: 1 reward_id: 'r" + std::to_string(i) + "' }");
    }
  }
  absl::Status TryExport(const std::string& text, FakeWriter<v1::ExportAgentResponse>* writer) {
    return handlers::ExportAgent(call_, Proto<v1::ExportAgentRequest>(text), writer);
  }
  std::string Export(const std::string& id) {
    FakeWriter<v1::ExportAgentResponse> writer;
    EXPECT_OK(TryExport("name: 'agents/" + id + "'", &writer));
    std::string file;
    for (const auto& message : writer.messages) file += message.data();
    return file;
  }
  // The file in two parts, the first of which comes with the first message.
  absl::Status TryImport(const std::string& file, const std::string& first, v1::Agent* response) {
    FakeReader<v1::ImportAgentRequest> reader;
    reader.messages = {Proto<v1::ImportAgentRequest>(first), {}};
    reader.messages[0].set_data(file.substr(0, file.size() / 2));
    reader.messages[1].set_data(file.substr(file.size() / 2));
    absl::Status status = handlers::ImportAgent(call_, reader, response);
    read_ = reader.next;
    return status;
  }
  absl::Status TryImport(const std::string& file, const std::string& first) {
    v1::Agent ignored;
    return TryImport(file, first, &ignored);
  }
  size_t agents() { return env_.registry.budget().use().places; }

  size_t read_ = 0;  // messages of the last import
};

TEST_F(ExportTest, AnImportedAgentIsTheExportedOne) {
  const std::string file = Export("a");
  v1::Agent b;
  ASSERT_OK(TryImport(file, "agent_id: 'b'", &b));
  EXPECT_EQ(b.DebugString(), Get("b").DebugString());
  v1::Agent theirs = Get("b", v1::FULL), ours = Get("a", v1::FULL);
  EXPECT_NE(theirs.uid(), ours.uid());
  EXPECT_NE(theirs.incarnation(), ours.incarnation());
  EXPECT_EQ(theirs.stats().rewards_applied(), 5u);
  for (v1::Agent* agent : {&theirs, &ours}) {
    agent->clear_name();
    agent->clear_uid();
    agent->clear_incarnation();
    agent->clear_create_time();
    agent->clear_etag();
    agent->mutable_stats()->clear_last_active_time();
  }
  EXPECT_EQ(theirs.DebugString(), ours.DebugString());
  // The run, and the rewards that are known, are the same too.
  const std::string more = "run_id: 'run' rewards { value: 1 reward_id: 'r3' }";
  v1::StepResponse mine = Step("b", more), other = Step("a", more);
  for (v1::StepResponse* response : {&mine, &other}) response->clear_event();
  EXPECT_EQ(mine.DebugString(), other.DebugString());
  EXPECT_EQ(Digest("b"), Digest("a"));
  EXPECT_EQ(Get("b").stats().episodes(), 0u);
}

TEST_F(ExportTest, ComesInChunks) {
  CircuitSpec spec = LearnerSpec();
  spec.populations[1].size = 30'000;
  Create(CreateRequest("large", spec));
  FakeWriter<v1::ExportAgentResponse> writer;
  ASSERT_OK(TryExport("name: 'agents/large'", &writer));
  ASSERT_GT(writer.messages.size(), 3u);
  for (const auto& message : writer.messages) {
    EXPECT_LE(message.data().size(), size_t{limits::kChunkBytes});
  }
  writer.messages.clear();
  writer.stop_after = 2;
  EXPECT_THAT(TryExport("name: 'agents/large'", &writer),
              Fails(StatusCode::kCancelled, "CANCELLED"));
  EXPECT_EQ(env_.copies.use().bytes, 0);
  const std::string file = Export("large");
  ASSERT_OK(TryImport(file, "agent_id: 'b'"));
  EXPECT_EQ(Digest("b"), Digest("large"));
}

TEST_F(ExportTest, ARepeatedImportIsAnsweredWithoutReading) {
  const std::string file = Export("a");
  v1::Agent first, second;
  ASSERT_OK(TryImport(file, "agent_id: 'b' request_id: 'x'", &first));
  ASSERT_OK(TryImport("", "agent_id: 'b' request_id: 'x'", &second));
  EXPECT_EQ(read_, 1u);
  EXPECT_EQ(first.uid(), second.uid());
  EXPECT_THAT(TryImport(file, "agent_id: 'b' request_id: 'y'"),
              Fails(StatusCode::kAlreadyExists, "AGENT_EXISTS"));
  EXPECT_EQ(read_, 1u);
}

TEST_F(ExportTest, FaultyRequestsLeaveNothingBehind) {
  const std::string file = Export("a");
  const size_t before = agents();
  EXPECT_THAT(TryImport(file, "agent_id: 'No'"), FailsFor("BAD_FIELD", Fields{"agent_id"}));
  EXPECT_THAT(TryImport(file, "parent: 'tenants/other'"),
              Fails(StatusCode::kNotFound, "TENANT_NOT_FOUND"));
  EXPECT_THAT(TryImport(file.substr(0, file.size() - 1), ""),
              FailsFor("BAD_EXPORT", Fields{"data"}));
  EXPECT_THAT(TryImport("", ""), FailsFor("BAD_EXPORT", Fields{"data"}));
  FakeReader<v1::ImportAgentRequest> nothing;
  v1::Agent ignored;
  EXPECT_THAT(handlers::ImportAgent(call_, nothing, &ignored),
              FailsFor("BAD_EXPORT", Fields{"data"}));
  FakeWriter<v1::ExportAgentResponse> writer;
  EXPECT_THAT(TryExport("name: 'agents/z'", &writer),
              Fails(StatusCode::kNotFound, "AGENT_NOT_FOUND"));
  EXPECT_THAT(TryExport("name: 'agents/a' snapshot: 's'", &writer),
              Fails(StatusCode::kFailedPrecondition, "NO_STORE"));
  EXPECT_EQ(agents(), before);
  EXPECT_EQ(env_.copies.use().bytes, 0);
}

TEST_F(ExportTest, WaitsForNoRoomThatThereIsNot) {
  const auto all = env_.copies.Take(limits::kMaxInspectBytes - 100);
  FakeWriter<v1::ExportAgentResponse> writer;
  EXPECT_THAT(TryExport("name: 'agents/a'", &writer),
              Fails(StatusCode::kResourceExhausted, "TOO_MUCH_INSPECTED"));
  const uint64_t huge = safetensors::kMaxHeaderBytes;
  EXPECT_THAT(TryImport({reinterpret_cast<const char*>(&huge), sizeof huge}, ""),
              Fails(StatusCode::kResourceExhausted, "TOO_MUCH_INSPECTED"));
}

class FullServerTest : public ExportTest {
 protected:
  FullServerTest() : ExportTest({.max_agents = 1}) {}
};

TEST_F(FullServerTest, ImportsNothing) {
  EXPECT_THAT(TryImport(Export("a"), ""), Fails(StatusCode::kResourceExhausted, "SERVER_FULL"));
  EXPECT_EQ(agents(), 1u);
}

}  // namespace
}  // namespace phasic::testing

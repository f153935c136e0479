// SPDX-License-Identifier: Apache-2.0
//
// Errors of the server, of the line to it, and of the program's surroundings.
#include <stdlib.h>
#include <unistd.h>

#include <future>

#include "tests/client/cli/commands_test.h"

namespace phasic {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ErrorsTest : public CommandTest {
 protected:
  std::string InfoFault(const grpc::Status& status, int code = 1) {
    fake_.server.info.status = status;
    return Fault(code, {"server", "info"});
  }
};

TEST_F(ErrorsTest, ListsSeveralViolations) {
  EXPECT_EQ(InfoFault(ErrorMaker(grpc::StatusCode::INVALID_ARGUMENT, "the circuit has 2 faults",
                                 "BAD_CIRCUIT")
                          .Violation("agent.circuit.populations[0].size", "0 is below 1")
                          .Violation("agent.circuit.dt", "-1 is below 0")
                          .Make()),
            "phasic: INVALID_ARGUMENT BAD_CIRCUIT: 2 fields are wrong\n"
            "  agent.circuit.populations[0].size: 0 is below 1\n"
            "  agent.circuit.dt: -1 is below 0\n");
}

TEST_F(ErrorsTest, TellsMetadataRetryQuotaAndPrecondition) {
  EXPECT_EQ(InfoFault(ErrorMaker(grpc::StatusCode::ABORTED, "the next step is 17", "STEP_MISMATCH")
                          .Metadata("step", "17")
                          .Make()),
            "phasic: ABORTED STEP_MISMATCH: the next step is 17\n"
            "  step: 17\n");
  rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(250000000);
  rpc::QuotaFailure quota;
  quota.add_violations()->set_subject("agent:cart");
  quota.mutable_violations(0)->set_description("1024 turns wait");
  EXPECT_EQ(InfoFault(ErrorMaker(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many turns wait",
                                 "TOO_MANY_WAITING")
                          .Detail(retry)
                          .Detail(quota)
                          .Make()),
            "phasic: RESOURCE_EXHAUSTED TOO_MANY_WAITING: too many turns wait\n"
            "  agent:cart: 1024 turns wait\n"
            "  try again in 250ms\n");
  rpc::PreconditionFailure precondition;
  precondition.add_violations()->set_description("projection actor, tick 3");
  EXPECT_EQ(InfoFault(ErrorMaker(grpc::StatusCode::FAILED_PRECONDITION, "the agent diverged",
                                 "AGENT_DIVERGED")
                          .Detail(precondition)
                          .Make()),
            "phasic: FAILED_PRECONDITION AGENT_DIVERGED: the agent diverged\n"
            "  projection actor, tick 3\n");
}

TEST_F(ErrorsTest, TellsErrorsWithoutDetails) {
  EXPECT_EQ(InfoFault({grpc::StatusCode::UNIMPLEMENTED, "no such method"}),
            "phasic: UNIMPLEMENTED: no such method\n");
  EXPECT_EQ(InfoFault({grpc::StatusCode::INTERNAL, "broken", "these bytes are no status"}),
            "phasic: INTERNAL: broken\n");
}

TEST_F(ErrorsTest, TellsARefusalFromASilence) {
  // A phasic server said so: it is there.
  EXPECT_EQ(
      InfoFault(ErrorMaker(grpc::StatusCode::UNAVAILABLE, "going down", "DRAINING").Make(), 1),
      "phasic: UNAVAILABLE DRAINING: going down\n");
  EXPECT_EQ(InfoFault(ErrorMaker(grpc::StatusCode::DEADLINE_EXCEEDED, "its turn did not come",
                                 "TURN_TIMEOUT")
                          .Make(),
                      1),
            "phasic: DEADLINE_EXCEEDED TURN_TIMEOUT: its turn did not come\n");
  // gRPC said so.
  EXPECT_THAT(InfoFault({grpc::StatusCode::UNAVAILABLE, "connection reset"}, 3),
              HasSubstr("no phasic server at " + fake_.address() + ": connection reset"));
}

TEST_F(ErrorsTest, JsonHasTheWholeError) {
  fake_.server.info.status =
      ErrorMaker(grpc::StatusCode::INVALID_ARGUMENT, "bad observation", "BAD_OBSERVATION")
          .Metadata("port", "observation")
          .Violation("observation[2]", "NaN")
          .Make();
  const Ending ending = Run({"server", "info", "--json"});
  EXPECT_EQ(ending.code, 1);
  EXPECT_EQ(ending.err,
            "phasic: INVALID_ARGUMENT BAD_OBSERVATION: observation[2]: NaN\n  port: observation\n");
  EXPECT_EQ(ending.out, R"({
  "error": {
    "code": "INVALID_ARGUMENT",
    "reason": "BAD_OBSERVATION",
    "message": "bad observation",
    "details": {
      "errorInfo": {
        "reason": "BAD_OBSERVATION",
        "domain": "phasic",
        "metadata": {
          "port": "observation"
        }
      },
      "badRequest": {
        "fieldViolations": [
          {
            "field": "observation[2]",
            "description": "NaN"
          }
        ]
      }
    }
  }
}
)");
}

TEST(Unreachable, EndsWithThree) {
  const Ending ending = RunProgram({"--server", "unix:/no/such/socket", "server", "info"});
  EXPECT_EQ(ending.code, 3);
  EXPECT_EQ(ending.out, "");
  EXPECT_THAT(ending.err, StartsWith("phasic: no phasic server at unix:/no/such/socket: "));
  const Ending json = RunProgram({"--server", "unix:/no/such/socket", "server", "info", "--json"});
  EXPECT_EQ(json.code, 3);
  EXPECT_EQ(JsonIn(json.out).fields().at("error").struct_value().fields().at("code").string_value(),
            "UNAVAILABLE");
}

TEST(Unreachable, SilenceEndsWithThreeAfterTheTimeout) {
  std::promise<void> ended;
  FakeServer fake;
  fake.agents.inspect = [silence = ended.get_future().share()](const v1::InspectRequest&,
                                                               std::vector<v1::InspectResponse>*) {
    silence.wait();
    return grpc::Status::OK;
  };
  const Ending ending =
      RunProgram({"--server", fake.address(), "--timeout", "0.2", "agents", "inspect", "cart"});
  ended.set_value();
  EXPECT_EQ(ending.code, 3);
  EXPECT_EQ(ending.err, "phasic: no answer from " + fake.address() + " within 200ms\n");
}

TEST(Address, ComesFromTheOptionThenTheEnvironment) {
  FakeServer fake;
  v1::ServerInfo info;
  info.set_version("9.9");
  fake.server.info.answers = {info};
  const Surroundings wrong = {"", {{"PHASIC_SERVER", "unix:/no/such/socket"}}};
  EXPECT_EQ(RunProgram({"server", "info"}, wrong).code, 3);
  EXPECT_EQ(RunProgram({"server", "info", "--server", fake.address()}, wrong).code, 0);
  EXPECT_EQ(RunProgram({"server", "info"}, {"", {{"PHASIC_SERVER", fake.address()}}}).code, 0);
  // Nobody may come between the program and its server.
  const Surroundings proxy = {"", {{"http_proxy", "http://127.0.0.1:1"}}};
  EXPECT_EQ(RunProgram({"server", "info", "--server", fake.address()}, proxy).code, 0);
}

TEST(Address, MayBeAUnixSocket) {
  char folder[] = "/tmp/phasic-cli-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string address = "unix:" + std::string(folder) + "/socket";
  {
    FakeServer fake(address);
    EXPECT_EQ(RunProgram({"server", "info", "--server", address}).code, 0);
    EXPECT_EQ(fake.server.info.requests.size(), 1u);
  }
  unlink((std::string(folder) + "/socket").c_str());
  rmdir(folder);
}

TEST(Address, MustHaveAPort) {
  const Ending option = RunProgram({"server", "info", "--server", "localhost"});
  EXPECT_EQ(option.code, 2);
  EXPECT_EQ(option.err, "phasic: --server: \"localhost\" is neither HOST:PORT nor unix:/PATH\n");
  const Ending variable = RunProgram({"server", "info"}, {"", {{"PHASIC_SERVER", "localhost"}}});
  EXPECT_EQ(variable.code, 2);
  EXPECT_THAT(variable.err, StartsWith("phasic: PHASIC_SERVER: \"localhost\""));
}

TEST(Usage, EndsWithTwo) {
  const Ending none = RunProgram({});
  EXPECT_EQ(none.code, 2);
  EXPECT_EQ(
      none.err,
      "phasic: name a command: agents, snapshots, circuits, server, store; see phasic --help\n");
  const Ending unknown = RunProgram({"agents", "stop", "cart"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, StartsWith("phasic: agents: unknown command stop (did you mean step?)"));
  // Nothing was asked, so there is no document either.
  EXPECT_EQ(RunProgram({"agents", "step", "cart", "--json", "--obs", "x"}).out, "");
}

TEST(Usage, HelpIsThereAtEveryLevel) {
  const Ending root = RunProgram({"--help"});
  EXPECT_EQ(root.code, 0);
  EXPECT_THAT(root.out, HasSubstr("exit codes:\n  0  done\n  1  "));
  const std::vector<std::vector<std::string>> commands = {{"agents"},
                                                          {"agents", "list"},
                                                          {"agents", "create"},
                                                          {"agents", "get"},
                                                          {"agents", "step"},
                                                          {"agents", "reward"},
                                                          {"agents", "reset"},
                                                          {"agents", "inspect"},
                                                          {"agents", "curve"},
                                                          {"agents", "update"},
                                                          {"agents", "clone"},
                                                          {"agents", "delete"},
                                                          {"circuits"},
                                                          {"circuits", "list"},
                                                          {"circuits", "describe"},
                                                          {"circuits", "validate"},
                                                          {"server"},
                                                          {"server", "info"},
                                                          {"server", "backup"},
                                                          {"store"},
                                                          {"store", "check"},
                                                          {"snapshots"},
                                                          {"agents", "write"},
                                                          {"agents", "export"},
                                                          {"agents", "import"},
                                                          {"snapshots", "create"},
                                                          {"snapshots", "list"},
                                                          {"snapshots", "get"},
                                                          {"snapshots", "restore"},
                                                          {"snapshots", "delete"}};
  for (std::vector<std::string> words : commands) {
    std::string usage = "usage: phasic";
    for (const std::string& word : words) usage += " " + word;
    words.push_back("--help");
    const Ending help = RunProgram(words);
    EXPECT_EQ(help.code, 0);
    EXPECT_EQ(help.err, "");
    EXPECT_THAT(help.out, StartsWith(usage));
    EXPECT_THAT(help.out, HasSubstr("--server ADDRESS"));
  }
}

TEST(Usage, VersionHasThreeNumbers) {
  const Ending ending = RunProgram({"--version"});
  EXPECT_EQ(ending.code, 0);
  EXPECT_THAT(ending.out, testing::MatchesRegex("phasic [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

}  // namespace
}  // namespace phasic

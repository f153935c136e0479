// SPDX-License-Identifier: Apache-2.0
#include "server/config.h"

#include <gmock/gmock.h>

#include <map>

#include "tests/server/support/status_matchers.h"

namespace phasic {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Variables = std::map<std::string, std::string>;

absl::StatusOr<Config> Read(const std::vector<const char*>& arguments,
                            const Variables& variables = {}) {
  return ReadConfig(arguments, [&](const char* name) -> const char* {
    const auto at = variables.find(name);
    if (at != variables.end()) return at->second.c_str();
    return std::string_view(name) == "HOME" ? "/home/ada" : nullptr;
  });
}

void ExpectFault(const std::vector<const char*>& arguments, const std::string& words) {
  const auto config = Read(arguments);
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument) << arguments[0];
  EXPECT_THAT(std::string(config.status().message()), HasSubstr(words));
}

TEST(Config, DefaultsAreLoopbackAndBounded) {
  const auto config = Read({});
  ASSERT_OK(config);
  EXPECT_EQ(config->action, Config::Action::kServe);
  EXPECT_THAT(config->listen, ElementsAre("127.0.0.1:50051"));
  EXPECT_TRUE(config->unix_path.empty());
  EXPECT_EQ(config->store, "sqlite:///home/ada/.local/state/phasic/phasic.db");
  EXPECT_FALSE(config->insecure);
  EXPECT_EQ(config->limits.max_message_bytes, 16 << 20);
  EXPECT_EQ(config->limits.max_total_bytes, DefaultTotalBytes());
  EXPECT_GT(DefaultTotalBytes(), 1 << 20);
}

TEST(Config, ReadsEveryFlagInBothForms) {
  const auto config =
      Read({"--listen", "127.0.0.1:0,[::1]:7", "--unix=/tmp/x.sock", "--max-agents=5",
            "--max-total-bytes", "3G", "--max-agent-bytes=64KiB", "--max-message-bytes=2097152",
            "--max-waiting-turns=0", "--drain-timeout", "2.5",
            "--store=memory:", "--hibernate-after=1.5", "--snapshot-period", "30"});
  ASSERT_OK(config);
  EXPECT_THAT(config->listen, ElementsAre("127.0.0.1:0", "[::1]:7"));
  EXPECT_EQ(config->unix_path, "/tmp/x.sock");
  EXPECT_EQ(config->limits.max_agents, 5);
  EXPECT_EQ(config->limits.max_total_bytes, int64_t{3} << 30);
  EXPECT_EQ(config->limits.max_agent_bytes, 64 << 10);
  EXPECT_EQ(config->limits.max_message_bytes, 2'097'152);
  EXPECT_EQ(config->limits.max_waiting_turns, 0);
  EXPECT_EQ(config->drain_seconds, 2.5);
  EXPECT_EQ(config->store, "memory:");
  EXPECT_EQ(config->habits.hibernate_after, std::chrono::milliseconds(1'500));
  EXPECT_EQ(config->habits.snapshot_period, std::chrono::seconds(30));
}

TEST(Config, TheStoreIsWhereStateBelongs) {
  EXPECT_EQ(Read({}, {{"XDG_STATE_HOME", "/state"}})->store, "sqlite:///state/phasic/phasic.db");
  EXPECT_EQ(Read({}, {{"PHASICD_STORE", "sqlite:///x/y.db"}})->store, "sqlite:///x/y.db");
  const auto homeless = ReadConfig({}, [](const char*) { return nullptr; });
  EXPECT_THAT(std::string(homeless.status().message()), HasSubstr("--store must be given"));
  ExpectFault({"--store=phasic.db"}, "sqlite:///ABSOLUTE/PATH");
  ExpectFault({"--store=sqlite://relative.db"}, "sqlite:///ABSOLUTE/PATH");
  ExpectFault({"--hibernate-after=0"}, "seconds");
  ExpectFault({"--snapshot-period=soon"}, "seconds");
}

TEST(Config, BeyondLoopbackNeedsAWord) {
  for (const char* address :
       {"0.0.0.0:1", "192.168.1.5:1", "[::]:1", "example.org:1", "*:1", "128.0.0.1:1"}) {
    ExpectFault({"--listen", address}, "--insecure");
    const auto config = Read({"--insecure", "--listen", address});
    ASSERT_OK(config);
    EXPECT_THAT(config->listen, ElementsAre(address));
  }
  for (const char* address : {"127.0.0.1:1", "127.1.2.3:1", "[::1]:1"}) {
    EXPECT_OK(Read({"--listen", address}));
  }
  // One that is not is enough.
  ExpectFault({"--listen", "127.0.0.1:1,0.0.0.0:1"}, "0.0.0.0:1");
  EXPECT_THAT(Read({"--listen", "localhost:9"})->listen, ElementsAre("127.0.0.1:9"));
}

TEST(Config, ListenMayBeNoneBesideAUnixSocket) {
  const auto config = Read({"--listen=none", "--unix=/tmp/x"});
  ASSERT_OK(config);
  EXPECT_TRUE(config->listen.empty());
  ExpectFault({"--listen=none"}, "nobody could call");
}

TEST(Config, TheEnvironmentCountsUnlessAFlagSaysOtherwise) {
  const Variables variables = {{"PHASICD_MAX_AGENTS", "7"},
                               {"PHASICD_INSECURE", "true"},
                               {"PHASICD_LISTEN", "0.0.0.0:1"},
                               {"PHASICD_HELP", "true"}};
  auto config = Read({}, variables);
  ASSERT_OK(config);
  EXPECT_EQ(config->limits.max_agents, 7);
  EXPECT_THAT(config->listen, ElementsAre("0.0.0.0:1"));
  EXPECT_EQ(config->action, Config::Action::kServe);
  config = Read({"--max-agents", "9", "--listen=127.0.0.1:1", "--insecure=false"}, variables);
  ASSERT_OK(config);
  EXPECT_EQ(config->limits.max_agents, 9);
  EXPECT_FALSE(config->insecure);
  const auto bad = Read({}, {{"PHASICD_MAX_AGENTS", "many"}});
  EXPECT_THAT(std::string(bad.status().message()), HasSubstr("PHASICD_MAX_AGENTS"));
}

TEST(Config, SaysWhatIsWrong) {
  ExpectFault({"--nope"}, "--nope");
  ExpectFault({"serve"}, "serve");
  ExpectFault({"--listen"}, "needs HOST:PORT");
  for (const char* address : {"localhost", "127.0.0.1:", ":1", "127.0.0.1:65536", "127.0.0.1:-1",
                              "127.0.0.1:x", "::1:1", ""}) {
    ExpectFault({"--listen", address}, "--listen");
  }
  for (const char* size :
       {"", "M", "1X", "1MB", "-1", "1.5G", "1", "99999999999999999999", "9999999T", "1MiBB"}) {
    ExpectFault({"--max-total-bytes", size}, "--max-total-bytes");
  }
  ExpectFault({"--max-agent-bytes", "2G"}, "--max-agent-bytes");
  ExpectFault({"--max-message-bytes", "4G"}, "--max-message-bytes");
  for (const char* number : {"0", "-3", "x", "1e3"})
    ExpectFault({"--max-agents", number}, "--max-agents");
  for (const char* seconds : {"-1", "nan", "x", "1e9"})
    ExpectFault({"--drain-timeout", seconds}, "--drain-timeout");
  ExpectFault({"--insecure=perhaps"}, "--insecure");
}

TEST(Config, HelpNamesEveryFlag) {
  EXPECT_EQ(Read({"--help"})->action, Config::Action::kHelp);
  EXPECT_EQ(Read({"--version", "--listen", "0.0.0.0:1"})->action, Config::Action::kVersion);
  for (const char* flag : {"--listen HOST:PORT", "--unix PATH", "--insecure", "--max-agents N",
                           "--drain-timeout", "SIGTERM"}) {
    EXPECT_THAT(HelpText(), HasSubstr(flag));
  }
}

}  // namespace
}  // namespace phasic

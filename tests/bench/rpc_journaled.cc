// SPDX-License-Identifier: Apache-2.0
//
// What does it cost that nothing is lost? One phasicd with a store; agents that are EPHEMERAL and
// agents that are JOURNALED, alike in all else, are stepped over a stream with 64 steps
// outstanding, and one call at a time.
#include "tests/bench/support/agents.h"
#include "tests/bench/support/contest.h"
#include "tests/bench/support/server.h"
#include "tests/bench/support/stream_load.h"
#include "tests/bench/support/unary_load.h"

namespace phasic::testing {
namespace {

constexpr int kAgents = 16, kOutstanding = 64;

int Run(Report& report) {
  const Server server(Server::Kind::kPhasicd, {"--store=sqlite://FOLDER/phasic.db"});
  const std::string address = server.address(Transport::kTcp);
  CreateAgents(address, kHiddenAgent, "ephemeral", kAgents, v1::EPHEMERAL);
  CreateAgents(address, kHiddenAgent, "journaled", kAgents, v1::JOURNALED);
  const auto stream = [&](const char* agents) {
    return StreamLoad(address, std::make_unique<StepRequests>(agents, kAgents), kOutstanding);
  };
  const auto calls = [&](const char* agents) {
    return UnaryLoad(address, std::make_unique<StepRequests>(agents, kAgents), 1);
  };
  StreamLoad ephemeral = stream("ephemeral"), again = stream("ephemeral"),
             journaled = stream("journaled");
  UnaryLoad ephemeral_calls = calls("ephemeral"), journaled_calls = calls("journaled");

  Contest contest(report.seed());
  const size_t a = contest.Add("Interact, EPHEMERAL", ephemeral, server.cpu_clock());
  const size_t b = contest.Add("Interact, EPHEMERAL again", again, server.cpu_clock());
  const size_t c = contest.Add("Interact, JOURNALED", journaled, server.cpu_clock());
  const size_t d = contest.Add("Step, EPHEMERAL", ephemeral_calls, server.cpu_clock());
  const size_t e = contest.Add("Step, JOURNALED", journaled_calls, server.cpu_clock());
  if (!contest.Run()) return 2;

  AtLeast(report, "JOURNALED messages/s over EPHEMERAL's, 64 outstanding",
          contest.Ratio(&Slice::rate, c, a), 0.7);
  AtMost(report, "JOURNALED p50 of a Step beyond EPHEMERAL's, us",
         contest.Of([&](const auto& round) { return round[e].p50 - round[d].p50; }), 150);
  Measured(report, "EPHEMERAL messages/s over the same again", contest.Ratio(&Slice::rate, a, b));
  return report.exit_code();
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  return phasic::testing::Run(report);
}

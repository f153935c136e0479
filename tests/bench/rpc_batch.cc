// SPDX-License-Identifier: Apache-2.0
//
// What does a step cost as one of 64 in a batch? Flat batches with rewards, ends and step indices
// on a stream, 4 outstanding, of small linear agents: against a bare gRPC server that answers the
// same batches, the steps in process, and the same steps one to a call.
#include "tests/bench/support/agents.h"
#include "tests/bench/support/contest.h"
#include "tests/bench/support/kernel_load.h"
#include "tests/bench/support/server.h"
#include "tests/bench/support/stream_load.h"
#include "tests/bench/support/unary_load.h"

namespace phasic::testing {
namespace {

constexpr int kItems = 64, kWindow = 4, kCalls = 64;

bool Measure(Report& report, const Server& phasicd, const Server& echo, Transport transport) {
  const std::string prefix = transport == Transport::kTcp ? "tcp" : "unix";
  // Items say which step they are, so no other load steps these agents.
  const auto uids =
      CreateAgents(phasicd.address(transport), kLinearAgent, "batch-" + prefix, kItems);
  CreateAgents(phasicd.address(transport), kLinearAgent, prefix, kItems);
  const auto batches = [&](const Server& server) {
    return StreamLoad(server.address(transport), std::make_unique<BatchRequests>(uids), kWindow);
  };
  StreamLoad ours = batches(phasicd), bare = batches(echo), again = batches(echo);
  UnaryLoad unary(phasicd.address(transport), std::make_unique<StepRequests>(prefix, kItems),
                  kCalls);
  KernelLoad kernel(kLinearAgent, kItems);

  const std::string where = std::string("BatchStep, ") + NameOf(transport);
  Contest contest(report.seed());
  const size_t a = contest.Add(where, ours, phasicd.cpu_clock());
  const size_t b = contest.Add("  echo", bare, echo.cpu_clock());
  const size_t c = contest.Add("  echo again", again, echo.cpu_clock());
  const size_t d = contest.Add("  Step, 64 outstanding", unary, phasicd.cpu_clock());
  const size_t e =
      contest.Add("  step in process", kernel, KernelLoad::kClock, KernelLoad::kSeconds);
  if (!contest.Run()) return false;

  AtMost(report, where + ": CPU per item over echo + kernel", contest.Of([&](const auto& round) {
    return round[a].cpu / (round[b].cpu + round[e].cpu);
  }),
         1.5);
  AtLeast(report, where + ": items/s over Step's", contest.Ratio(&Slice::rate, a, d), 20);
  AtMost(report, where + ": our answers' length over echo's",
         contest.Ratio(&Slice::answer_bytes, a, b), 1.1);
  Measured(report, where + ": echo's CPU over the same again", contest.Ratio(&Slice::cpu, b, c));
  return true;
}

int Run(Report& report) {
  const Server phasicd(Server::Kind::kPhasicd), echo(Server::Kind::kEcho);
  for (const Transport transport : kTransports) {
    if (!Measure(report, phasicd, echo, transport)) return 2;
  }
  return report.exit_code();
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  return phasic::testing::Run(report);
}

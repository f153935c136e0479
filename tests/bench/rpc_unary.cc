// SPDX-License-Identifier: Apache-2.0
//
// What does a Step cost beyond the call that carries it, and how late does the slowest come? 1, 8
// and 64 calls outstanding, against a bare gRPC server that answers the same messages, and the step
// in process. The bare server is itself held against bare sockets.
#include "tests/bench/support/step_contest.h"
#include "tests/bench/support/unary_load.h"

namespace phasic::testing {
namespace {

int Run(Report& report) {
  const StepServers servers;
  for (const Transport transport : kTransports) {
    for (const int outstanding : {1, 8, 64}) {
      StepContest contest(
          report, servers, transport, "Step, " + std::to_string(outstanding) + " outstanding",
          outstanding, [&](const std::string& address) {
            return std::make_unique<UnaryLoad>(
                address, std::make_unique<StepRequests>("a", StepContest::kAgents), outstanding);
          });
      if (!contest.Run()) return 2;
      contest.JudgeCpu();
      AtMost(report, contest.where() + ": p99 over echo's", contest.OverEcho(&Slice::p99), 1.5);
      contest.JudgeCeiling(5);
      contest.TellNoise();
    }
  }
  return report.exit_code();
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  return phasic::testing::Run(report);
}

// SPDX-License-Identifier: Apache-2.0
//
// What does a step cost beyond the message that carries it? Interact with 64 steps outstanding,
// against a bare gRPC server that answers the same messages, and the step in process. The bare
// server is itself held against bare sockets.
#include "tests/bench/support/step_contest.h"
#include "tests/bench/support/stream_load.h"

namespace phasic::testing {
namespace {

constexpr int kOutstanding = 64;

int Run(Report& report) {
  const StepServers servers;
  for (const Transport transport : kTransports) {
    StepContest contest(
        report, servers, transport, "Interact", kOutstanding, [](const std::string& address) {
          return std::make_unique<StreamLoad>(
              address, std::make_unique<StepRequests>("a", StepContest::kAgents), kOutstanding);
        });
    if (!contest.Run()) return 2;
    contest.JudgeCpu();
    AtLeast(report, contest.where() + ": messages/s over echo's", contest.OverEcho(&Slice::rate),
            0.85);
    contest.JudgeCeiling(2.6);
    contest.TellNoise();
  }
  return report.exit_code();
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  return phasic::testing::Run(report);
}

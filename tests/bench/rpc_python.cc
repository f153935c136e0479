// SPDX-License-Identifier: Apache-2.0
//
// How fast may a Python client be? Batches of 256 small linear agents as bytes, against one Step
// after the other, and against the same client of a bare gRPC server.
#include "tests/bench/support/agents.h"
#include "tests/bench/support/contest.h"
#include "tests/bench/support/process_load.h"
#include "tests/bench/support/server.h"

namespace phasic::testing {
namespace {

constexpr int kItems = 256;

ProcessLoad PythonLoad(const Server& server, std::vector<std::string> rest) {
  std::vector<std::string> command = {PHASIC_PYTHON, "-u", PHASIC_PYTHON_LOAD,
                                      server.address(Transport::kTcp)};
  command.insert(command.end(), rest.begin(), rest.end());
  return ProcessLoad({command});
}

int Run(Report& report) {
  const Server phasicd(Server::Kind::kPhasicd), echo(Server::Kind::kEcho);
  std::vector<std::string> batch = {"batch"};
  const std::string address = phasicd.address(Transport::kTcp);
  for (const uint64_t uid : CreateAgents(address, kLinearAgent, "a", kItems)) {
    batch.push_back(std::to_string(uid));
  }
  ProcessLoad ours = PythonLoad(phasicd, batch), bare = PythonLoad(echo, batch),
              again = PythonLoad(echo, batch),
              unary = PythonLoad(phasicd, {"step", NameOf("a", 0)});
  Contest contest(report.seed());
  const size_t a = contest.Add("BatchStep from Python", ours, phasicd.cpu_clock());
  const size_t b = contest.Add("  echo", bare, echo.cpu_clock());
  const size_t c = contest.Add("  echo again", again, echo.cpu_clock());
  const size_t d = contest.Add("Step from Python", unary, phasicd.cpu_clock());
  if (!contest.Run()) return 2;
  AtLeast(report, "Python: items/s of batches over Step's", contest.Ratio(&Slice::rate, a, d), 50);
  AtLeast(report, "Python: items/s of batches over echo's", contest.Ratio(&Slice::rate, a, b), 0.6);
  Measured(report, "Python: echo's items/s over the same again", contest.Ratio(&Slice::rate, b, c));
  return report.exit_code();
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  return phasic::testing::Run(report);
}

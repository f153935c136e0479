// SPDX-License-Identifier: Apache-2.0
//
// How much faster is a stream than calls, and a Unix socket than TCP? Steps of small linear agents,
// so that the way counts and not the work; 64 outstanding. Beside it what the bare gRPC server
// gains by the same.
#include "tests/bench/support/agents.h"
#include "tests/bench/support/contest.h"
#include "tests/bench/support/server.h"
#include "tests/bench/support/stream_load.h"
#include "tests/bench/support/unary_load.h"

namespace phasic::testing {
namespace {

constexpr int kAgents = 16, kOutstanding = 64;

// A server by its three ways.
class Ways {
 public:
  Ways(const std::string& name, const Server& server, Contest* contest)
      : tcp_(server.address(Transport::kTcp), Steps(), kOutstanding),
        unix_(server.address(Transport::kUnix), Steps(), kOutstanding),
        unary_(server.address(Transport::kTcp), Steps(), kOutstanding),
        first_(contest->Add(name + ": Interact, TCP", tcp_, server.cpu_clock())) {
    contest->Add(name + ": Interact, Unix socket", unix_, server.cpu_clock());
    contest->Add(name + ": Step, TCP", unary_, server.cpu_clock());
  }
  size_t tcp() const { return first_; }
  size_t local() const { return first_ + 1; }
  size_t unary() const { return first_ + 2; }

 private:
  static std::unique_ptr<Requests> Steps() { return std::make_unique<StepRequests>("a", kAgents); }

  StreamLoad tcp_, unix_;
  UnaryLoad unary_;
  const size_t first_;
};

int Run(Report& report) {
  const Server phasicd(Server::Kind::kPhasicd), echo(Server::Kind::kEcho);
  CreateAgents(phasicd.address(Transport::kTcp), kLinearAgent, "a", kAgents);
  Contest contest(report.seed());
  const Ways ours("phasicd", phasicd, &contest), bare("echo", echo, &contest);
  if (!contest.Run()) return 2;
  AtLeast(report, "Interact over Step, messages/s",
          contest.Ratio(&Slice::rate, ours.tcp(), ours.unary()), 1.6);
  AtLeast(report, "Interact by Unix socket over TCP, messages/s",
          contest.Ratio(&Slice::rate, ours.local(), ours.tcp()), 1.4);
  Measured(report, "the first of the bare server",
           contest.Ratio(&Slice::rate, bare.tcp(), bare.unary()));
  Measured(report, "the second of the bare server",
           contest.Ratio(&Slice::rate, bare.local(), bare.tcp()));
  return report.exit_code();
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  return phasic::testing::Run(report);
}

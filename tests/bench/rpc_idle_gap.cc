// SPDX-License-Identifier: Apache-2.0
//
// Does an answer come late when the server has slept for about a second? gRPC 1.51's callback
// threads wait one second for work and then do not look for a tenth; a world that speaks once a
// second would meet that at every step. Calls and messages with gaps of 0.95 to 1.15 s, each caller
// with a server of its own, which is idle else: phasicd, and the bare server on a completion queue.
#include <memory>
#include <optional>
#include <random>
#include <thread>

#include "tests/bench/support/agents.h"
#include "tests/bench/support/contest.h"
#include "tests/bench/support/server.h"
#include "tests/bench/support/stream_load.h"
#include "tests/bench/support/unary_load.h"

namespace phasic::testing {
namespace {

constexpr int kCalls = 90;
constexpr double kShortestGap = 0.95, kLongestGap = 1.15;

struct Caller {
  const char* name;
  Server server;
  std::unique_ptr<Load> load = {};
  std::optional<std::vector<double>> latencies = std::vector<double>();
};

void Call(Caller* caller, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> gap(kShortestGap, kLongestGap);
  for (int i = 0; i <= kCalls && caller->latencies; ++i) {
    const auto traffic = caller->load->Run(0);
    std::this_thread::sleep_for(Nanoseconds(gap(random)));
    if (!traffic) caller->latencies.reset();
    if (i == 0 || !traffic) continue;  // no gap was before the first
    caller->latencies->insert(caller->latencies->end(), traffic->latencies.begin(),
                              traffic->latencies.end());
  }
}

void Judge(Report& report, const char* what, const Caller& ours, const Caller& echo) {
  const Estimate late = EstimateOf(*ours.latencies, 0.95);
  const double bare = Quantile(*echo.latencies, 0.95);
  AtMost(report, std::string(what) + ": p95 beyond echo's, ms",
         {1e-3 * (late.value - bare), 1e-3 * (late.low - bare), 1e-3 * (late.high - bare)}, 2);
}

int Run(Report& report) {
  using Kind = Server::Kind;
  Caller callers[] = {{"Step", Server(Kind::kPhasicd)},
                      {"Step, echo", Server(Kind::kEcho)},
                      {"Interact", Server(Kind::kPhasicd)},
                      {"Interact, echo", Server(Kind::kEcho)}};
  for (const int i : {0, 2}) {
    CreateAgents(callers[i].server.address(Transport::kTcp), kHiddenAgent, "a", 1);
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    const std::string address = callers[i].server.address(Transport::kTcp);
    auto requests = std::make_unique<StepRequests>("a", 1);
    if (i < 2) {
      callers[i].load = std::make_unique<UnaryLoad>(address, std::move(requests), 1);
    } else {
      callers[i].load = std::make_unique<StreamLoad>(address, std::move(requests), 1);
    }
    threads.emplace_back(Call, &callers[i], report.seed() + static_cast<uint64_t>(i));
  }
  for (std::thread& thread : threads) thread.join();
  for (const Caller& caller : callers) {
    if (!caller.latencies) return 2;
    std::printf("%-16s p50 %6.0f us, p95 %6.0f us\n", caller.name, Quantile(*caller.latencies, 0.5),
                Quantile(*caller.latencies, 0.95));
  }
  Judge(report, "Step", callers[0], callers[1]);
  Judge(report, "Interact", callers[2], callers[3]);
  return report.exit_code();
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  return phasic::testing::Run(report);
}

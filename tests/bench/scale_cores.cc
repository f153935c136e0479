// SPDX-License-Identifier: Apache-2.0
//
// Do more cores do more? On k cores, which are all that servers and clients may use, a phasicd with
// k pollers and k clients in processes of their own; each client streams to agents of its own. What
// they do in a second is held against k times what is done on one core.
#include <sched.h>

#include <cstring>
#include <thread>

#include "tests/bench/support/agents.h"
#include "tests/bench/support/contest.h"
#include "tests/bench/support/process_load.h"
#include "tests/bench/support/server.h"
#include "tests/bench/support/stream_load.h"

namespace phasic::testing {
namespace {

constexpr int kAgents = 16, kOutstanding = 64;  // of each client

// For as long as it lives, this process and those that it starts are on the first of its cores.
class OnCores {
 public:
  explicit OnCores(int cores) {
    sched_getaffinity(0, sizeof all_, &all_);
    cpu_set_t some;
    CPU_ZERO(&some);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&some) < cores; ++cpu) {
      if (CPU_ISSET(cpu, &all_)) CPU_SET(cpu, &some);
    }
    sched_setaffinity(0, sizeof some, &some);
  }
  ~OnCores() { sched_setaffinity(0, sizeof all_, &all_); }
  OnCores(const OnCores&) = delete;
  OnCores& operator=(const OnCores&) = delete;

 private:
  cpu_set_t all_;
};

// A server and its clients, on the cores where they were made.
struct Rig {
  explicit Rig(int count)
      : cores(count),
        server(Server::Kind::kPhasicd, {"--store=memory:", "--pollers=" + std::to_string(count)}),
        clients(Clients(server, count)) {}

  static std::vector<std::vector<std::string>> Clients(const Server& server, int count) {
    std::vector<std::vector<std::string>> commands;
    const std::string address = server.address(Transport::kTcp);
    for (int i = 0; i < count; ++i) {
      commands.push_back({Beside("scale-cores"), "--client", address, "c" + std::to_string(i)});
      CreateAgents(address, kHiddenAgent, commands.back().back(), kAgents);
    }
    return commands;
  }

  const int cores;
  const Server server;
  ProcessLoad clients;
};

int Run(Report& report) {
  const int all = static_cast<int>(std::thread::hardware_concurrency());
  Contest contest(report.seed());
  std::vector<std::unique_ptr<Rig>> rigs;
  for (int cores = 1; cores <= all; cores = cores < all ? std::min(2 * cores, all) : all + 1) {
    {
      const OnCores some(cores);
      rigs.push_back(std::make_unique<Rig>(cores));
    }
    contest.Add(std::to_string(cores) + " cores", rigs.back()->clients,
                rigs.back()->server.cpu_clock());
  }
  if (!contest.Run()) return 2;
  for (size_t i = 1; i < rigs.size(); ++i) {
    const int cores = rigs[i]->cores;
    const std::string name = "messages/s on " + std::to_string(cores) + " cores over " +
                             std::to_string(cores) + " times one's";
    const Estimate share =
        contest.Of([&](const auto& round) { return round[i].rate / (cores * round[0].rate); });
    cores >= 4 ? AtLeast(report, name, share, 0.7) : Measured(report, name, share);
  }
  return report.exit_code();
}

int RunClient(const std::string& address, const std::string& prefix) {
  StreamLoad load(address, std::make_unique<StepRequests>(prefix, kAgents), kOutstanding);
  return ServeLoad(load);
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic::testing;
  if (argc == 4 && std::strcmp(argv[1], "--client") == 0) return RunClient(argv[2], argv[3]);
  Report report(argc, argv, 1);
  return Run(report);
}

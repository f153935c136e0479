// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tests/bench/support/agents.h"
#include "tests/bench/support/contest.h"
#include "tests/bench/support/kernel_load.h"
#include "tests/bench/support/raw_load.h"
#include "tests/bench/support/server.h"

namespace phasic::testing {

// phasicd and its ceilings.
struct StepServers {
  StepServers();
  const Server phasicd{Server::Kind::kPhasicd}, echo{Server::Kind::kEcho}, raw{Server::Kind::kRaw};
};

// Steps of agents with a hidden layer over gRPC, by any way of calling; the same messages without
// work, twice, which shows the noise; messages of the same length without gRPC; and the same steps
// without messages.
class StepContest {
 public:
  static constexpr int kAgents = 16;  // a-0, a-1...
  using MakeLoad = std::function<std::unique_ptr<Load>(const std::string& address)>;
  StepContest(Report& report, const StepServers& servers, Transport transport,
              const std::string& what, int outstanding, const MakeLoad& make);

  bool Run() { return contest_.Run(); }

  // Server CPU per message: at most 1.10 of the echo's, the kernel's and 1.5 us.
  void JudgeCpu();
  // Whether the echo is a ceiling: its CPU is at most so many times that of bare sockets, and its
  // answers are as long as phasicd's.
  void JudgeCeiling(double most_over_raw);
  // The echo over itself: what the other figures may be off by.
  void TellNoise();
  // phasicd's figure over the echo's.
  Estimate OverEcho(double Slice::*figure) const { return contest_.Ratio(figure, kOurs, kEcho); }
  const std::string& where() const { return where_; }

 private:
  enum Contender : size_t { kOurs, kEcho, kAgain, kRaw, kKernel };

  Report& report_;
  const std::string where_;
  const std::unique_ptr<Load> ours_, echo_, again_;
  RawLoad raw_;
  KernelLoad kernel_;
  Contest contest_;
};

}  // namespace phasic::testing

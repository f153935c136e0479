// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/step_contest.h"

namespace phasic::testing {

StepServers::StepServers() {
  CreateAgents(phasicd.address(Transport::kTcp), kHiddenAgent, "a", StepContest::kAgents);
}

StepContest::StepContest(Report& report, const StepServers& servers, Transport transport,
                         const std::string& what, int outstanding, const MakeLoad& make)
    : report_(report),
      where_(what + ", " + NameOf(transport)),
      ours_(make(servers.phasicd.address(transport))),
      echo_(make(servers.echo.address(transport))),
      again_(make(servers.echo.address(transport))),
      raw_(servers.raw.address(transport), outstanding),
      kernel_(kHiddenAgent, kAgents),
      contest_(report.seed()) {
  // As Contender has them.
  contest_.Add(where_, *ours_, servers.phasicd.cpu_clock());
  contest_.Add("  echo", *echo_, servers.echo.cpu_clock());
  contest_.Add("  echo again", *again_, servers.echo.cpu_clock());
  contest_.Add("  bare sockets", raw_, servers.raw.cpu_clock());
  contest_.Add("  step in process", kernel_, KernelLoad::kClock, KernelLoad::kSeconds);
}

void StepContest::JudgeCpu() {
  AtMost(report_, where_ + ": CPU over 1.10 echo + kernel + 1.5 us",
         contest_.Of([](const auto& round) {
           return round[kOurs].cpu / (1.10 * round[kEcho].cpu + round[kKernel].cpu + 1.5);
         }),
         1);
}

void StepContest::JudgeCeiling(double most_over_raw) {
  AtMost(report_, where_ + ": echo's CPU over bare sockets'",
         contest_.Ratio(&Slice::cpu, kEcho, kRaw), most_over_raw);
  AtMost(report_, where_ + ": our answers' length over echo's",
         contest_.Ratio(&Slice::answer_bytes, kOurs, kEcho), 1.1);
}

void StepContest::TellNoise() {
  Measured(report_, where_ + ": echo's CPU over the same again",
           contest_.Ratio(&Slice::cpu, kEcho, kAgain));
  Measured(report_, where_ + ": echo's messages/s over the same again",
           contest_.Ratio(&Slice::rate, kEcho, kAgain));
}

}  // namespace phasic::testing

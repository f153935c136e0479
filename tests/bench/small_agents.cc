// SPDX-License-Identifier: Apache-2.0
//
// What does it cost to be small? 64 agents of 64 x 64 synapses, one after the other and side by
// side, against one agent of 512 x 512, which has as many. All learn from a reward at every step.
#include "tests/bench/support/contest.h"
#include "tests/bench/support/function_load.h"
#include "tests/bench/support/learner.h"

namespace phasic::testing {
namespace {

constexpr int kAgents = 64, kSmall = 64, kLarge = 512;
static_assert(kAgents * kSmall * kSmall == kLarge * kLarge);

int Run(Report& report) {
  const auto circuit = Compiled(LearnerSpec{.n = kSmall}.circuit());
  std::vector<Learner> small;
  for (int i = 0; i < kAgents; ++i) small.emplace_back(circuit, report.seed() + i);
  std::vector<Agent*> agents;
  std::vector<StepInput> inputs;
  std::vector<std::span<float>> actions;
  for (Learner& learner : small) {
    agents.push_back(&learner.agent());
    inputs.push_back(learner.Input(true));
    actions.push_back(learner.action());
  }
  Learner large(Compiled(LearnerSpec{.n = kLarge}.circuit()), report.seed());

  FunctionLoad by_turns([&] {
    for (Learner& learner : small) learner.Step(true);
  });
  FunctionLoad together([&] { Agent::StepTogether(agents, inputs, actions); });
  FunctionLoad one([&] { large.Step(true); });
  FunctionLoad again = one;
  Contest contest(report.seed());
  const size_t a = contest.Add("64 agents of 64 x 64", by_turns, CLOCK_THREAD_CPUTIME_ID);
  const size_t b = contest.Add("  side by side", together, CLOCK_THREAD_CPUTIME_ID);
  const size_t c = contest.Add("one of 512 x 512", one, CLOCK_THREAD_CPUTIME_ID);
  const size_t d = contest.Add("  again", again, CLOCK_THREAD_CPUTIME_ID);
  if (!contest.Run()) return 2;
  AtMost(report, "64 agents of 64 x 64 over one of 512 x 512", contest.Ratio(&Slice::cpu, a, c),
         1.25);
  Measured(report, "the same, side by side", contest.Ratio(&Slice::cpu, b, c));
  Measured(report, "one of 512 x 512 over the same again", contest.Ratio(&Slice::cpu, c, d));
  return report.exit_code();
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  phasic::testing::Report report(argc, argv, 1);
  return phasic::testing::Run(report);
}

// SPDX-License-Identifier: Apache-2.0
//
// What does it cost to be able to learn when little is to be learned? Steps of which 1 in 100 is
// rewarded, against the matrix-vector product alone.
#include "tests/bench/support/learner_contest.h"

int main(int argc, char** argv) {
  using namespace phasic::testing;
  constexpr int kInterval = 100;
  Report report(argc, argv, 1);
  for (const int n : LearnerContest::kSizes) {
    const LearnerSpec spec = {
        .n = n, .rewards = LearnerSpec::Rewards::kBetweenTicks, .reward_interval = kInterval};
    LearnerContest contest(report, spec, kInterval);
    if (!contest.Run()) return 2;
    contest.JudgeStep(3, 2, 1.6);
    contest.TellNoise();
  }
  return report.exit_code();
}

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/bench/support/contest.h"
#include "tests/bench/support/function_load.h"
#include "tests/bench/support/learner.h"

namespace phasic::testing {

// Steps of a learning projection, the product y = w x alone, of the same weights by the kernel that
// delivers, which is their ceiling, and that product again, which shows the noise. One thread; what
// counts is its processor time.
class LearnerContest {
 public:
  static constexpr int kSizes[] = {64, 256, 512, 1024, 2048, 4096};

  // A reward comes before each step, or before each of so many.
  LearnerContest(Report& report, const LearnerSpec& spec, int steps_per_reward = 1);
  LearnerContest(const LearnerContest&) = delete;
  LearnerContest& operator=(const LearnerContest&) = delete;

  // Another contender of the same size.
  size_t Add(const std::string& name, Load& load, clockid_t cpu = CLOCK_THREAD_CPUTIME_ID) {
    return contest_.Add(name, load, cpu, kSeconds);
  }
  bool Run();

  // A step over the product: at most `small` at 64 and 256, `middle` to 2048, `large` beyond.
  void JudgeStep(double small, double middle, double large, const std::string& why = "");
  // The product over itself.
  void TellNoise();
  // The processor time of one over another's.
  Estimate Ratio(size_t a, size_t b) const { return contest_.Ratio(&Slice::cpu, a, b); }
  const std::string& where() const { return where_; }

  enum Contender : size_t { kStep, kProduct, kAgain };

 private:
  static constexpr double kSeconds = 0.03;  // of one load in one round

  Report& report_;
  const int n_;
  const std::string where_;
  Learner learner_;
  std::vector<Real> y_;
  FunctionLoad step_, product_, again_;
  Contest contest_;
};

}  // namespace phasic::testing

// SPDX-License-Identifier: Apache-2.0
//
// What does learning cost, beside the matrix-vector product that no network can do without? Steps
// with a reward at each (deliver, apply, trace) against the product alone; the product against
// Eigen's, so that the ceiling is one; and the rule as one would write it, in three statements of
// Eigen and of NumPy, against the steps.
#include <algorithm>

#include "tests/bench/support/eigen.h"
#include "tests/bench/support/learner_contest.h"
#include "tests/bench/support/process_load.h"

namespace phasic::testing {
namespace {

// Numbers for Eigen, where its own matrices would have them.
class Numbers {
 public:
  Numbers(int64_t size, float value) : lines_((size + 15) / 16) {
    std::fill_n(data(), size, value);
  }
  float* data() { return lines_.front().numbers; }

 private:
  struct alignas(64) Line {
    float numbers[16];
  };
  std::vector<Line> lines_;
};

bool Measure(int n, Report& report) {
  const int64_t size = int64_t{n} * n;
  Numbers w(size, 0.01f), e(size, 0), x(n, 0.5f), y(n, 0);
  const EigenFunctions& eigen = EigenFor(ActiveIsa());
  FunctionLoad product([&] { eigen.product(w.data(), x.data(), y.data(), n); });
  FunctionLoad naive([&] { eigen.learn(w.data(), e.data(), x.data(), y.data(), n); });
  ProcessLoad numpy({{PHASIC_PYTHON, "-u", PHASIC_NUMPY_LOAD, std::to_string(n)}});

  LearnerContest contest(report, {.n = n});
  const size_t a = contest.Add("  product by Eigen", product);
  const size_t b = contest.Add("naive step by Eigen", naive);
  const size_t c = contest.Add("naive step by NumPy", numpy, numpy.cpu_clock(0));
  if (!contest.Run()) return false;
  // The bits are the same on every machine, which may cost 20%.
  contest.JudgeStep(1.2 * 5, 1.2 * 4.2, 1.2 * 3.2, " (20% for equal bits)");
  AtMost(report, "product over Eigen's" + contest.where(),
         contest.Ratio(LearnerContest::kProduct, a), 1.2);
  AtLeast(report, "naive Eigen over step" + contest.where(),
          contest.Ratio(b, LearnerContest::kStep), n < 4096 ? 2 : 8);
  AtLeast(report, "naive NumPy over step" + contest.where(),
          contest.Ratio(c, LearnerContest::kStep), 12);
  contest.TellNoise();
  return true;
}

}  // namespace
}  // namespace phasic::testing

int main(int argc, char** argv) {
  using namespace phasic::testing;
  Report report(argc, argv, 1);
  for (const int n : LearnerContest::kSizes) {
    if (!Measure(n, report)) return 2;
  }
  return report.exit_code();
}

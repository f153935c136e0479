// SPDX-License-Identifier: Apache-2.0
//
// Weight perturbation learns as fast as theory says, and as much slower than node perturbation
// (linear_learning.h).
#include <cmath>

#include "tests/support/report.h"
#include "tests/verify/linear_learning.h"

int main(int argc, char** argv) {
  using namespace phasic::testing;
  Report report(argc, argv, 2005);
  const auto left = linear::WeightPerturbation(2 * linear::kWeight, 60, report.seed());
  const double law = std::pow(1 - 1.0 / linear::kWeight, 2.0 * linear::kWeight);
  report.Measured("left after 2q trials", left.back());
  report.Measured("by the law", law);
  report.AtMost("left after 2q trials, against the law", std::abs(left.back() / law - 1), 0.1);

  const auto node = linear::NodePerturbation(2 * linear::kNode, 1000, report.seed());
  const double slower = static_cast<double>(linear::HalfTime(left)) / linear::HalfTime(node);
  const double expected = (linear::kM * linear::kN + 2.0) / (linear::kM + 2.0);
  report.Measured("trials to half, weight over node perturbation", slower);
  report.AtMost("that, against (MN + 2) / (M + 2)", std::abs(slower / expected - 1), 0.15);
  return report.exit_code();
}

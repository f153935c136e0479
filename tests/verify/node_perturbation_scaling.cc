// SPDX-License-Identifier: Apache-2.0
//
// Node perturbation learns as fast as theory says (linear_learning.h).
#include <cmath>

#include "tests/support/report.h"
#include "tests/verify/linear_learning.h"

int main(int argc, char** argv) {
  using namespace phasic::testing;
  Report report(argc, argv, 2005);
  const auto left = linear::NodePerturbation(2 * linear::kNode, 1000, report.seed());
  const double law = std::pow(1 - 1.0 / linear::kNode, 2.0 * linear::kNode);
  report.Measured("left after 2q trials", left.back());
  report.Measured("by the law", law);
  report.AtMost("left after 2q trials, against the law", std::abs(left.back() / law - 1), 0.1);
  return report.exit_code();
}

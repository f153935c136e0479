// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/support/estimate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace phasic::testing {
namespace {

// How many of n values may lie below the interval: the most for which so few are below the quantile
// in at most 1 of 40 measurements.
int OutsideBelow(int n, double q) {
  double sum = 0;  // the probability that at most k are
  for (int k = 0; k < n; ++k) {
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) +
                    k * std::log(q) + (n - k) * std::log1p(-q));
    if (sum > 0.025) return std::max(0, k - 1);
  }
  return 0;
}

std::string Told(const char* relation, double bound, const Estimate& estimate) {
  char text[120];
  std::snprintf(text, sizeof text, "%s %.4g, interval %.3g to %.3g", relation, bound, estimate.low,
                estimate.high);
  return text;
}

}  // namespace

double Quantile(std::vector<double> values, double q) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double at = q * static_cast<double>(values.size() - 1);
  const auto below = values.begin() + static_cast<long>(at);
  std::nth_element(values.begin(), below, values.end());
  const auto above = std::min_element(std::min(below + 1, values.end()), values.end());
  if (above == values.end()) return *below;
  return *below + (at - std::floor(at)) * (*above - *below);
}

Estimate EstimateOf(std::vector<double> values, double q) {
  const double value = Quantile(values, q);
  if (values.empty()) return {value, value, value};
  std::sort(values.begin(), values.end());
  const int n = static_cast<int>(values.size());
  return {value, values[OutsideBelow(n, q)], values[n - 1 - OutsideBelow(n, 1 - q)]};
}

void AtMost(Report& report, const std::string& name, const Estimate& estimate, double bound) {
  report.Judged(name, estimate.value, Told("at most", bound, estimate), estimate.low <= bound);
}

void AtLeast(Report& report, const std::string& name, const Estimate& estimate, double bound) {
  report.Judged(name, estimate.value, Told("at least", bound, estimate), estimate.high >= bound);
}

void Measured(Report& report, const std::string& name, const Estimate& estimate) {
  char text[80];
  std::snprintf(text, sizeof text, "none: measured, interval %.3g to %.3g", estimate.low,
                estimate.high);
  report.Judged(name, estimate.value, text, true);
}

}  // namespace phasic::testing

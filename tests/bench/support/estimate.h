// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/report.h"

namespace phasic::testing {

// What the rounds of a measurement say of a quantity.
struct Estimate {
  double value = 0;
  double low = 0, high = 0;  // hold the true value in 95 of 100 measurements
};

// The value that a share `q` of the others do not exceed. NaN of no values.
double Quantile(std::vector<double> values, double q);

// The same of all values that there could be. By order statistics, so nothing
// is assumed of how values are spread. An interval that so few cannot bound ends with the last of
// them.
Estimate EstimateOf(std::vector<double> values, double q);
inline Estimate MedianOf(std::vector<double> values) { return EstimateOf(std::move(values), 0.5); }

// A result that passes when the interval reaches the bound: noise alone fails nothing.
void AtMost(Report& report, const std::string& name, const Estimate& estimate, double bound);
void AtLeast(Report& report, const std::string& name, const Estimate& estimate, double bound);
// A result without a bound.
void Measured(Report& report, const std::string& name, const Estimate& estimate);

}  // namespace phasic::testing

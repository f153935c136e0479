// SPDX-License-Identifier: Apache-2.0
//
// Charts in a terminal.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace phasic {

struct ChartStyle {
  // Columns of the whole chart, axis and labels included.
  int width = 80;
  // With block characters; else in ASCII.
  bool unicode = true;
};

// A chart of columns: one for each value, or, when there are more values than room, one for the
// mean of each run of neighbours. The vertical axis ends at round numbers and starts at 0 when no
// value is negative. The horizontal axis counts values from `first` on, in units named `unit`.
// Values must be finite; nothing is drawn for no values.
std::string DrawChart(std::span<const double> values, int64_t first, const std::string& unit,
                      const ChartStyle& style);

}  // namespace phasic

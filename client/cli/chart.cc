// SPDX-License-Identifier: Apache-2.0
#include "client/cli/chart.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/numbers.h"

namespace phasic {
namespace {

// Rows between two labels of the vertical axis.
constexpr int kRowsPerTick = 3;
// A short history is drawn with columns of at most this width.
constexpr int kWidestColumn = 4;
// What a character cell is divided into.
constexpr int kParts = 8;

// The vertical axis: from `low`, `ticks` steps up.
struct Scale {
  double low;
  double step;
  int ticks;
};

// 1, 2 or 5 times a power of ten, at least `least`.
double RoundStep(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1, 2, 5}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

// A few round steps that hold every value.
Scale MakeScale(std::span<const double> values) {
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  const double low = std::min(*least, 0.0);
  const double largest = std::max(std::abs(low), std::abs(*greatest));
  // Equal values need a range too, and one that rounding does not swallow.
  double range = std::max(*greatest - low, 1e-6 * largest);
  if (*greatest == low) range = largest > 0 ? largest : 1;
  const double step = RoundStep(range / 5);
  const double from = std::floor(low / step + 1e-9);
  const double to = std::ceil((low + range) / step - 1e-9);
  return {from * step, step, static_cast<int>(std::clamp(to - from, 1.0, 10.0))};
}

// At most `columns` values: the means of runs of neighbours.
std::vector<double> Condense(std::span<const double> values, size_t columns) {
  if (values.size() <= columns) return {values.begin(), values.end()};
  std::vector<double> means;
  for (size_t i = 0; i < columns; ++i) {
    const size_t begin = i * values.size() / columns;
    const size_t end = (i + 1) * values.size() / columns;
    double sum = 0;
    for (size_t j = begin; j < end; ++j) sum += values[j];
    means.push_back(sum / static_cast<double>(end - begin));
  }
  return means;
}

// A cell of which the lower `parts` eighths are full.
const char* Cell(int parts, bool unicode) {
  static constexpr const char* kBlocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  static constexpr const char* kLetters[] = {" ", ".", ".", ".", ":", ":", ":", "#", "#"};
  const int level = std::clamp(parts, 0, kParts);
  return unicode ? kBlocks[level] : kLetters[level];
}

std::string Right(const std::string& text, size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

// "first      unit      last" under an axis of `width` columns.
std::string AxisLabels(const std::string& first, const std::string& unit, const std::string& last,
                       size_t width) {
  const size_t words = first.size() + unit.size() + last.size();
  if (width < words + 2) return absl::StrCat(first, " ", unit, " ", last);
  const size_t space = width - words;
  return absl::StrCat(first, std::string(space / 2, ' '), unit, std::string(space - space / 2, ' '),
                      last);
}

}  // namespace

std::string DrawChart(std::span<const double> values, int64_t first, const std::string& unit,
                      const ChartStyle& style) {
  if (values.empty()) return "";
  const Scale scale = MakeScale(values);
  std::vector<std::string> labels;
  size_t margin = 0;
  for (int tick = scale.ticks; tick >= 0; --tick) {
    labels.push_back(ShortText(scale.low + tick * scale.step));
    margin = std::max(margin, labels.back().size());
  }
  // The labels, a space and the axis.
  const size_t room = std::max(10, style.width - static_cast<int>(margin) - 2);
  const std::vector<double> columns = Condense(values, room);
  const size_t column_width = std::clamp<size_t>(room / columns.size(), 1, kWidestColumn);

  const int rows = scale.ticks * kRowsPerTick;
  std::string text;
  for (int row = 0; row < rows; ++row) {
    const bool tick = row % kRowsPerTick == 0;
    const char* axis = style.unicode ? (tick ? "┤" : "│") : (tick ? "+" : "|");
    absl::StrAppend(&text, Right(tick ? labels[row / kRowsPerTick] : "", margin), " ", axis);
    std::string line;
    for (const double value : columns) {
      const double height = (value - scale.low) / (scale.ticks * scale.step) * rows * kParts;
      // The least value shows too.
      const int parts = std::max(1, static_cast<int>(std::lround(height)));
      for (size_t i = 0; i < column_width; ++i) {
        line += Cell(parts - (rows - 1 - row) * kParts, style.unicode);
      }
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  }
  absl::StrAppend(&text, Right(labels.back(), margin), " ", style.unicode ? "└" : "+");
  const size_t width = columns.size() * column_width;
  for (size_t i = 0; i < width; ++i) text += style.unicode ? "─" : "-";
  const int64_t last = first + static_cast<int64_t>(values.size()) - 1;
  absl::StrAppend(&text, "\n", std::string(margin + 2, ' '),
                  AxisLabels(absl::StrCat(first), unit, absl::StrCat(last), width), "\n");
  return text;
}

}  // namespace phasic

// SPDX-License-Identifier: Apache-2.0
#include "client/cli/table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace phasic {
namespace {

constexpr int kGap = 2;
// The last column is not squeezed below this, however narrow the terminal is.
constexpr int kLeastWrapped = 24;

std::vector<std::string> WrapLine(const std::string& line, int width) {
  if (width <= 0 || DisplayWidth(line) <= width || line[0] == ' ') return {line};
  std::vector<std::string> lines(1);
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  for (const std::string& word : words) {
    std::string& last = lines.back();
    if (last.empty()) {
      last = word;
    } else if (DisplayWidth(last) + 1 + DisplayWidth(word) <= width) {
      absl::StrAppend(&last, " ", word);
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

std::vector<std::string> WrapLines(const std::string& text, int width) {
  std::vector<std::string> lines;
  const std::vector<std::string> given = absl::StrSplit(text, '\n');
  for (const std::string& line : given) {
    for (std::string& part : WrapLine(line, width)) lines.push_back(std::move(part));
  }
  return lines;
}

std::string Padded(const std::string& cell, int width, Table::Align align) {
  const std::string padding(std::max(0, width - DisplayWidth(cell)), ' ');
  return align == Table::Align::kLeft ? cell + padding : padding + cell;
}

}  // namespace

int DisplayWidth(const std::string& text) {
  // Every byte but the continuation bytes of UTF-8 begins a code point.
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string Wrap(const std::string& text, int width, int indent) {
  if (text.empty()) return "";
  const std::string margin(indent, ' ');
  std::string wrapped;
  for (const std::string& line : WrapLines(text, width == 0 ? 0 : std::max(width - indent, 1))) {
    absl::StrAppend(&wrapped, line.empty() ? "" : margin, line, "\n");
  }
  return wrapped;
}

std::string Section(const std::string& title, const std::string& lines) {
  return lines.empty() ? "" : absl::StrCat("\n", title, ":\n", lines);
}

std::string Table::Text(int width, int indent) const {
  if (rows_.empty()) return "";
  std::vector<int> widths;
  bool titled = false;
  for (size_t i = 0; i < columns_.size(); ++i) {
    int widest = DisplayWidth(columns_[i].title);
    titled = titled || widest > 0;
    for (const auto& row : rows_) {
      // Line breaks are for the last column only, whose width does not matter.
      widest = std::max(widest, DisplayWidth(row[i]));
    }
    widths.push_back(widest);
  }
  int left = indent;
  for (size_t i = 0; i + 1 < widths.size(); ++i) left += widths[i] + kGap;
  const int room = width == 0 ? 0 : std::max(width - left, kLeastWrapped);

  std::string text;
  const auto add = [&](const std::vector<std::string>& cells) {
    const std::vector<std::string> last =
        columns_.back().align == Align::kLeft
            ? WrapLines(cells.back(), room)
            : std::vector<std::string>{Padded(cells.back(), widths.back(), Align::kRight)};
    std::string line(indent, ' ');
    for (size_t i = 0; i + 1 < cells.size(); ++i) {
      absl::StrAppend(&line, Padded(cells[i], widths[i], columns_[i].align),
                      std::string(kGap, ' '));
    }
    for (size_t i = 0; i < last.size(); ++i) {
      std::string whole = (i == 0 ? line : std::string(left, ' ')) + last[i];
      whole.erase(whole.find_last_not_of(' ') + 1);
      absl::StrAppend(&text, whole, "\n");
    }
  };
  if (titled) {
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    add(titles);
  }
  for (const auto& row : rows_) add(row);
  return text;
}

}  // namespace phasic

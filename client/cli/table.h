// SPDX-License-Identifier: Apache-2.0
//
// Text for people: aligned columns and wrapped paragraphs. Text is UTF-8; one code point takes one
// column.
#pragma once

#include <string>
#include <vector>

namespace phasic {

// Columns that the text takes in a terminal.
int DisplayWidth(const std::string& text);

// Breaks the text at spaces so that no line has more than `width` columns, where words allow it; 0
// means no limit. Line breaks in the text stay; lines that begin with a space stay as they are.
// Ends with a line break unless empty.
std::string Wrap(const std::string& text, int width, int indent = 0);

// A blank line, "title:" and the lines; nothing when there are no lines.
std::string Section(const std::string& title, const std::string& lines);

// Rows of cells in aligned columns, two spaces apart.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  // Without any title, there is no line of titles.
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as columns.
  void Row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }

  // The lines, indented. The last column is wrapped so that lines have at most `width` columns; 0
  // means no limit. Nothing when there are no rows.
  std::string Text(int width = 0, int indent = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace phasic

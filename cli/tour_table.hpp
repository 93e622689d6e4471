// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace pel::cli {

struct Column {
  std::string title;
  std::size_t width = 0;
  bool right = false;
};

// A table for a terminal, printed line by line as rows become known. A cell that is wider than its
// column goes on below, broken between words.
class TextTable {
 public:
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  std::string head() const;  // the titles and a rule, each with its newline
  std::string row(const std::vector<std::string>& cells) const;

 private:
  std::vector<Column> columns_;
};

}  // namespace pel::cli

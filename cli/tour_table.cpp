// SPDX-License-Identifier: Apache-2.0
#include "cli/tour_table.hpp"

#include <algorithm>

namespace pel::cli {
namespace {

// Characters, not bytes: continuation bytes of UTF-8 take no room.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::vector<std::string> wrap(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    std::string& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (width_of(line) + 1 + width_of(word) <= width) {
      line += ' ' + word;
    } else {
      lines.push_back(word);
    }
    at = end + 1;
  }
  return lines;
}

void put(std::string& out, const std::string& cell, const Column& column) {
  const std::size_t used = std::min(width_of(cell), column.width);
  const std::string space(column.width - used, ' ');
  out += column.right ? space + cell : cell + space;
  out += "  ";
}

void end_line(std::string& out) {
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
}

}  // namespace

std::string TextTable::head() const {
  std::string out;
  std::size_t total = 0;
  for (const Column& column : columns_) {
    put(out, column.title, column);
    total += column.width + 2;
  }
  end_line(out);
  return out + std::string(total - 2, '-') + '\n';
}

std::string TextTable::row(const std::vector<std::string>& cells) const {
  std::vector<std::vector<std::string>> wrapped;
  std::size_t lines = 1;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    wrapped.push_back(wrap(cells[i], columns_[i].width));
    lines = std::max(lines, wrapped.back().size());
  }
  std::string out;
  for (std::size_t line = 0; line < lines; ++line) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      put(out, line < wrapped[i].size() ? wrapped[i][line] : std::string(), columns_[i]);
    }
    end_line(out);
  }
  return out;
}

}  // namespace pel::cli

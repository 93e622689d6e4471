// SPDX-License-Identifier: Apache-2.0
#pragma once

// How parse_csv of analytics_csv.hpp works; include that one.

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <utility>

#include "apps/analytics/csv.hpp"
#include "pel/error.hpp"

namespace pel::apps::analytics {
namespace detail {

inline constexpr std::size_t kCsvBlock = 1 << 18;  // bytes read by one loop step
inline constexpr std::size_t kTypeSample = 1000;   // rows that decide the types

// The records whose first byte lies in one block of the text.
struct CsvBlock {
  std::size_t begin = 0, end = 0;  // bytes, from the first record's start to the last one's end
  std::size_t first_line = 0;      // line number of `begin`, from 1
  std::size_t rows = 0, first_row = 0;
  std::vector<int> places;                        // most decimals, by column
  std::vector<std::vector<std::int64_t>> values;  // by column
  std::vector<std::vector<std::string>> words;    // by column, in order of appearance
};

// Walks records. Keeps the line number of the record at hand.
class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& place, std::size_t line)
      : text_(text), place_(place), line_(line), next_line_(line) {}

  // Reads one record; false at the end. Fields stay valid until the next call.
  bool next(std::vector<std::string_view>& fields);
  // Whether the last record lacks its line feed.
  bool cut() const { return at_ == text_.size() && !text_.ends_with('\n'); }
  Error bad(std::string reason, std::string advice = {}) const;

 private:
  std::string_view read_quoted();

  std::string_view text_;
  const std::string& place_;
  std::size_t line_, next_line_;
  std::size_t at_ = 0;
  std::vector<std::string> unquoted_;  // fields that had doubled quotes
};

// A field as a number; false if it is none. `places` is how many decimals it has.
bool parse_number(std::string_view field, std::int64_t& value, int& places);
// value * 10^more; false if it leaves 18 digits.
bool scale_up(std::int64_t& value, int more);

std::vector<CsvBlock> cut_blocks(std::string_view text, std::size_t begin,
                                 const std::vector<std::size_t>& quotes,
                                 const std::vector<std::size_t>& lines);
std::vector<Column> read_header(CsvReader& reader);
void infer_types(std::string_view text, const std::string& place, std::size_t line,
                 std::vector<Column>& columns);
void read_block(std::string_view text, const std::string& place, const std::vector<Column>& columns,
                CsvBlock& block);
void merge_words(const std::vector<CsvBlock>& blocks, std::size_t c, Column& column,
                 std::vector<std::vector<std::int64_t>>& renumber);
void place_values(const CsvBlock& block, std::size_t c, const std::vector<std::int64_t>& renumber,
                  const std::string& place, Column& column);
std::size_t header_end(std::string_view text);
std::string_view without_mark(std::string_view text);

}  // namespace detail

template <class Loops>
Table parse_csv(std::string_view whole, const std::string& place) {
  const std::string_view text = detail::without_mark(whole);
  Table table;
  table.name = place;
  const std::size_t begin = detail::header_end(text);
  detail::CsvReader header(text.substr(0, begin), place, 1);
  table.columns = detail::read_header(header);
  const auto lines_before =
      1 + static_cast<std::size_t>(std::count(text.begin(), text.begin() + long(begin), '\n'));
  if (begin >= text.size()) throw Error(place + ":1", "no rows after the header");
  detail::infer_types(text.substr(begin), place, lines_before, table.columns);

  const std::size_t blocks = (text.size() - begin + detail::kCsvBlock - 1) / detail::kCsvBlock;
  std::vector<std::size_t> quotes(blocks), lines(blocks);
  Loops::for_each(blocks, [&](std::size_t b) {
    const std::string_view part = text.substr(begin + b * detail::kCsvBlock, detail::kCsvBlock);
    quotes[b] = static_cast<std::size_t>(std::count(part.begin(), part.end(), '"'));
    lines[b] = static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
  });
  lines.insert(lines.begin(), lines_before);
  auto parts = detail::cut_blocks(text, begin, quotes, lines);
  Loops::for_each(parts.size(),
                  [&](std::size_t b) { detail::read_block(text, place, table.columns, parts[b]); });
  for (detail::CsvBlock& part : parts) {
    part.first_row = table.rows;
    table.rows += part.rows;
  }
  if (table.rows == 0) throw Error(place + ":1", "no rows after the header");
  if (table.rows >= 0xFFFFFFFFu) throw Error(place, "more than 2^32 - 2 rows");
  Loops::for_each(table.columns.size(), [&](std::size_t c) {
    Column& column = table.columns[c];
    for (const detail::CsvBlock& part : parts) {
      column.places = std::max(column.places, part.places[c]);
    }
    std::vector<std::vector<std::int64_t>> renumber(parts.size());
    if (column.type == ColumnType::kText) detail::merge_words(parts, c, column, renumber);
    column.values.resize(table.rows);
    for (std::size_t b = 0; b < parts.size(); ++b) {
      detail::place_values(parts[b], c, renumber[b], place, column);
    }
  });
  return table;
}

}  // namespace pel::apps::analytics

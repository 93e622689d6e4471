// SPDX-License-Identifier: Apache-2.0
#pragma once

// How parse_csv of csv.hpp works; include that one.

#include <algorithm>
#include <cstddef>
#include <utility>

#include "apps/analytics/csv.hpp"
#include "pel/error.hpp"

namespace pel::apps::analytics {
namespace detail {

inline constexpr std::size_t kCsvBlock = 1 << 17;  // bytes read by one loop step
inline constexpr std::size_t kTypeSample = 1000;   // rows that decide the types

// A column's fields in one block. Numbers keep the decimals that they came with until all of the
// block are known.
struct CsvFields {
  int places = 0;  // most decimals
  std::vector<std::int64_t> values;
  std::vector<std::int8_t> decimals;     // of each number
  std::vector<std::string> words;        // in order of appearance
  std::vector<std::int64_t> renumbered;  // words' numbers in the whole column
};

// The records whose first byte lies in one block of the text.
struct CsvBlock {
  std::size_t begin = 0, end = 0;  // bytes, from the first record's start to the last one's end
  std::size_t first_line = 0;      // line number of `begin`, from 1
  std::size_t line_feeds = 0;      // in these bytes, so that rows are at most one more
  std::size_t rows = 0, first_row = 0;
  std::vector<CsvFields> columns;
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
template <class Loops>
std::vector<CsvBlock> cut_blocks(std::string_view text, std::size_t begin, std::size_t first_line) {
  const std::size_t blocks = (text.size() - begin + kCsvBlock - 1) / kCsvBlock;
  std::vector<std::size_t> quotes(blocks), lines(blocks);
  Loops::for_each(blocks, [&](std::size_t b) {
    const std::string_view part = text.substr(begin + b * kCsvBlock, kCsvBlock);
    quotes[b] = static_cast<std::size_t>(std::count(part.begin(), part.end(), '"'));
    lines[b] = static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
  });
  lines.insert(lines.begin(), first_line);
  return cut_blocks(text, begin, quotes, lines);
}
std::vector<Column> read_header(CsvReader& reader);
void infer_types(std::string_view text, const std::string& place, std::size_t line,
                 std::vector<Column>& columns);
void read_block(std::string_view text, const std::string& place, const std::vector<Column>& columns,
                CsvBlock& block);
void merge_words(std::vector<CsvBlock>& blocks, std::size_t c, Column& column);
void place_values(const CsvBlock& block, const std::string& place, std::vector<Column>& columns);
std::size_t header_end(std::string_view text);
std::string_view without_mark(std::string_view text);

}  // namespace detail

template <class Loops, class Done>
Table parse_csv(std::string_view whole, const std::string& place, Done&& done) {
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
  done(whole.size() - text.size() + begin);

  auto parts = detail::cut_blocks<Loops>(text, begin, lines_before);
  Loops::for_each(parts.size(), [&](std::size_t b) {
    detail::read_block(text, place, table.columns, parts[b]);
    done(parts[b].end - parts[b].begin);
  });
  for (detail::CsvBlock& part : parts) {
    part.first_row = table.rows;
    table.rows += part.rows;
  }
  if (table.rows == 0) throw Error(place + ":1", "no rows after the header");
  if (table.rows >= 0xFFFFFFFFu) throw Error(place, "more than 2^32 - 2 rows");
  Loops::for_each(table.columns.size(), [&](std::size_t c) {
    Column& column = table.columns[c];
    for (const detail::CsvBlock& part : parts) {
      column.places = std::max(column.places, part.columns[c].places);
    }
    if (column.type == ColumnType::kText) detail::merge_words(parts, c, column);
    column.values.resize(table.rows);
  });
  Loops::for_each(parts.size(), [&](std::size_t b) {
    detail::place_values(parts[b], place, table.columns);
    parts[b] = {};  // its memory goes back here, by many threads, not at the end by one
  });
  return table;
}

}  // namespace pel::apps::analytics

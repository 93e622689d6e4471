// SPDX-License-Identifier: Apache-2.0
#include "apps/analytics/csv.hpp"

#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace pel::apps::analytics {

std::size_t Table::column(std::string_view wanted) const {
  std::string names;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].name == wanted) return c;
    names += (c == 0 ? "" : ", ") + columns[c].name;
  }
  throw Error(name, "no column '" + std::string(wanted) + "'", "it has " + names);
}

namespace detail {
namespace {

constexpr int kMaxDigits = 18, kMaxPlaces = 9;

// How a field is shown in a message.
std::string shown(std::string_view field) {
  std::string text(field.substr(0, 40));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 32) c = ' ';
  }
  return "'" + text + (field.size() > 40 ? "...'" : "'");
}

bool looks_like_number(std::string_view field) {
  std::size_t digits = 0, dots = 0;
  if (field.starts_with('-') || field.starts_with('+')) field.remove_prefix(1);
  for (const char c : field) {
    if (c == '.') {
      ++dots;
    } else if (c < '0' || c > '9') {
      return false;
    } else {
      ++digits;
    }
  }
  return digits > 0 && dots <= 1;
}

}  // namespace

Error CsvReader::bad(std::string reason, std::string advice) const {
  return Error(place_ + ":" + std::to_string(line_), std::move(reason), std::move(advice));
}

bool CsvReader::next(std::vector<std::string_view>& fields) {
  fields.clear();
  unquoted_.clear();
  line_ = next_line_;
  if (at_ == text_.size()) return false;
  for (;;) {
    if (at_ < text_.size() && text_[at_] == '"') {
      fields.push_back(read_quoted());
    } else {
      const std::size_t begin = at_;
      while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n') {
        if (text_[at_] == '"') throw bad("a quote inside an unquoted field");
        if (text_[at_] == '\0') throw bad("a NUL byte");
        ++at_;
      }
      std::size_t end = at_;
      const bool at_end = at_ == text_.size() || text_[at_] == '\n';
      if (at_end && end > begin && text_[end - 1] == '\r') --end;
      fields.push_back(text_.substr(begin, end - begin));
    }
    if (at_ == text_.size()) return true;
    if (text_[at_++] == '\n') {
      ++next_line_;
      return true;
    }
  }
}

// At an opening quote; leaves at_ behind the field, at a comma, a line feed or the end.
std::string_view CsvReader::read_quoted() {
  const std::size_t begin = ++at_;
  bool doubled = false;
  for (;; ++at_) {
    if (at_ == text_.size()) throw bad("a quoted field that never ends", "is the file cut?");
    if (text_[at_] == '\0') throw bad("a NUL byte");
    if (text_[at_] == '\n') ++next_line_;
    if (text_[at_] != '"') continue;
    if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') break;
    doubled = true;
    ++at_;
  }
  std::string_view field = text_.substr(begin, at_ - begin);
  ++at_;
  if (text_.substr(at_).starts_with("\r\n") || text_.substr(at_) == "\r") ++at_;
  if (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n') {
    throw bad("text behind a closing quote");
  }
  if (!doubled) return field;
  std::string plain;
  for (std::size_t i = 0; i < field.size(); ++i) {
    plain += field[i];
    if (field[i] == '"') ++i;
  }
  if (unquoted_.capacity() == 0) unquoted_.reserve(1024);
  if (unquoted_.size() == unquoted_.capacity())
    throw bad("more than 1024 fields with quotes inside");
  return unquoted_.emplace_back(std::move(plain));
}

bool parse_number(std::string_view field, std::int64_t& value, int& places) {
  const bool negative = field.starts_with('-');
  if (negative || field.starts_with('+')) field.remove_prefix(1);
  value = 0;
  places = 0;
  int digits = 0;
  bool after_dot = false;
  bool any = false;
  for (const char c : field) {
    if (c == '.' && !after_dot) {
      after_dot = true;
      continue;
    }
    if (c < '0' || c > '9') return false;
    any = true;
    if (value != 0 || c != '0') ++digits;
    places += after_dot;
    if (digits > kMaxDigits || places > kMaxPlaces) return false;
    value = value * 10 + (c - '0');
  }
  if (negative) value = -value;
  return any;
}

bool scale_up(std::int64_t& value, int more) {
  constexpr std::int64_t kLimit = 100'000'000'000'000'000;
  for (; more > 0; --more) {
    if (value >= kLimit || value <= -kLimit) return false;
    value *= 10;
  }
  return true;
}

std::string_view without_mark(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

std::size_t header_end(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    quoted ^= text[i] == '"';
    if (text[i] == '\n' && !quoted) return i + 1;
  }
  return text.size();
}

std::vector<Column> read_header(CsvReader& reader) {
  std::vector<std::string_view> fields;
  if (!reader.next(fields)) throw reader.bad("the file is empty");
  std::vector<Column> columns;
  std::unordered_set<std::string> names;
  for (const std::string_view field : fields) {
    Column column;
    column.name = field;
    if (field.empty()) throw reader.bad("a column without a name in the header");
    if (!names.insert(column.name).second) {
      throw reader.bad("two columns are called " + shown(field));
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

void infer_types(std::string_view text, const std::string& place, std::size_t line,
                 std::vector<Column>& columns) {
  CsvReader reader(text, place, line);
  std::vector<std::string_view> fields;
  std::vector<std::size_t> numbers(columns.size()), others(columns.size());
  for (std::size_t row = 0; row < kTypeSample && reader.next(fields); ++row) {
    for (std::size_t c = 0; c < std::min(fields.size(), columns.size()); ++c) {
      if (fields[c].empty()) continue;
      ++(looks_like_number(fields[c]) ? numbers : others)[c];
    }
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const bool number = numbers[c] > 0 && others[c] == 0;
    columns[c].type = number ? ColumnType::kNumber : ColumnType::kText;
  }
}

// quotes[b] are those in block b; lines[0] is the line of `begin` and lines[b + 1] the line feeds
// in block b. A block's records start behind its first line feed outside quotes, the first block's
// at once.
std::vector<CsvBlock> cut_blocks(std::string_view text, std::size_t begin,
                                 const std::vector<std::size_t>& quotes,
                                 const std::vector<std::size_t>& lines) {
  std::vector<CsvBlock> blocks;
  std::size_t seen = 0, line = lines[0];
  for (std::size_t b = 0; b < quotes.size(); ++b) {
    const std::size_t low = begin + b * kCsvBlock, high = std::min(text.size(), low + kCsvBlock);
    std::size_t start = low, at_line = line;
    if (b > 0) {
      bool quoted = seen % 2 == 1;
      while (start < high && (quoted || text[start] != '\n')) {
        quoted ^= text[start] == '"';
        at_line += text[start] == '\n';
        ++start;
      }
      ++start;
      ++at_line;
    }
    seen += quotes[b];
    line += lines[b + 1];
    // A line feed as a block's last byte starts the next block's first record, and one start is
    // enough: a block that finds none joins the one before.
    if (start > high || start >= text.size()) continue;
    if (!blocks.empty()) blocks.back().end = start;
    blocks.emplace_back();
    blocks.back().begin = start;
    blocks.back().end = text.size();
    blocks.back().first_line = at_line;
    if (blocks.size() > 1) {
      CsvBlock& before = blocks[blocks.size() - 2];
      before.line_feeds = at_line - before.first_line;
    }
  }
  if (!blocks.empty()) blocks.back().line_feeds = line - blocks.back().first_line;
  return blocks;
}

namespace {

// The words of one column of a block, numbered. Neighbours are often equal, so the last is tried
// first.
class WordCodes {
 public:
  std::int64_t code(std::string_view word, std::vector<std::string>& words) {
    if (last_ < words.size() && words[last_] == word) return static_cast<std::int64_t>(last_);
    auto found = codes_.find(word);
    if (found == codes_.end()) {
      found = codes_.try_emplace(std::string(word), words.size()).first;
      words.emplace_back(word);
    }
    last_ = found->second;
    return static_cast<std::int64_t>(last_);
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view word) const {
      return std::hash<std::string_view>()(word);
    }
  };
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> codes_;
  std::size_t last_ = 0;
};

[[noreturn]] void bad_number(const CsvReader& reader, const Column& column,
                             std::string_view field) {
  throw reader.bad(looks_like_number(field)
                       ? shown(field) + " in column " + column.name +
                             " has more than 18 digits or 9 decimals"
                       : "column " + column.name + " holds numbers, here is " + shown(field));
}

void add_number(const CsvReader& reader, const Column& column, std::string_view field,
                CsvFields& into) {
  std::int64_t value = kMissing;
  int places = 0;
  if (!field.empty() && !parse_number(field, value, places)) bad_number(reader, column, field);
  into.places = std::max(into.places, places);
  into.values.push_back(value);
  into.decimals.push_back(static_cast<std::int8_t>(places));
}

[[noreturn]] void too_many_digits(const std::string& place, const Column& column, int places) {
  throw Error(place, "column " + column.name +
                         ": a number with more than 18 digits once all have " +
                         std::to_string(places) + " decimals");
}

}  // namespace

void read_block(std::string_view text, const std::string& place, const std::vector<Column>& columns,
                CsvBlock& block) {
  const std::size_t n = columns.size();
  block.columns.resize(n);
  for (std::size_t c = 0; c < n; ++c) {
    block.columns[c].values.reserve(block.line_feeds + 1);
    if (columns[c].type == ColumnType::kNumber) {
      block.columns[c].decimals.reserve(block.line_feeds + 1);
    }
  }
  std::vector<WordCodes> codes(n);
  CsvReader reader(text.substr(block.begin, block.end - block.begin), place, block.first_line);
  std::vector<std::string_view> fields;
  for (; reader.next(fields); ++block.rows) {
    if (fields.size() != n) {
      throw reader.bad(
          std::to_string(fields.size()) + " fields where the header has " + std::to_string(n),
          reader.cut() ? "is the file cut?" : "");
    }
    for (std::size_t c = 0; c < n; ++c) {
      CsvFields& into = block.columns[c];
      if (columns[c].type == ColumnType::kText) {
        into.values.push_back(codes[c].code(fields[c], into.words));
      } else {
        add_number(reader, columns[c], fields[c], into);
      }
    }
  }
  for (std::size_t c = 0; c < n; ++c) {
    CsvFields& into = block.columns[c];
    for (std::size_t i = 0; i < into.decimals.size(); ++i) {
      std::int64_t& value = into.values[i];
      if (value != kMissing && !scale_up(value, into.places - into.decimals[i])) {
        too_many_digits(place, columns[c], into.places);
      }
    }
    into.decimals = {};
  }
}

void merge_words(std::vector<CsvBlock>& blocks, std::size_t c, Column& column) {
  std::unordered_map<std::string_view, std::int64_t> codes;
  for (CsvBlock& block : blocks) {
    CsvFields& fields = block.columns[c];
    for (const std::string& word : fields.words) {
      const auto [it, added] =
          codes.try_emplace(word, static_cast<std::int64_t>(column.words.size()));
      if (added) column.words.push_back(word);
      fields.renumbered.push_back(it->second);
    }
  }
}

void place_values(const CsvBlock& block, const std::string& place, std::vector<Column>& columns) {
  for (std::size_t c = 0; c < columns.size(); ++c) {
    Column& column = columns[c];
    const CsvFields& fields = block.columns[c];
    std::int64_t* out = column.values.data() + block.first_row;
    for (std::size_t i = 0; i < block.rows; ++i) {
      std::int64_t value = fields.values[i];
      if (column.type == ColumnType::kText) {
        value = fields.renumbered[static_cast<std::size_t>(value)];
      } else if (value != kMissing && !scale_up(value, column.places - fields.places)) {
        too_many_digits(place, column, column.places);
      }
      out[i] = value;
    }
  }
}

}  // namespace detail
}  // namespace pel::apps::analytics

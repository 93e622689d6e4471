// SPDX-License-Identifier: Apache-2.0
#include "apps/risk/prices.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "apps/packaged_data.hpp"
#include "pel/error.hpp"

namespace pel::apps {
namespace {

// The lines of a text, numbered from one, without their ends.
class Lines {
 public:
  explicit Lines(std::string_view text, const std::string& origin) : text_(text), origin_(origin) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  bool next(std::string_view& line) {
    while (!text_.empty()) {
      const std::size_t end = text_.find('\n');
      line = text_.substr(0, end);
      text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
      ++number_;
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.find('\0') != std::string_view::npos) fail("not a text file (a zero byte)");
      if (line.find_first_not_of(" \t") != std::string_view::npos) return true;
    }
    return false;
  }

  [[noreturn]] void fail(const std::string& reason, const std::string& advice = {}) const {
    throw Error(origin_ + ":" + std::to_string(number_), reason, advice);
  }

 private:
  std::string_view text_;
  const std::string& origin_;
  std::size_t number_ = 0;
};

std::string_view trimmed(std::string_view field) {
  const std::size_t first = field.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  field = field.substr(first, field.find_last_not_of(" \t") - first + 1);
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"') {
    field = field.substr(1, field.size() - 2);
  }
  return field;
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] != ',' || quoted) continue;
    fields.push_back(trimmed(line.substr(begin, i - begin)));
    begin = i + 1;
  }
  fields.push_back(trimmed(line.substr(begin)));
  return fields;
}

// A field as it may be shown in an error: short, printable.
std::string shown(std::string_view field) {
  std::string text = "'";
  for (const char c : field.substr(0, 24)) text += c >= ' ' && c <= '~' ? c : '?';
  return text + (field.size() > 24 ? "...'" : "'");
}

bool missing(std::string_view field) {
  return field.empty() || field == "NA" || field == "NaN" || field == "nan" || field == "null";
}

bool read_number(std::string_view field, double& value) {
  if (field.starts_with('+')) field.remove_prefix(1);
  const auto [end, status] = std::from_chars(field.data(), field.data() + field.size(), value);
  return status == std::errc{} && end == field.data() + field.size() && std::isfinite(value);
}

bool iso_date(std::string_view field) {
  if (field.size() != 10 || field[4] != '-' || field[7] != '-') return false;
  for (const std::size_t i : {0u, 1u, 2u, 3u, 5u, 6u, 8u, 9u}) {
    if (field[i] < '0' || field[i] > '9') return false;
  }
  const int month = (field[5] - '0') * 10 + field[6] - '0';
  const int day = (field[8] - '0') * 10 + field[9] - '0';
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

void read_header(const Lines& lines, std::string_view line, PriceSeries& series) {
  const auto fields = split(line);
  if (fields.size() < 2) {
    lines.fail("no price column in the header", "expected: date,NAME,NAME,...");
  }
  if (fields.size() - 1 > kMaxAssets) {
    lines.fail("more than " + std::to_string(kMaxAssets) + " price columns");
  }
  double number = 0;
  for (std::size_t i = 1; i < fields.size(); ++i) {
    if (fields[i].empty() || read_number(fields[i], number)) {
      lines.fail("column " + std::to_string(i + 1) + " has no name", "expected: date,NAME,...");
    }
    for (const char c : fields[i]) {
      if (c < ' ' || c == '"' || c == ',') lines.fail("bad column name " + shown(fields[i]));
    }
    const std::string name(fields[i]);
    if (std::ranges::find(series.names, name) != series.names.end()) {
      lines.fail("column " + shown(name) + " is there twice");
    }
    series.names.push_back(name);
  }
}

void read_row(const Lines& lines, std::string_view line, PriceSeries& series) {
  const auto fields = split(line);
  if (fields.size() != series.assets() + 1) {
    lines.fail("expected " + std::to_string(series.assets() + 1) + " fields, found " +
               std::to_string(fields.size()));
  }
  if (!iso_date(fields[0])) {
    lines.fail("expected a date as YYYY-MM-DD, found " + shown(fields[0]));
  }
  std::string date(fields[0]);
  if (!series.dates.empty() && date <= series.dates.back()) {
    lines.fail("date " + date + " does not follow " + series.dates.back(),
               "sort the rows by date and drop repeated days");
  }
  if (std::any_of(fields.begin() + 1, fields.end(), missing)) {
    ++series.skipped_rows;
    return;
  }
  for (std::size_t i = 1; i < fields.size(); ++i) {
    double value = 0;
    if (!read_number(fields[i], value)) {
      lines.fail("expected a price for " + series.names[i - 1] + ", found " + shown(fields[i]));
    }
    if (value < 1e-12 || value > 1e12) {
      lines.fail(
          "price " + shown(fields[i]) + " of " + series.names[i - 1] + " is not in 1e-12 to 1e12",
          "log-returns need positive prices: drop the row or the column");
    }
    series.prices.push_back(value);
  }
  series.dates.push_back(std::move(date));
}

}  // namespace

std::optional<std::filesystem::path> find_dow_prices() {
  constexpr const char* kFile = "dow30.csv";
  const auto folder = find_packaged_data("PEL_RISK_DATA", "risk", {kFile});
  if (!folder) return std::nullopt;
  return *folder / kFile;
}

PriceSeries parse_prices(std::string_view text, const std::string& origin) {
  PriceSeries series;
  Lines lines(text, origin);
  std::string_view line;
  if (!lines.next(line)) throw Error(origin, "empty", "expected CSV: date,NAME,NAME,...");
  read_header(lines, line, series);
  while (lines.next(line)) read_row(lines, line, series);
  if (series.days() < kMinDays) {
    throw Error(origin, std::to_string(series.days()) + " complete days of prices",
                "at least " + std::to_string(kMinDays) + " are needed");
  }
  return series;
}

std::vector<double> parse_weights(std::string_view text, const std::string& origin,
                                  const PriceSeries& series) {
  std::vector<double> weights(series.assets(), 0.0);
  std::vector<bool> seen(series.assets(), false);
  Lines lines(text, origin);
  std::string_view line;
  if (!lines.next(line)) throw Error(origin, "empty", "expected CSV: name,weight");
  while (lines.next(line)) {
    const auto fields = split(line);
    if (fields.size() != 2) lines.fail("expected name,weight");
    const auto found = std::ranges::find(series.names, fields[0]);
    if (found == series.names.end()) lines.fail("no price column is named " + shown(fields[0]));
    const auto asset = std::size_t(found - series.names.begin());
    if (seen[asset]) lines.fail(shown(fields[0]) + " is there twice");
    seen[asset] = true;
    if (!read_number(fields[1], weights[asset]) || std::abs(weights[asset]) > 1e12) {
      lines.fail("expected a weight, found " + shown(fields[1]));
    }
  }
  double sum = 0;
  for (const double weight : weights) sum += weight;
  if (!(sum > 1e-9)) throw Error(origin, "the weights do not sum to something positive");
  for (double& weight : weights) weight /= sum;
  return weights;
}

}  // namespace pel::apps

// SPDX-License-Identifier: Apache-2.0
#include "apps/analytics/page.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "apps/analytics/csv.hpp"
#include "apps/plain_loops.hpp"

namespace pel::apps::analytics {
namespace {

struct Bar {
  std::string label, figure;
  std::int64_t value;
};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string word(const Column& column, std::size_t row) {
  if (column.type == ColumnType::kText) {
    return column.words[static_cast<std::size_t>(column.values[row])];
  }
  if (column.values[row] == kMissing) return {};
  std::int64_t whole = column.values[row];
  for (int p = 0; p < column.places; ++p) whole /= 10;
  return std::to_string(whole);
}

// The nations' sums over all years, largest first.
std::vector<Bar> nation_bars(const Table& table) {
  std::vector<Bar> bars;
  const Column &report = table.columns[0], &key = table.columns[2], &net = table.columns[7];
  for (std::size_t row = 0; row < table.rows; ++row) {
    if (word(report, row) != "nations") continue;
    if (bars.empty() || bars.back().label != word(key, row))
      bars.push_back({word(key, row), {}, 0});
    bars.back().value += net.values[row] / 10'000;
  }
  for (Bar& bar : bars) bar.figure = std::to_string(bar.value / 1'000'000) + " M";
  std::stable_sort(bars.begin(), bars.end(),
                   [](const Bar& a, const Bar& b) { return a.value > b.value; });
  return bars;
}

std::vector<Bar> group_bars(const Table& table) {
  std::vector<Bar> bars;
  const Column& measure = table.columns[table.columns.size() > 2 ? 2 : 1];
  for (std::size_t row = 0; row < table.rows; ++row) {
    const bool number = measure.type == ColumnType::kNumber && measure.values[row] != kMissing;
    bars.push_back({word(table.columns[0], row), word(measure, row),
                    number ? std::max<std::int64_t>(0, measure.values[row]) : 0});
  }
  return bars;
}

}  // namespace

std::string bars_page(std::string_view csv, bool reports) {
  const Table table = parse_csv<PlainLoops>(csv, "result");
  std::vector<Bar> bars = reports ? nation_bars(table) : group_bars(table);
  if (bars.size() > 25) bars.resize(25);
  std::int64_t top = 1;
  for (const Bar& bar : bars) top = std::max(top, bar.value);
  const std::string title = reports ? "Net sales by nation" : "Groups by their first aggregate";
  std::string out = "<svg viewBox=\"0 0 720 ";
  out += std::to_string(20 * bars.size() + 28);
  out +=
      "\" width=\"100%\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\"><title>" + title;
  out += "</title><text x=\"156\" y=\"16\">" + title + "</text>";
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const std::string y = std::to_string(20 * i + 24);
    const std::string width = std::to_string(static_cast<std::int64_t>(
        static_cast<double>(bars[i].value) / static_cast<double>(top) * 440));
    out += "<text x=\"150\" text-anchor=\"end\" y=\"" + std::to_string(20 * i + 37) + "\">";
    out += escaped(std::string_view(bars[i].label).substr(0, 24));
    out += "</text><rect x=\"156\" height=\"16\" fill=\"#60a5fa\" y=\"" + y + "\" width=\"" + width;
    out += "\"/><text x=\"" + std::to_string(162 + std::stol(width)) + "\" y=\"";
    out += std::to_string(20 * i + 37) + "\">" + escaped(bars[i].figure) + "</text>";
  }
  return out + "</svg>";
}

}  // namespace pel::apps::analytics

// SPDX-License-Identifier: Apache-2.0
#include "apps/risk/report.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "pel/error.hpp"

namespace pel::apps {
namespace {

constexpr const char* kPlace = "risk report";

std::string shortest(double value) {
  if (std::abs(value) < 1e15 && value == std::floor(value)) {
    return std::to_string(static_cast<long long>(value));
  }
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end.ptr};
}

std::string rounded(double value, int decimals) {
  std::array<char, 64> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                 std::chars_format::fixed, decimals);
  return end.ec == std::errc{} ? std::string(digits.data(), end.ptr) : shortest(value);
}

double number_of(std::string_view field) {
  double value = 0;
  const auto [end, status] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (status != std::errc{} || end != field.data() + field.size()) {
    throw Error(kPlace, "not a number: " + std::string(field));
  }
  return value;
}

RiskRow row_of(std::string_view line) {
  std::array<std::string_view, 4> fields;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t comma = line.find(',');
    if ((comma == std::string_view::npos) != (i == 3)) {
      throw Error(kPlace, "a line has not four fields: " + std::string(line));
    }
    fields[i] = line.substr(0, comma);
    line.remove_prefix(i == 3 ? line.size() : comma + 1);
  }
  return {std::string(fields[0]), std::string(fields[1]), number_of(fields[2]),
          number_of(fields[3])};
}

// Where a loss stands on the picture.
struct Axis {
  double low = 0, width = 1, left = 40, pixels = 640;
  std::string x(double loss) const { return rounded(left + (loss - low) / width * pixels, 2); }
};

std::string marker(const Axis& axis, double loss, double top, const std::string& label,
                   const char* colour) {
  const std::string x = axis.x(loss), y = rounded(top, 0);
  return "<line x1=\"" + x + "\" x2=\"" + x + "\" y1=\"" + y + "\" y2=\"250\" stroke=\"" + colour +
         "\" stroke-dasharray=\"4 3\"/><text x=\"" + x + "\" dx=\"4\" y=\"" + y +
         "\" dy=\"9\" fill=\"" + colour + "\">" + label + " " + rounded(100 * loss, 2) +
         " %</text>";
}

}  // namespace

void RiskReport::add(std::string section, std::string measure, double value,
                     double standard_error) {
  rows.push_back({std::move(section), std::move(measure), value, standard_error});
}

const RiskRow& RiskReport::at(std::string_view section, std::string_view measure) const {
  for (const RiskRow& row : rows) {
    if (row.section == section && row.measure == measure) return row;
  }
  throw Error(kPlace, "no row " + std::string(section) + "," + std::string(measure));
}

std::vector<std::uint8_t> write_report(const RiskReport& report) {
  std::string text = "section,measure,value,standard_error\n";
  for (const RiskRow& row : report.rows) {
    text += row.section + "," + row.measure + "," + shortest(row.value) + "," +
            shortest(row.standard_error) + "\n";
  }
  return {text.begin(), text.end()};
}

RiskReport read_report(std::span<const std::uint8_t> bytes) {
  const std::string text(bytes.begin(), bytes.end());
  std::string_view rest = text;
  RiskReport report;
  bool header = true;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (!header) report.rows.push_back(row_of(rest.substr(0, end)));
    header = false;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return report;
}

std::string report_svg(const RiskReport& report) {
  std::vector<double> counts;
  Axis axis;
  for (const RiskRow& row : report.rows) {
    if (row.section == "histogram" && row.measure.starts_with("bin")) counts.push_back(row.value);
  }
  axis.low = report.at("histogram", "low").value;
  axis.width = report.at("histogram", "high").value - axis.low;
  const double most = std::max(1.0, *std::max_element(counts.begin(), counts.end()));
  std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 290\" width=\"720\" "
      "font-family=\"sans-serif\" font-size=\"11\" role=\"img\"><title>Simulated ten-day losses"
      "</title><rect width=\"720\" height=\"290\" fill=\"#fff\"/>";
  const double var95 = report.at("full", "var 95").value;
  const double bar = axis.pixels / double(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double height = 210 * counts[i] / most;
    const double middle = (double(i) + 0.5) / double(counts.size());
    const bool tail = axis.low + middle * axis.width >= var95;
    svg += "<rect x=\"" + rounded(axis.left + double(i) * bar, 2) + "\" y=\"" +
           rounded(250 - height, 2) + "\" width=\"" + rounded(bar - 0.6, 2) + "\" height=\"" +
           rounded(height, 2) + "\" fill=\"" + (tail ? "#c8553d" : "#4f7cac") + "\"/>";
  }
  svg += marker(axis, var95, 60, "VaR 95 %:", "#c8553d");
  svg += marker(axis, report.at("full", "var 99").value, 90, "VaR 99 %:", "#8f2d1b");
  svg += marker(axis, report.at("full", "shortfall 99").value, 120, "shortfall 99 %:", "#5b1a0e");
  svg += "<line x1=\"40\" x2=\"680\" y1=\"250\" y2=\"250\" stroke=\"#333\"/>";
  for (int i = 0; i <= 4; ++i) {
    const double loss = axis.low + axis.width * i / 4;
    svg += "<text text-anchor=\"middle\" fill=\"#333\" y=\"266\" x=\"" + axis.x(loss) + "\">" +
           rounded(100 * loss, 1) + " %</text>";
  }
  return svg +
         "<text text-anchor=\"middle\" fill=\"#333\" x=\"360\" y=\"283\">loss of the portfolio "
         "over ten days (full revaluation)</text></svg>";
}

}  // namespace pel::apps

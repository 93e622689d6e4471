// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pel::apps {

// One figure of the report. Values at risk and shortfalls are fractions of the portfolio's value;
// options are in the currency of the prices.
struct RiskRow {
  std::string section;  // parameter, historical, normal, full, student, option, histogram
  std::string measure;
  double value = 0;
  double standard_error = 0;  // 0: exact, or counted
};

struct RiskReport {
  std::vector<RiskRow> rows;

  void add(std::string section, std::string measure, double value, double standard_error = 0);
  // The row of that name; throws pel::Error if the report has none.
  const RiskRow& at(std::string_view section, std::string_view measure) const;
};

// The report as CSV "section,measure,value,standard_error", numbers in the shortest form that reads
// back to the same double: byte-stable, and back.
std::vector<std::uint8_t> write_report(const RiskReport& report);
RiskReport read_report(std::span<const std::uint8_t> bytes);

// An inline SVG: the histogram of simulated losses with the values at risk.
std::string report_svg(const RiskReport& report);

}  // namespace pel::apps

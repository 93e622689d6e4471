// SPDX-License-Identifier: Apache-2.0
#include "apps/analytics/report.hpp"

#include "apps/analytics/tables.hpp"

namespace pel::apps::analytics {

std::string fixed_point(std::int64_t value, int places) {
  const auto width = static_cast<std::size_t>(places);
  const std::uint64_t size =
      value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::string digits = std::to_string(size);
  if (digits.size() <= width) digits.insert(0, width + 1 - digits.size(), '0');
  if (width > 0) digits.insert(digits.size() - width, 1, '.');
  if (value < 0) digits.insert(0, 1, '-');
  return digits;
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted(1, '"');
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  quoted += '"';
  return quoted;
}

std::string format_reports(const std::vector<ReportLine>& lines) {
  std::string out = "report,rank,key,detail,rows,quantity,gross,net,average_net\n";
  for (const ReportLine& line : lines) {
    out += line.report + ',' + std::to_string(line.rank) + ',';
    out += csv_field(line.key) + ',' + csv_field(line.detail) + ',';
    out += std::to_string(line.sums.rows) + ',' + std::to_string(line.sums.quantity) + ',';
    out += fixed_point(line.sums.gross, 2) + ',' + fixed_point(line.sums.net, 4) + ',';
    out += fixed_point(rounded_average(line.sums.net, line.sums.rows), 4) + '\n';
  }
  return out;
}

std::string date_text(std::uint16_t day) {
  const int year = year_of(day);
  int month = 12;
  while (day_of(year, month, 1) > day) --month;
  const int rest = day - day_of(year, month, 1) + 1;
  std::string text = std::to_string(year);
  text += month < 10 ? "-0" : "-";
  text += std::to_string(month);
  text += rest < 10 ? "-0" : "-";
  return text + std::to_string(rest);
}

}  // namespace pel::apps::analytics

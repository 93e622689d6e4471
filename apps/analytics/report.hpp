// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pel::apps::analytics {

// The sums of one group. All integers, so that no order of the rows can change them.
struct Sums {
  std::int64_t rows = 0;
  std::int64_t quantity = 0;
  std::int64_t gross = 0;  // cents
  std::int64_t net = 0;    // cents * 100: price * (100 - discount)

  void add(std::int64_t count, std::int64_t price, std::int64_t discount) {
    ++rows;
    quantity += count;
    gross += price;
    net += price * (100 - discount);
  }
  Sums& operator+=(const Sums& other) {
    rows += other.rows;
    quantity += other.quantity;
    gross += other.gross;
    net += other.net;
    return *this;
  }
  friend bool operator==(const Sums&, const Sums&) = default;
};

// One line of the result.
struct ReportLine {
  std::string report;  // pricing, shipping, returns, nations
  std::uint32_t rank = 0;
  std::string key, detail;
  Sums sums;
};

// "1234.50" for 123450 and two places.
std::string fixed_point(std::int64_t value, int places);

// total / count rounded half away from zero. count > 0.
constexpr std::int64_t rounded_average(std::int64_t total, std::int64_t count) {
  const std::int64_t quotient = total / count, rest = total % count;
  const std::int64_t size = rest < 0 ? -rest : rest;
  if (size < count - size) return quotient;
  return total < 0 ? quotient - 1 : quotient + 1;
}
static_assert(rounded_average(5, 2) == 3 && rounded_average(-5, 2) == -3 &&
              rounded_average(4, 3) == 1 && rounded_average(-4, 3) == -1);

// A field as CSV writes it: quoted only if it must be.
std::string csv_field(const std::string& text);

// The result: report,rank,key,detail,rows,quantity,gross,net,average_net. Net has four decimals and
// is exact; average_net = net / rows, rounded half up at the fourth.
std::string format_reports(const std::vector<ReportLine>& lines);

}  // namespace pel::apps::analytics

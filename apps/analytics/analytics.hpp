// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "apps/analytics/groups.hpp"
#include "apps/analytics/keys.hpp"
#include "apps/analytics/report.hpp"
#include "apps/analytics/tables.hpp"

namespace pel::apps::analytics {

// Nine reports on the TPC-H-like tables, modelled on its queries 1, 3, 10, 5, 6, 12, 18 and 15, and
// the percentiles of a sort:
//   pricing      filter items by ship date, group by flag and status
//   shipping     join customers of a segment, open orders and late items, group by order, top 10
//   returns      join a quarter's orders and returned items, group by customer, top 20
//   nations      join everything, group by nation and year, sort
//   forecast     filter items of a year by discount and quantity
//   modes        filter items by the year of receipt, group by the way they were shipped
//   bulk         group all items by order, keep those of many pieces, top 20
//   parts        filter items of a year, group by part through a hash table, top 10
//   percentiles  sort the returned items by value
// `Loops` is PelLoops or PlainLoops; `done(n)` adds up to report_steps(tables).

inline constexpr std::size_t kTopOrders = 10, kTopCustomers = 20, kTopBulk = 20, kTopParts = 10;
inline constexpr std::uint16_t kPricingDay = day_of(1998, 9, 2);
inline constexpr std::uint16_t kShippingDay = day_of(1995, 3, 15);
inline constexpr std::uint8_t kShippingSegment = 1;  // BUILDING
inline constexpr std::uint16_t kReturnsBegin = day_of(1993, 10, 1);
inline constexpr std::uint16_t kReturnsEnd = day_of(1994, 1, 1);
inline constexpr int kForecastYear = 1994, kModesYear = 1994, kPartsYear = 1996;
inline constexpr std::uint8_t kForecastLeast = 5, kForecastMost = 7, kForecastQuantity = 24;
inline constexpr std::int64_t kBulkQuantity = 250;
inline constexpr std::array<std::size_t, 7> kPercents = {0, 1, 25, 50, 75, 99, 100};
inline constexpr std::size_t kYears = 8;  // 1992 to 1998, and one to make it a power of two

inline std::uint64_t report_steps(const Tables& tables) {
  return std::uint64_t{9} * tables.items.size();
}
// Whether a day lies in a year.
class YearFilter {
 public:
  explicit YearFilter(int year)
      : begin_(day_of(year, 1, 1)), days_(day_of(year + 1, 1, 1) - begin_) {}
  bool operator()(std::uint16_t day) const { return unsigned(day) - begin_ < days_; }

 private:
  unsigned begin_, days_;
};

template <class Loops, class Done>
void pricing_report(const Tables& tables, std::vector<ReportLine>& lines, Done&& done) {
  const LineItems& items = tables.items;
  constexpr std::size_t kGroups = 7;  // (A, N, R) x (F, O), and those left out
  // 'A' 65, 'N' 78, 'R' 82 and 'F' 70, 'O' 79 as 0, 1, 2 and 0, 1 without a branch or a table.
  const auto group = [&](std::size_t i) -> std::size_t {
    const unsigned flag = (items.flag[i] > 'A') + (items.flag[i] > 'N');
    const unsigned open = items.status[i] == 'O';
    return items.ship_date[i] <= kPricingDay ? flag * 2 + open : kGroups - 1;
  };
  const auto sums = sum_dense<Loops, kGroups>(items, group, done);
  std::uint32_t rank = 0;
  for (std::size_t g = 0; g + 1 < kGroups; ++g) {
    if (sums[g].rows == 0) continue;
    lines.push_back(
        {"pricing", ++rank, std::string(1, "ANR"[g / 2]), std::string(1, "FO"[g % 2]), sums[g]});
  }
}

template <class Loops, class Done>
void shipping_report(const Tables& tables, const OrderRows& row_of, std::vector<ReportLine>& lines,
                     Done&& done) {
  const Orders& orders = tables.orders;
  const LineItems& items = tables.items;
  const auto chosen = for_orders<Loops, std::uint8_t>(orders, [&](std::size_t row) {
    return orders.date[row] < kShippingDay &&
           tables.customers.segment[orders.customer[row] - 1] == kShippingSegment;
  });
  const auto top = sum_groups<Loops>(
      items, orders.size(),
      [&](std::size_t i) {
        if (items.ship_date[i] <= kShippingDay) return kNoGroup;
        const std::uint32_t row = row_of[items.order[i]];
        return chosen[row] != 0 ? row : kNoGroup;
      },
      [&](std::vector<GroupSums>& list) {
        keep_top(list, kTopOrders, [&](const GroupSums& a, const GroupSums& b) {
          return std::tuple(-a.second.net, orders.date[a.first], a.first) <
                 std::tuple(-b.second.net, orders.date[b.first], b.first);
        });
      },
      done);
  std::uint32_t rank = 0;
  for (const auto& [row, sums] : top) {
    lines.push_back(
        {"shipping", ++rank, std::to_string(orders.key[row]), date_text(orders.date[row]), sums});
  }
}

template <class Loops, class Done>
void returns_report(const Tables& tables, const OrderRows& row_of, std::vector<ReportLine>& lines,
                    Done&& done) {
  const Orders& orders = tables.orders;
  const LineItems& items = tables.items;
  const auto top = sum_groups<Loops>(
      items, tables.customers.size(),
      [&](std::size_t i) {
        if (items.flag[i] != 'R') return kNoGroup;
        const std::uint32_t row = row_of[items.order[i]];
        const bool fits = orders.date[row] >= kReturnsBegin && orders.date[row] < kReturnsEnd;
        return fits ? orders.customer[row] - 1 : kNoGroup;
      },
      [](std::vector<GroupSums>& list) {
        keep_top(list, kTopCustomers, [](const GroupSums& a, const GroupSums& b) {
          return std::tuple(-a.second.net, a.first) < std::tuple(-b.second.net, b.first);
        });
      },
      done);
  std::uint32_t rank = 0;
  for (const auto& [customer, sums] : top) {
    lines.push_back({"returns", ++rank, customer_name(customer + 1),
                     std::string(kNations[tables.customers.nation[customer]]), sums});
  }
}

template <class Loops, class Done>
void nations_report(const Tables& tables, const OrderRows& row_of, std::vector<ReportLine>& lines,
                    Done&& done) {
  const Orders& orders = tables.orders;
  constexpr std::size_t kGroups = kNations.size() * kYears + 1;
  const auto group_of = for_orders<Loops, std::uint8_t>(orders, [&](std::size_t row) {
    const std::size_t nation = tables.customers.nation[orders.customer[row] - 1];
    return nation * kYears + static_cast<std::size_t>(year_of(orders.date[row]) - 1992);
  });
  static_assert(kGroups <= 256);
  const LineItems& items = tables.items;
  const auto sums = sum_dense<Loops, kGroups>(
      items, [&](std::size_t i) { return std::size_t{group_of[row_of[items.order[i]]]}; }, done);
  std::vector<std::size_t> order;
  for (std::size_t g = 0; g + 1 < kGroups; ++g) {
    if (sums[g].rows != 0) order.push_back(g);
  }
  std::sort(order.begin(), order.end(), [](std::size_t a, std::size_t b) {
    return std::tuple(kNations[a / kYears], b % kYears) <
           std::tuple(kNations[b / kYears], a % kYears);
  });
  std::uint32_t rank = 0;
  for (const std::size_t g : order) {
    lines.push_back({"nations", ++rank, std::string(kNations[g / kYears]),
                     std::to_string(1992 + g % kYears), sums[g]});
  }
}

template <class Loops, class Done>
void forecast_report(const LineItems& items, std::vector<ReportLine>& lines, Done&& done) {
  const YearFilter in_year(kForecastYear);
  const auto sums = sum_dense<Loops, 2>(
      items,
      [&](std::size_t i) -> std::size_t {
        const bool fits = in_year(items.ship_date[i]) && items.discount[i] >= kForecastLeast &&
                          items.discount[i] <= kForecastMost &&
                          items.quantity[i] < kForecastQuantity;
        return fits ? 0 : 1;
      },
      done);
  if (sums[0].rows != 0) lines.push_back({"forecast", 1, "1994", "5 to 7 per cent", sums[0]});
}

template <class Loops, class Done>
void modes_report(const LineItems& items, std::vector<ReportLine>& lines, Done&& done) {
  const YearFilter in_year(kModesYear);
  const auto sums = sum_dense<Loops, kModes.size() + 1>(
      items,
      [&](std::size_t i) {
        return in_year(items.receipt_date[i]) ? std::size_t{items.mode[i]} : kModes.size();
      },
      done);
  std::vector<std::size_t> order;
  for (std::size_t mode = 0; mode < kModes.size(); ++mode) {
    if (sums[mode].rows != 0) order.push_back(mode);
  }
  std::sort(order.begin(), order.end(),
            [](std::size_t a, std::size_t b) { return kModes[a] < kModes[b]; });
  std::uint32_t rank = 0;
  for (const std::size_t mode : order) {
    lines.push_back({"modes", ++rank, std::string(kModes[mode]), "1994", sums[mode]});
  }
}

template <class Loops, class Done>
void bulk_report(const Tables& tables, const OrderRows& row_of, std::vector<ReportLine>& lines,
                 Done&& done) {
  const Orders& orders = tables.orders;
  const LineItems& items = tables.items;
  const auto top = sum_groups<Loops>(
      items, orders.size(), [&](std::size_t i) { return row_of[items.order[i]]; },
      [&](std::vector<GroupSums>& list) {
        std::erase_if(list, [](const GroupSums& g) { return g.second.quantity <= kBulkQuantity; });
        keep_top(list, kTopBulk, [&](const GroupSums& a, const GroupSums& b) {
          return std::tuple(-a.second.gross, orders.date[a.first], a.first) <
                 std::tuple(-b.second.gross, orders.date[b.first], b.first);
        });
      },
      done);
  std::uint32_t rank = 0;
  for (const auto& [row, sums] : top) {
    lines.push_back({"bulk", ++rank, std::to_string(orders.key[row]),
                     customer_name(orders.customer[row]), sums});
  }
}

template <class Loops, class Done>
void parts_report(const LineItems& items, std::vector<ReportLine>& lines, Done&& done) {
  const YearFilter in_year(kPartsYear);
  const auto rows = filter_rows<Loops>(
      items.size(), [&](std::size_t i) { return in_year(items.ship_date[i]); }, done);
  Array<std::uint64_t> keys(rows.size());
  Loops::transform(rows, keys, [&](std::uint32_t row) { return std::uint64_t{items.part[row]}; });
  const KeyTable table = KeyTable::build<Loops>(keys);
  std::vector<GroupSums> groups(table.groups());
  Loops::for_each(KeyTable::kPartitions, [&](std::size_t p) {
    for (const std::uint32_t i : table.partition(p)) {
      GroupSums& group = groups[table.group_of(i)];
      group.first = static_cast<std::uint32_t>(keys[i]);
      group.second.add(items.quantity[rows[i]], items.price[rows[i]], items.discount[rows[i]]);
    }
  });
  keep_top(groups, kTopParts, [](const GroupSums& a, const GroupSums& b) {
    return std::tuple(-a.second.net, a.first) < std::tuple(-b.second.net, b.first);
  });
  std::uint32_t rank = 0;
  for (const auto& [part, sums] : groups) {
    lines.push_back({"parts", ++rank, std::to_string(part), "1996", sums});
  }
}

template <class Loops, class Done>
void percentiles_report(const LineItems& items, std::vector<ReportLine>& lines, Done&& done) {
  const auto rows = filter_rows<Loops>(
      items.size(), [&](std::size_t i) { return items.flag[i] == 'R'; }, done);
  if (rows.empty()) return;
  Array<std::uint64_t> keys(rows.size());  // value << 32 | row
  Loops::transform(rows, keys, [&](std::uint32_t row) {
    return (std::uint64_t{items.price[row]} * (100u - items.discount[row])) << 32 | row;
  });
  Loops::sort(keys);
  std::uint32_t rank = 0;
  for (const std::size_t percent : kPercents) {
    const auto row = static_cast<std::uint32_t>(keys[(keys.size() - 1) * percent / 100]);
    Sums sums;
    sums.add(items.quantity[row], items.price[row], items.discount[row]);
    lines.push_back({"percentiles", ++rank, std::to_string(percent) + " %",
                     std::to_string(items.order[row]), sums});
  }
}

template <class Loops, class Done>
std::vector<ReportLine> make_reports(const Tables& tables, Done&& done) {
  std::vector<ReportLine> lines;
  const OrderRows row_of = OrderRows::build<Loops>(tables.orders);
  pricing_report<Loops>(tables, lines, done);
  shipping_report<Loops>(tables, row_of, lines, done);
  returns_report<Loops>(tables, row_of, lines, done);
  nations_report<Loops>(tables, row_of, lines, done);
  forecast_report<Loops>(tables.items, lines, done);
  modes_report<Loops>(tables.items, lines, done);
  bulk_report<Loops>(tables, row_of, lines, done);
  parts_report<Loops>(tables.items, lines, done);
  percentiles_report<Loops>(tables.items, lines, done);
  return lines;
}

}  // namespace pel::apps::analytics

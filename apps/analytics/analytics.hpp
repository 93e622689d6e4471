// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "apps/analytics/report.hpp"
#include "apps/analytics/tables.hpp"

namespace pel::apps::analytics {

// Four reports on the TPC-H-like tables, modelled on its queries 1, 3, 10 and 5:
//   pricing   filter items by ship date, group by flag and status
//   shipping  join customers of a segment, open orders and late items, group by order, top 10
//   returns   join a quarter's orders and returned items, group by customer, top 20
//   nations   join everything, group by nation and year, sort
// `Loops` is PelLoops or PlainLoops; `done(n)` adds up to report_steps(tables).

inline constexpr std::size_t kRowBlock = 1 << 16;  // rows that one loop step looks at
inline constexpr std::size_t kTopOrders = 10, kTopCustomers = 20;
inline constexpr std::uint16_t kPricingDay = day_of(1998, 9, 2);
inline constexpr std::uint16_t kShippingDay = day_of(1995, 3, 15);
inline constexpr std::uint8_t kShippingSegment = 1;  // BUILDING
inline constexpr std::uint16_t kReturnsBegin = day_of(1993, 10, 1);
inline constexpr std::uint16_t kReturnsEnd = day_of(1994, 1, 1);
inline constexpr std::size_t kYears = 8;  // 1992 to 1998, and one to make it a power of two

inline std::size_t row_blocks(std::size_t rows) { return (rows + kRowBlock - 1) / kRowBlock; }
inline std::uint64_t report_steps(const Tables& tables) {
  return 4 * row_blocks(tables.items.size());
}

// Where each order lies, by its key: a plain array, as the keys span only four times their number.
// (Keys of unknown spread go through KeyTable.)
class OrderRows {
 public:
  // O(largest key). The array is first touched by the loops, not by the allocation: getting its
  // pages is most of the work.
  template <class Loops>
  static OrderRows build(const Orders& orders) {
    OrderRows map;
    const std::size_t size = std::size_t{orders.key.back()} + 1;  // keys ascend
    map.rows_ = std::make_unique_for_overwrite<std::uint32_t[]>(size);
    detail::for_blocks<Loops>(orders.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        map.rows_[orders.key[i]] = static_cast<std::uint32_t>(i);
      }
    });
    return map;
  }
  // The key must be an order's.
  std::uint32_t operator[](std::uint32_t key) const { return rows_[key]; }

 private:
  std::unique_ptr<std::uint32_t[]> rows_;
};

// value(row) for every order.
template <class Loops, class Value, class F>
std::vector<Value> for_orders(const Orders& orders, F&& value) {
  std::vector<Value> values(orders.size());
  detail::for_blocks<Loops>(orders.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) values[i] = static_cast<Value>(value(i));
  });
  return values;
}

// Sums by a small dense group number, in one pass: group(row) < N, N - 1 means "left out".
template <class Loops, std::size_t N, class Group, class Done>
std::array<Sums, N> sum_dense(const LineItems& items, Group&& group, Done&& done) {
  const std::size_t rows = items.size();
  using Table = std::array<Sums, N>;
  return Loops::transform_reduce(
      row_blocks(rows), Table{},
      [](Table a, const Table& b) {
        for (std::size_t i = 0; i < N; ++i) a[i] += b[i];
        return a;
      },
      [&](std::size_t block) {
        Table sums{};
        const std::size_t begin = block * kRowBlock, end = std::min(rows, begin + kRowBlock);
        for (std::size_t i = begin; i < end; ++i) {
          sums[group(i)].add(items.quantity[i], items.price[i], items.discount[i]);
        }
        done(1);
        return sums;
      });
}

// Sums by a sparse group number, for joins that keep few rows: every block lists its groups, a
// sort by group brings equal ones together. group(row) is 0 for "left out". Ascending by group.
template <class Loops, class Group, class Done>
std::vector<std::pair<std::uint32_t, Sums>> sum_sparse(const LineItems& items, Group&& group,
                                                       Done&& done) {
  using Entry = std::pair<std::uint32_t, Sums>;
  const std::size_t rows = items.size(), blocks = row_blocks(rows);
  std::vector<std::vector<Entry>> found(blocks);
  Loops::for_each(blocks, [&](std::size_t block) {
    const std::size_t begin = block * kRowBlock, end = std::min(rows, begin + kRowBlock);
    std::vector<Entry>& list = found[block];
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint32_t key = group(i);
      if (key == 0) continue;
      if (list.empty() || list.back().first != key) list.emplace_back(key, Sums{});
      list.back().second.add(items.quantity[i], items.price[i], items.discount[i]);
    }
    done(1);
  });
  std::vector<std::uint64_t> order;  // group << 32 | place in `all`
  std::vector<Entry> all;
  for (const auto& list : found) {
    for (const Entry& entry : list) {
      order.push_back(std::uint64_t{entry.first} << 32 | all.size());
      all.push_back(entry);
    }
  }
  Loops::sort(order);
  std::vector<Entry> groups;
  for (const std::uint64_t item : order) {
    const Entry& entry = all[item & 0xFFFFFFFFu];
    if (groups.empty() || groups.back().first != entry.first) {
      groups.push_back(entry);
    } else {
      groups.back().second += entry.second;
    }
  }
  return groups;
}

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
  const auto chosen = for_orders<Loops, std::uint8_t>(orders, [&](std::size_t row) {
    return orders.date[row] < kShippingDay &&
           tables.customers.segment[orders.customer[row] - 1] == kShippingSegment;
  });
  const LineItems& items = tables.items;
  auto groups = sum_sparse<Loops>(
      items,
      [&](std::size_t i) -> std::uint32_t {
        if (items.ship_date[i] <= kShippingDay) return 0;
        const std::uint32_t row = row_of[items.order[i]];
        return chosen[row] != 0 ? row + 1 : 0;
      },
      done);
  const auto before = [&](const auto& a, const auto& b) {
    return std::tuple(-a.second.net, orders.date[a.first - 1], a.first) <
           std::tuple(-b.second.net, orders.date[b.first - 1], b.first);
  };
  const std::size_t top = std::min(kTopOrders, groups.size());
  std::partial_sort(groups.begin(), groups.begin() + static_cast<std::ptrdiff_t>(top), groups.end(),
                    before);
  for (std::size_t i = 0; i < top; ++i) {
    const std::size_t row = groups[i].first - 1;
    lines.push_back({"shipping", static_cast<std::uint32_t>(i + 1), std::to_string(orders.key[row]),
                     date_text(orders.date[row]), groups[i].second});
  }
}

template <class Loops, class Done>
void returns_report(const Tables& tables, const OrderRows& row_of, std::vector<ReportLine>& lines,
                    Done&& done) {
  const Orders& orders = tables.orders;
  const LineItems& items = tables.items;
  auto groups = sum_sparse<Loops>(
      items,
      [&](std::size_t i) -> std::uint32_t {
        if (items.flag[i] != 'R') return 0;
        const std::uint32_t row = row_of[items.order[i]];
        const bool fits = orders.date[row] >= kReturnsBegin && orders.date[row] < kReturnsEnd;
        return fits ? orders.customer[row] : 0;
      },
      done);
  const std::size_t top = std::min(kTopCustomers, groups.size());
  std::partial_sort(groups.begin(), groups.begin() + static_cast<std::ptrdiff_t>(top), groups.end(),
                    [](const auto& a, const auto& b) {
                      return std::tuple(-a.second.net, a.first) <
                             std::tuple(-b.second.net, b.first);
                    });
  for (std::size_t i = 0; i < top; ++i) {
    const std::uint32_t key = groups[i].first;
    lines.push_back({"returns", static_cast<std::uint32_t>(i + 1), customer_name(key),
                     std::string(kNations[tables.customers.nation[key - 1]]), groups[i].second});
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
std::vector<ReportLine> make_reports(const Tables& tables, Done&& done) {
  std::vector<ReportLine> lines;
  const OrderRows row_of = OrderRows::build<Loops>(tables.orders);
  pricing_report<Loops>(tables, lines, done);
  shipping_report<Loops>(tables, row_of, lines, done);
  returns_report<Loops>(tables, row_of, lines, done);
  nations_report<Loops>(tables, row_of, lines, done);
  return lines;
}

}  // namespace pel::apps::analytics

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apps/analytics/csv.hpp"
#include "apps/plain_loops.hpp"
#include "pel/random.hpp"

namespace pel::apps::analytics {

// Tables shaped like TPC-H's customer, orders and lineitem (specification 3.0, clause 4.2), column
// by column. Money is in integer cents, shares in whole per cent, dates in days since 1992-01-01.

inline constexpr std::array<std::string_view, 5> kSegments = {"AUTOMOBILE", "BUILDING", "FURNITURE",
                                                              "MACHINERY", "HOUSEHOLD"};
inline constexpr std::array<std::string_view, 25> kNations = {
    "ALGERIA", "ARGENTINA", "BRAZIL",         "CANADA",       "EGYPT", "ETHIOPIA", "FRANCE",
    "GERMANY", "INDIA",     "INDONESIA",      "IRAN",         "IRAQ",  "JAPAN",    "JORDAN",
    "KENYA",   "MOROCCO",   "MOZAMBIQUE",     "PERU",         "CHINA", "ROMANIA",  "SAUDI ARABIA",
    "VIETNAM", "RUSSIA",    "UNITED KINGDOM", "UNITED STATES"};

// Days since 1992-01-01 of a date.
constexpr std::uint16_t day_of(int year, int month, int day) {
  constexpr std::array<int, 12> kBefore = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  const int leaps = (year - 1989) / 4 + (month > 2 && year % 4 == 0 ? 1 : 0);
  return static_cast<std::uint16_t>((year - 1992) * 365 + leaps +
                                    kBefore[static_cast<std::size_t>(month - 1)] + day - 1);
}
static_assert(day_of(1992, 3, 1) == 60 && day_of(1996, 2, 29) == day_of(1996, 3, 1) - 1 &&
              day_of(1998, 12, 31) == 2556);
constexpr int year_of(std::uint16_t day) {
  const int rest = day % 1461;  // 1992, the first of four years, is the leap year
  return 1992 + day / 1461 * 4 + (rest - (rest > 0)) / 365;
}
static_assert(year_of(day_of(1992, 12, 31)) == 1992 && year_of(day_of(1993, 1, 1)) == 1993 &&
              year_of(day_of(1995, 12, 31)) == 1995 && year_of(day_of(1996, 1, 1)) == 1996 &&
              year_of(day_of(1996, 12, 31)) == 1996 && year_of(day_of(1998, 1, 1)) == 1998);
std::string date_text(std::uint16_t day);  // "1995-03-15"

inline constexpr std::array<std::string_view, 7> kModes = {"REG AIR", "AIR",  "RAIL", "SHIP",
                                                           "TRUCK",   "MAIL", "FOB"};

struct Customers {  // row i has key i + 1
  Array<std::uint8_t> segment, nation;
  std::size_t size() const { return segment.size(); }
};
struct Orders {  // keys are sparse, as TPC-H's are: eight of every 32
  Array<std::uint32_t> key, customer;
  Array<std::uint16_t> date;
  std::size_t size() const { return key.size(); }
};
struct LineItems {
  Array<std::uint32_t> order, part, price;  // keys; cents
  Array<std::uint16_t> ship_date, receipt_date;
  Array<std::uint8_t> quantity, discount, mode;
  Array<char> flag, status;  // A, N, R; F, O
  std::size_t size() const { return order.size(); }
};
struct Tables {
  Customers customers;
  Orders orders;
  LineItems items;
};

inline std::string customer_name(std::uint32_t key) {
  const std::string digits = std::to_string(key);
  std::string name = "Customer#";
  name.append(digits.size() < 9 ? 9 - digits.size() : 0, '0');
  return name + digits;
}

// Different parts that `rows` lineitems may order.
constexpr std::size_t part_count(std::size_t rows) { return std::max<std::size_t>(1, rows / 30); }

namespace detail {

enum Stream : std::uint64_t { kCustomerStream = 1, kOrderStream, kLineCountStream, kItemStream };
inline constexpr std::size_t kBlock = 1 << 14;  // rows made by one loop step
inline constexpr std::uint16_t kToday = day_of(1995, 6, 17);

// f(begin, end) for blocks of rows that cover n.
template <class Loops, class F>
void for_blocks(std::size_t n, F&& f, Where where = Where::current()) {
  Loops::for_each((n + kBlock - 1) / kBlock,
                  [&](std::size_t b) { f(b * kBlock, std::min(n, (b + 1) * kBlock)); }, where);
}

// A part's price in cents (clause 4.2.3).
constexpr std::uint32_t retail_price(std::uint32_t part) {
  return 90'000 + part / 10 % 20'001 + 100 * (part % 1'000);
}

// `bits` are the row's own; the order's key is in place.
inline void fill_item(LineItems& items, std::size_t row, std::uint16_t ordered,
                      const std::array<std::uint32_t, 4>& bits) {
  const std::size_t parts = part_count(items.size());
  const std::uint32_t quantity = 1 + static_cast<std::uint32_t>(std::uint64_t{bits[0]} * 50 >> 32);
  const std::uint32_t part = 1 + static_cast<std::uint32_t>(std::uint64_t{bits[1]} * parts >> 32);
  const std::uint32_t rest = bits[2];
  const auto shipped = static_cast<std::uint16_t>(ordered + 1 + (rest & 0xFFFF) * 121 / 65536);
  const auto received = static_cast<std::uint16_t>(shipped + 1 + (rest >> 16) * 30 / 65536);
  items.part[row] = part;
  items.quantity[row] = static_cast<std::uint8_t>(quantity);
  items.price[row] = quantity * retail_price(part);
  items.discount[row] = static_cast<std::uint8_t>((bits[3] & 0xFFFF) * 11 / 65536);
  items.ship_date[row] = shipped;
  items.receipt_date[row] = received;
  items.mode[row] = static_cast<std::uint8_t>((bits[3] >> 16 & 0x7FFF) * kModes.size() >> 15);
  items.status[row] = shipped > kToday ? 'O' : 'F';
  items.flag[row] = received > kToday ? 'N' : (bits[3] >> 31 != 0 ? 'R' : 'A');
}

}  // namespace detail

// `rows` lineitems with the orders and customers they need: about a quarter and a fortieth as many.
// Every value is drawn from Philox by position. O(rows). `rows` from 1 to 10^9.
template <class Loops>
Tables make_tables(std::uint64_t rows, std::uint64_t seed) {
  using detail::for_blocks;
  Tables tables;
  const std::size_t customers = static_cast<std::size_t>(std::max<std::uint64_t>(3, rows / 40));
  tables.customers.segment.resize(customers);
  tables.customers.nation.resize(customers);
  const Philox of_customer(seed, detail::kCustomerStream), of_order(seed, detail::kOrderStream);
  const Philox of_lines(seed, detail::kLineCountStream), of_item(seed, detail::kItemStream);
  for_blocks<Loops>(customers, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      tables.customers.segment[i] = static_cast<std::uint8_t>(of_customer.below(2 * i, 5));
      tables.customers.nation[i] = static_cast<std::uint8_t>(of_customer.below(2 * i + 1, 25));
    }
  });
  // Orders have 1 to 7 lines each; the last order is cut where the rows end.
  std::vector<std::uint64_t> first{0};
  for (std::size_t i = 0; first.back() < rows; ++i) {
    first.push_back(std::min<std::uint64_t>(rows, first.back() + 1 + of_lines.below(i, 7)));
  }
  Orders& orders = tables.orders;
  const std::size_t count = first.size() - 1;
  orders.key.resize(count);
  orders.customer.resize(count);
  orders.date.resize(count);
  constexpr std::uint64_t kLastOrder = day_of(1998, 8, 2);
  for_blocks<Loops>(count, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      orders.key[i] = static_cast<std::uint32_t>(i / 8 * 32 + i % 8 + 1);
      orders.date[i] = static_cast<std::uint16_t>(of_order.below(2 * i, kLastOrder + 1));
      // A third of the customers never order: the keys that 3 divides.
      const std::uint64_t pick = of_order.below(2 * i + 1, customers - customers / 3);
      orders.customer[i] = static_cast<std::uint32_t>(pick / 2 * 3 + pick % 2 + 1);
    }
  });
  LineItems& items = tables.items;
  for (auto* column : {&items.order, &items.part, &items.price}) column->resize(rows);
  for (auto* column : {&items.ship_date, &items.receipt_date}) column->resize(rows);
  for (auto* column : {&items.quantity, &items.discount, &items.mode}) column->resize(rows);
  for (auto* column : {&items.flag, &items.status}) column->resize(rows);
  for_blocks<Loops>(count, [&](std::size_t begin, std::size_t end) {
    for (std::size_t order = begin; order < end; ++order) {
      for (std::uint64_t row = first[order]; row < first[order + 1]; ++row) {
        items.order[row] = orders.key[order];
        detail::fill_item(items, row, orders.date[order], of_item.block(row));
      }
    }
  });
  return tables;
}

}  // namespace pel::apps::analytics

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apps/analytics/csv.hpp"
#include "apps/analytics/tables.hpp"

namespace pel::apps::analytics {

// The generated tables as the three CSV files that a user would have, and back. Dates are in the
// basic form of ISO 8601, 19950315.
struct TableTexts {
  std::string customers, orders, items;
  std::uint64_t bytes() const { return customers.size() + orders.size() + items.size(); }
};

namespace detail {

// Rows [begin, end) of a table as lines.
std::string customer_lines(const Customers& customers, std::size_t begin, std::size_t end);
std::string order_lines(const Orders& orders, std::size_t begin, std::size_t end);
std::string item_lines(const LineItems& items, std::size_t begin, std::size_t end);

// The day of a date in basic form, 19950315. Throws pel::Error for a number that is none.
std::uint16_t day_of_date(const Column& column, std::int64_t date);
// What each word of a text column stands for. Throws pel::Error for a word that stands for nothing.
std::vector<std::uint8_t> letters_of(const Column& column);
std::vector<std::uint8_t> places_in(const Column& column, const std::string_view* words,
                                    std::size_t count);

template <class Loops, class Lines>
std::string table_text(std::string_view header, std::size_t rows, Lines&& lines) {
  std::vector<std::string> parts((rows + kBlock - 1) / kBlock);
  Loops::for_each(parts.size(), [&](std::size_t b) {
    parts[b] = lines(b * kBlock, std::min(rows, (b + 1) * kBlock));
  });
  std::string text(header);
  std::size_t size = text.size();
  for (const std::string& part : parts) size += part.size();
  text.reserve(size);
  for (std::string& part : parts) {
    text += part;
    part = {};
  }
  return text;
}

// A text column: what `codes` has for each word.
template <class Loops, class T, class Code>
void take_column(const Table& table, const char* name, Array<T>& to,
                 const std::vector<Code>& codes) {
  const Column& column = table.columns[table.column(name)];
  to.resize(table.rows);
  for_blocks<Loops>(table.rows, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      to[i] = static_cast<T>(codes[static_cast<std::size_t>(column.values[i])]);
    }
  });
}
// A number column, narrowed.
template <class Loops, class T>
void take_column(const Table& table, const char* name, Array<T>& to) {
  const Column& column = table.columns[table.column(name)];
  to.resize(table.rows);
  for_blocks<Loops>(table.rows, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) to[i] = static_cast<T>(column.values[i]);
  });
}

template <class Loops>
void take_dates(const Table& table, const char* name, Array<std::uint16_t>& to) {
  const Column& column = table.columns[table.column(name)];
  to.resize(table.rows);
  for_blocks<Loops>(table.rows, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) to[i] = day_of_date(column, column.values[i]);
  });
}

}  // namespace detail

// The tables as CSV. O(rows).
template <class Loops>
TableTexts write_tables(const Tables& tables) {
  TableTexts texts;
  texts.customers = detail::table_text<Loops>(
      "key,segment,nation\n", tables.customers.size(), [&](std::size_t begin, std::size_t end) {
        return detail::customer_lines(tables.customers, begin, end);
      });
  texts.orders = detail::table_text<Loops>("key,customer,ordered\n", tables.orders.size(),
                                           [&](std::size_t begin, std::size_t end) {
                                             return detail::order_lines(tables.orders, begin, end);
                                           });
  texts.items = detail::table_text<Loops>(
      "order,part,quantity,price,discount,flag,status,shipped,received,mode\n", tables.items.size(),
      [&](std::size_t begin, std::size_t end) {
        return detail::item_lines(tables.items, begin, end);
      });
  return texts;
}

// The tables that write_tables() wrote. `done(n)` adds up to texts.bytes(). O(bytes).
template <class Loops, class Done>
Tables read_tables(const TableTexts& texts, Done&& done) {
  using detail::take_column;
  using detail::take_dates;
  Tables tables;
  const Table customers = parse_csv<Loops>(texts.customers, "customers", done);
  const auto column = [](const Table& table, const char* name) -> const Column& {
    return table.columns[table.column(name)];
  };
  take_column<Loops>(
      customers, "segment", tables.customers.segment,
      detail::places_in(column(customers, "segment"), kSegments.data(), kSegments.size()));
  take_column<Loops>(
      customers, "nation", tables.customers.nation,
      detail::places_in(column(customers, "nation"), kNations.data(), kNations.size()));
  const Table orders = parse_csv<Loops>(texts.orders, "orders", done);
  take_column<Loops>(orders, "key", tables.orders.key);
  take_column<Loops>(orders, "customer", tables.orders.customer);
  take_dates<Loops>(orders, "ordered", tables.orders.date);
  const Table items = parse_csv<Loops>(texts.items, "items", done);
  LineItems& to = tables.items;
  take_column<Loops>(items, "order", to.order);
  take_column<Loops>(items, "part", to.part);
  take_column<Loops>(items, "quantity", to.quantity);
  take_column<Loops>(items, "price", to.price);
  take_column<Loops>(items, "discount", to.discount);
  take_column<Loops>(items, "flag", to.flag, detail::letters_of(column(items, "flag")));
  take_column<Loops>(items, "status", to.status, detail::letters_of(column(items, "status")));
  take_dates<Loops>(items, "shipped", to.ship_date);
  take_dates<Loops>(items, "received", to.receipt_date);
  take_column<Loops>(items, "mode", to.mode,
                     detail::places_in(column(items, "mode"), kModes.data(), kModes.size()));
  return tables;
}

}  // namespace pel::apps::analytics

// SPDX-License-Identifier: Apache-2.0
#include "apps/analytics/exchange.hpp"

#include <charconv>

#include "pel/error.hpp"

namespace pel::apps::analytics::detail {
namespace {

constexpr std::size_t kDays = day_of(1999, 12, 31) + 1;

void add_number(std::string& text, std::uint32_t value) {
  char digits[10];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  text.append(digits, end);
}

// Two decimals, as money and shares have.
void add_hundredths(std::string& text, std::uint32_t value) {
  add_number(text, value / 100);
  text += '.';
  text += static_cast<char>('0' + value / 10 % 10);
  text += static_cast<char>('0' + value % 10);
}

std::vector<std::string> all_dates() {
  std::vector<std::string> dates(kDays);
  for (std::size_t day = 0; day < kDays; ++day) {
    dates[day] = date_text(static_cast<std::uint16_t>(day));
    std::erase(dates[day], '-');
  }
  return dates;
}
const std::string& date_at(std::size_t day) {
  static const std::vector<std::string> dates = all_dates();
  return dates[day];
}

[[noreturn]] void refuse(const Column& column, const std::string& word) {
  throw Error(column.name, "'" + word + "' has no meaning in this column");
}

}  // namespace

std::string customer_lines(const Customers& customers, std::size_t begin, std::size_t end) {
  std::string text;
  text.reserve((end - begin) * 32);
  for (std::size_t i = begin; i < end; ++i) {
    add_number(text, static_cast<std::uint32_t>(i + 1));
    text += ',';
    text += kSegments[customers.segment[i]];
    text += ',';
    text += kNations[customers.nation[i]];
    text += '\n';
  }
  return text;
}

std::string order_lines(const Orders& orders, std::size_t begin, std::size_t end) {
  std::string text;
  text.reserve((end - begin) * 32);
  for (std::size_t i = begin; i < end; ++i) {
    add_number(text, orders.key[i]);
    text += ',';
    add_number(text, orders.customer[i]);
    text += ',';
    text += date_at(orders.date[i]);
    text += '\n';
  }
  return text;
}

std::string item_lines(const LineItems& items, std::size_t begin, std::size_t end) {
  std::string text;
  text.reserve((end - begin) * 72);
  for (std::size_t i = begin; i < end; ++i) {
    add_number(text, items.order[i]);
    text += ',';
    add_number(text, items.part[i]);
    text += ',';
    add_number(text, items.quantity[i]);
    text += ',';
    add_hundredths(text, items.price[i]);
    text += ',';
    add_hundredths(text, items.discount[i]);
    text += ',';
    text += items.flag[i];
    text += ',';
    text += items.status[i];
    text += ',';
    text += date_at(items.ship_date[i]);
    text += ',';
    text += date_at(items.receipt_date[i]);
    text += ',';
    text += kModes[items.mode[i]];
    text += '\n';
  }
  return text;
}

std::uint16_t day_of_date(const Column& column, std::int64_t date) {
  const std::int64_t year = date / 10'000, month = date / 100 % 100, day = date % 100;
  const bool known = year >= 1992 && year <= 1999 && month >= 1 && month <= 12 && day >= 1;
  if (!known) refuse(column, std::to_string(date));
  const std::uint16_t first = day_of(static_cast<int>(year), static_cast<int>(month), 1);
  const int days =
      month == 12 ? 31 : day_of(static_cast<int>(year), static_cast<int>(month) + 1, 1) - first;
  if (day > days) refuse(column, std::to_string(date));
  return static_cast<std::uint16_t>(first + day - 1);
}

std::vector<std::uint8_t> letters_of(const Column& column) {
  std::vector<std::uint8_t> letters;
  for (const std::string& word : column.words) {
    if (word.size() != 1) refuse(column, word);
    letters.push_back(static_cast<std::uint8_t>(word[0]));
  }
  return letters;
}

std::vector<std::uint8_t> places_in(const Column& column, const std::string_view* words,
                                    std::size_t count) {
  std::vector<std::uint8_t> places;
  for (const std::string& word : column.words) {
    const std::string_view* found = std::find(words, words + count, word);
    if (found == words + count) refuse(column, word);
    places.push_back(static_cast<std::uint8_t>(found - words));
  }
  return places;
}

}  // namespace pel::apps::analytics::detail

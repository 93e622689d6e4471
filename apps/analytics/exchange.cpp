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

std::uint16_t date_of(const Column& column, const std::string& word) {
  int year = 0, month = 0, day = 0;
  const char* text = word.data();
  const auto number = [&](std::size_t at, std::size_t count, int& value) {
    const auto [end, error] = std::from_chars(text + at, text + at + count, value);
    return error == std::errc() && end == text + at + count;
  };
  const bool fits = word.size() == 10 && number(0, 4, year) && number(5, 2, month) &&
                    number(8, 2, day) && year >= 1992 && year <= 1999 && month >= 1 &&
                    month <= 12 && day >= 1 && day <= 31;
  if (!fits) refuse(column, word);
  const std::uint16_t days = day_of(year, month, day);
  if (date_at(days) != word) refuse(column, word);
  return days;
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

std::vector<std::uint16_t> dates_of(const Column& column) {
  std::vector<std::uint16_t> days;
  for (const std::string& word : column.words) days.push_back(date_of(column, word));
  return days;
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

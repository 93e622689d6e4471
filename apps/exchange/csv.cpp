// SPDX-License-Identifier: Apache-2.0
#include "apps/exchange/csv.hpp"

#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <unordered_map>

#include "pel/error.hpp"

namespace pel::apps {
namespace {

constexpr std::string_view kHeader = "account,symbol,action,quantity,price,order";
using Fields = std::array<std::string_view, 6>;

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return {};
  return value;
}

// "12", "12.3" or "12.34" in hundredths.
std::optional<std::int64_t> hundredths(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto units = whole(text.substr(0, dot));
  if (!units || *units < 0 || *units > kMaxPrice) return {};
  if (dot == std::string_view::npos) return *units * 100;
  const std::string_view decimals = text.substr(dot + 1);
  const auto rest = whole(decimals);
  if (!rest || *rest < 0 || decimals.size() > 2 || decimals[0] == '-') return {};
  return *units * 100 + (decimals.size() == 1 ? *rest * 10 : *rest);
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& origin) : text_(text), origin_(origin) {}

  OrderFlow parse() {
    if (next_line() != kHeader) fail("the first line is not '" + std::string(kHeader) + "'");
    while (!text_.empty()) {
      const std::string_view line = next_line();
      if (line.empty() && text_.empty()) break;
      flow_.orders.push_back(order(split(line)));
      if (flow_.orders.size() >= kMaxOrders) fail("more than 100 million orders");
    }
    if (flow_.orders.empty()) fail("no orders");
    return std::move(flow_);
  }

 private:
  static constexpr std::size_t kMaxOrders = 100'000'000;
  using Names = std::unordered_map<std::string, std::uint32_t>;

  [[noreturn]] void fail(const std::string& reason) const {
    throw Error(origin_ + ":" + std::to_string(line_), reason,
                "exchange reads " + std::string(kHeader));
  }
  std::string_view next_line() {
    ++line_;
    const std::size_t end = text_.find('\n');
    std::string_view line = text_.substr(0, end);
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    return line;
  }
  Fields split(std::string_view line) const {
    Fields fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::size_t comma = line.find(',');
      if ((comma == std::string_view::npos) != (i + 1 == fields.size())) fail("not six fields");
      fields[i] = line.substr(0, comma);
      line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
    }
    return fields;
  }
  std::uint32_t number(std::string_view name, Names& names, std::vector<std::string>& list) {
    if (name.empty()) fail("an empty name");
    const auto [place, is_new] =
        names.try_emplace(std::string(name), static_cast<std::uint32_t>(list.size()));
    if (is_new) list.emplace_back(name);
    if (list.size() > kMaxNames) fail("more than a million names");
    return place->second;
  }
  Action action(std::string_view text) const {
    constexpr std::string_view kWords[] = {"buy", "sell", "market-buy", "market-sell", "cancel"};
    for (std::size_t i = 0; i < std::size(kWords); ++i) {
      if (text == kWords[i]) return static_cast<Action>(i);
    }
    fail("action '" + std::string(text) + "' is not buy, sell, market-buy, market-sell or cancel");
  }

  Order order(const Fields& fields) {
    Order order;
    order.account = number(fields[0], accounts_, flow_.accounts);
    order.symbol = number(fields[1], symbols_, flow_.symbols);
    order.action = action(fields[2]);
    const bool cancels = order.action == Action::kCancel;
    const bool limit = order.action == Action::kBuy || order.action == Action::kSell;
    if (!cancels) order.quantity = quantity(fields[3]);
    if (limit) order.price = price(fields[4]);
    if (cancels) order.cancels = target(fields[5], order);
    if ((cancels && !fields[3].empty()) || (!limit && !fields[4].empty()) ||
        (!cancels && !fields[5].empty())) {
      fail("a field that '" + std::string(fields[2]) + "' does not have");
    }
    return order;
  }
  std::int64_t quantity(std::string_view text) const {
    const auto value = whole(text);
    if (!value || *value < 1 || *value > kMaxQuantity) {
      fail("quantity '" + std::string(text) + "' is not a whole number from 1 to 1000000000");
    }
    return *value;
  }
  std::int64_t price(std::string_view text) const {
    const auto value = hundredths(text);
    if (!value || *value < 1 || *value > kMaxPrice) {
      fail("price '" + std::string(text) + "' is not from 0.01 to 1000000.00");
    }
    return *value;
  }
  std::uint32_t target(std::string_view text, const Order& order) const {
    const auto value = whole(text);
    if (!value || *value < 1 || *value > static_cast<std::int64_t>(flow_.orders.size())) {
      fail("order '" + std::string(text) + "' is not the number of an earlier one");
    }
    const auto place = static_cast<std::uint32_t>(*value - 1);
    const Order& of = flow_.orders[place];
    if (of.price == 0) fail("order " + std::to_string(*value) + " is no limit order");
    if (of.account != order.account || of.symbol != order.symbol) {
      fail("order " + std::to_string(*value) + " is of another account or symbol");
    }
    return place;
  }

  std::string_view text_;
  const std::string& origin_;
  std::size_t line_ = 0;
  OrderFlow flow_;
  Names accounts_;
  Names symbols_;
};

}  // namespace

const char* word(Status status) noexcept {
  constexpr const char* kWords[] = {"rested", "filled", "partly", "rejected", "cancelled", "gone"};
  return kWords[static_cast<std::size_t>(status)];
}

OrderFlow parse_orders(std::string_view text, const std::string& origin) {
  return Parser(text, origin).parse();
}

std::vector<std::uint8_t> write_outcomes(std::span<const Outcome> outcomes) {
  std::string text = "order,status,filled,value\n";
  const auto number = [&](auto value) {
    char digits[24];
    text.append(digits, std::to_chars(std::begin(digits), std::end(digits), value).ptr);
  };
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const Outcome& outcome = outcomes[i];
    const std::int64_t cents = outcome.value % 100;
    number(i + 1);
    text += ',';
    text += word(outcome.status);
    text += ',';
    number(outcome.filled);
    text += ',';
    number(outcome.value / 100);
    text += cents < 10 ? ".0" : ".";
    number(cents);
    text += '\n';
  }
  return {text.begin(), text.end()};
}

}  // namespace pel::apps

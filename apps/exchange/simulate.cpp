// SPDX-License-Identifier: Apache-2.0
#include "apps/exchange/simulate.hpp"

#include <algorithm>
#include <string>

#include "pel/random.hpp"

namespace pel::apps {
namespace {

constexpr std::uint64_t kAccounts = 2'000;
constexpr std::uint64_t kSymbols = 64;
constexpr std::uint64_t kDraws = 8;  // random numbers of one order

std::vector<std::string> numbered(char letter, std::uint64_t count) {
  std::vector<std::string> names(count, std::string(1, letter));
  for (std::uint64_t i = 0; i < count; ++i) names[i] += std::to_string(i);
  return names;
}

}  // namespace

OrderFlow simulate_orders(std::uint64_t orders, std::uint64_t seed) {
  const Philox random(seed, 0x65786368);
  OrderFlow flow;
  flow.accounts = numbered('A', kAccounts);
  flow.symbols = numbered('S', kSymbols);
  flow.orders.reserve(orders);
  std::vector<std::int64_t> prices(kSymbols, 10'000);
  std::vector<std::uint32_t> limits;  // positions of limit orders
  for (std::uint64_t i = 0; i < orders; ++i) {
    const auto draw = [&](std::uint64_t k, std::uint64_t n) {
      return random.below(kDraws * i + k, n);
    };
    const std::uint64_t kind = draw(0, 100);
    Order order;
    if (kind < 8 && !limits.empty()) {
      const std::uint64_t back = draw(1, std::min<std::uint64_t>(limits.size(), 4'000));
      const std::uint32_t place = limits[limits.size() - 1 - back];
      order.account = flow.orders[place].account;
      order.symbol = flow.orders[place].symbol;
      order.action = Action::kCancel;
      order.cancels = place;
      flow.orders.push_back(order);
      continue;
    }
    order.account = static_cast<std::uint32_t>(draw(1, kAccounts));
    // The smaller of two draws: low numbers are traded more.
    order.symbol = static_cast<std::uint32_t>(std::min(draw(2, kSymbols), draw(3, kSymbols)));
    order.quantity = static_cast<std::int64_t>(1 + draw(4, 100));
    const bool buys = draw(5, 2) == 0;
    if (kind < 12) {
      order.action = buys ? Action::kMarketBuy : Action::kMarketSell;
    } else {
      std::int64_t& price = prices[order.symbol];
      price = std::max<std::int64_t>(1'000, price + static_cast<std::int64_t>(draw(6, 5)) - 2);
      const auto away = static_cast<std::int64_t>(draw(7, 40)) - 8;
      order.action = buys ? Action::kBuy : Action::kSell;
      order.price = buys ? price - away : price + away;
      limits.push_back(static_cast<std::uint32_t>(i));
    }
    flow.orders.push_back(order);
  }
  return flow;
}

}  // namespace pel::apps

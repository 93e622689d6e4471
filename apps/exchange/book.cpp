// SPDX-License-Identifier: Apache-2.0
#include "apps/exchange/book.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>

#include "pel/error.hpp"

namespace pel::apps {
namespace {

struct Resting {
  std::size_t order;
  std::int64_t left;
};

// Levels in the order in which the other side takes them.
struct Book {
  std::map<std::int64_t, std::deque<Resting>, std::greater<>> bids;
  std::map<std::int64_t, std::deque<Resting>> asks;
};

class Exchange {
 public:
  explicit Exchange(const OrderFlow& flow)
      : flow_(flow),
        cash_(flow.accounts.size(), kOpeningCash),
        held_(flow.accounts.size() * flow.symbols.size(), kOpeningHolding),
        books_(flow.symbols.size()) {}

  std::vector<Outcome> run() {
    std::vector<Outcome> outcomes;
    outcomes.reserve(flow_.orders.size());
    for (std::size_t i = 0; i < flow_.orders.size(); ++i) outcomes.push_back(execute(i));
    check_nothing_lost();
    return outcomes;
  }

 private:
  std::int64_t& held(const Order& order) {
    return held_[order.account * flow_.symbols.size() + order.symbol];
  }

  Outcome execute(std::size_t i) {
    const Order& order = flow_.orders[i];
    Book& book = books_[order.symbol];
    std::int64_t& cash = cash_[order.account];
    switch (order.action) {
      case Action::kBuy: {
        if (cash < order.price * order.quantity) return {};
        cash -= order.price * order.quantity;
        const Outcome fill = buy(book.asks, order, order.price, false);
        cash += order.price * fill.filled - fill.value;
        return rest(fill, order, book.bids, i);
      }
      case Action::kSell: {
        if (held(order) < order.quantity) return {};
        held(order) -= order.quantity;
        const Outcome fill = sell(book.bids, order, order.price);
        return rest(fill, order, book.asks, i);
      }
      case Action::kMarketBuy: {
        const Outcome fill = buy(book.asks, order, kMaxPrice, true);
        cash -= fill.value;
        return fill;
      }
      case Action::kMarketSell: {
        if (held(order) < order.quantity) return {};
        const Outcome fill = sell(book.bids, order, 0);
        held(order) -= fill.filled;
        return fill;
      }
      default:
        return cancel(order);
    }
  }

  template <class Levels>
  static Outcome rest(Outcome fill, const Order& order, Levels& levels, std::size_t i) {
    if (fill.filled == order.quantity) return fill;
    levels[order.price].push_back({i, order.quantity - fill.filled});
    fill.status = Status::kRested;
    return fill;
  }
  static Outcome closed(Outcome fill, const Order& order) {
    fill.status = fill.filled == order.quantity ? Status::kFilled : Status::kPartly;
    return fill;
  }

  Outcome buy(std::map<std::int64_t, std::deque<Resting>>& asks, const Order& order,
              std::int64_t limit, bool from_cash) {
    Outcome fill;
    // A market order spends what the account had before it.
    const std::int64_t budget = from_cash ? cash_[order.account] : INT64_MAX;
    while (!asks.empty() && asks.begin()->first <= limit && fill.filled < order.quantity) {
      const std::int64_t price = asks.begin()->first;
      std::deque<Resting>& queue = asks.begin()->second;
      Resting& maker = queue.front();
      const std::int64_t affordable = (budget - fill.value) / price;
      const std::int64_t trade = std::min({maker.left, order.quantity - fill.filled, affordable});
      if (trade == 0) break;
      cash_[flow_.orders[maker.order].account] += trade * price;
      held(order) += trade;
      fill.filled += trade;
      fill.value += trade * price;
      maker.left -= trade;
      if (maker.left == 0) queue.pop_front();
      if (queue.empty()) asks.erase(asks.begin());
    }
    return closed(fill, order);
  }

  Outcome sell(std::map<std::int64_t, std::deque<Resting>, std::greater<>>& bids,
               const Order& order, std::int64_t limit) {
    Outcome fill;
    while (!bids.empty() && bids.begin()->first >= limit && fill.filled < order.quantity) {
      const std::int64_t price = bids.begin()->first;
      std::deque<Resting>& queue = bids.begin()->second;
      Resting& maker = queue.front();
      const std::int64_t trade = std::min(maker.left, order.quantity - fill.filled);
      held(flow_.orders[maker.order]) += trade;
      cash_[order.account] += trade * price;
      fill.filled += trade;
      fill.value += trade * price;
      maker.left -= trade;
      if (maker.left == 0) queue.pop_front();
      if (queue.empty()) bids.erase(bids.begin());
    }
    return closed(fill, order);
  }

  template <class Levels>
  static std::int64_t take_out(Levels& levels, std::int64_t price, std::size_t order) {
    const auto at = levels.find(price);
    if (at == levels.end()) return 0;
    for (auto it = at->second.begin(); it != at->second.end(); ++it) {
      if (it->order != order) continue;
      const std::int64_t left = it->left;
      at->second.erase(it);
      if (at->second.empty()) levels.erase(at);
      return left;
    }
    return 0;
  }
  Outcome cancel(const Order& order) {
    const Order& target = flow_.orders[order.cancels];
    Book& book = books_[order.symbol];
    const bool bought = target.action == Action::kBuy;
    const std::int64_t left = bought ? take_out(book.bids, target.price, order.cancels)
                                     : take_out(book.asks, target.price, order.cancels);
    if (left == 0) return {Status::kGone, 0, 0};
    if (bought) {
      cash_[order.account] += target.price * left;
    } else {
      held(order) += left;
    }
    return {Status::kCancelled, left, 0};
  }

  void check_nothing_lost() const {
    std::int64_t cash = 0;
    std::int64_t held = 0;
    for (const std::int64_t amount : cash_) cash += amount;
    for (const std::int64_t amount : held_) held += amount;
    for (const Book& book : books_) {
      for (const auto& [price, queue] : book.bids) {
        for (const Resting& maker : queue) cash += price * maker.left;
      }
      for (const auto& [price, queue] : book.asks) {
        for (const Resting& maker : queue) held += maker.left;
      }
    }
    if (cash != kOpeningCash * static_cast<std::int64_t>(cash_.size()) ||
        held != kOpeningHolding * static_cast<std::int64_t>(held_.size())) {
      throw Error("plain book", "cash or holdings got lost");
    }
  }

  const OrderFlow& flow_;
  std::vector<std::int64_t> cash_;
  std::vector<std::int64_t> held_;
  std::vector<Book> books_;
};

}  // namespace

std::vector<Outcome> plain_book(const OrderFlow& flow) { return Exchange(flow).run(); }

}  // namespace pel::apps

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "apps/exchange/order.hpp"

namespace pel::apps {

// What the exchange keeps under one key: three numbers, whose meaning the key's kind says.
struct Entry {
  std::int64_t a = 0;
  std::int64_t b = 0;
  std::int64_t c = 0;
  friend bool operator==(const Entry&, const Entry&) = default;
  friend Entry operator+(const Entry& x, const Entry& y) noexcept {
    return {x.a + y.a, x.b + y.b, x.c + y.c};
  }
};

// Keys: {kind:4, side:1, number:31, number:28} in 64 bits. Orders and prices are numbered from 1,
// so that 0 says "none".
//   cash     (account)              a: cents that are not reserved
//   held     (account, symbol)      a: units that are not reserved
//   order    (order)                a: what rests, b: the next order of its level
//   level    (symbol, side, price)  a, b: first and last order
//   mask     (symbol, side, block)  a, b: 128 bits, which prices, or which blocks, have orders
//   best     (symbol, side)         a: price
enum class Kind : std::uint64_t { kCash, kHeld, kOrder, kLevel, kMask, kBest };
enum class Side : std::uint64_t { kBid, kAsk };

constexpr std::uint64_t entry_key(Kind kind, std::uint64_t x, std::uint64_t y = 0,
                                  Side side = Side::kBid) noexcept {
  return static_cast<std::uint64_t>(kind) << 60 | static_cast<std::uint64_t>(side) << 59 | x << 28 |
         y;
}

// The value of a key before the first order.
constexpr Entry opening(std::uint64_t key) noexcept {
  const auto kind = static_cast<Kind>(key >> 60);
  if (kind == Kind::kCash) return {kOpeningCash, 0, 0};
  if (kind == Kind::kHeld) return {kOpeningHolding, 0, 0};
  return {};
}

// 128 bits in an entry.
struct Mask {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  static constexpr int kBits = 7;  // of a position
  static constexpr std::uint64_t kLast = (1u << kBits) - 1;

  static Mask of(const Entry& entry) noexcept {
    return {static_cast<std::uint64_t>(entry.a), static_cast<std::uint64_t>(entry.b)};
  }
  Entry entry() const noexcept {
    return {static_cast<std::int64_t>(low), static_cast<std::int64_t>(high), 0};
  }
  bool empty() const noexcept { return (low | high) == 0; }
  void set(std::uint64_t at) noexcept { (at < 64 ? low : high) |= std::uint64_t{1} << (at & 63); }
  void clear(std::uint64_t at) noexcept {
    (at < 64 ? low : high) &= ~(std::uint64_t{1} << (at & 63));
  }
  // Those above or below a position.
  Mask above(std::uint64_t at) const noexcept {
    const std::uint64_t rest = ~std::uint64_t{1} << (at & 63);
    return at < 64 ? Mask{low & rest, high} : Mask{0, high & rest};
  }
  Mask below(std::uint64_t at) const noexcept {
    const std::uint64_t rest = (std::uint64_t{1} << (at & 63)) - 1;
    return at < 64 ? Mask{low & rest, 0} : Mask{low, high & rest};
  }
  // Of a mask that is not empty.
  std::uint64_t first() const noexcept {
    return static_cast<std::uint64_t>(low != 0 ? std::countr_zero(low)
                                               : 64 + std::countr_zero(high));
  }
  std::uint64_t last() const noexcept {
    return static_cast<std::uint64_t>(high != 0 ? 127 - std::countl_zero(high)
                                                : 63 - std::countl_zero(low));
  }
};

// Which prices of one side of a symbol have orders: a tree of masks, four deep. O(1) accesses, one
// where prices are close together. View as for Matching.
template <class View>
class PriceSet {
 public:
  PriceSet(View& view, std::uint32_t symbol, Side side) noexcept
      : view_(view), symbol_(symbol), side_(side) {}

  void insert(std::int64_t price) {
    auto at = static_cast<std::uint64_t>(price);
    bool was_empty = true;
    for (std::uint64_t depth = 0; depth < kDepth && was_empty; ++depth, at >>= Mask::kBits) {
      view_.update(key(depth, at >> Mask::kBits), [&](const Entry& entry) {
        Mask mask = Mask::of(entry);
        was_empty = mask.empty();
        mask.set(at & Mask::kLast);
        return mask.entry();
      });
    }
  }
  void erase(std::int64_t price) {
    auto at = static_cast<std::uint64_t>(price);
    bool is_empty = true;
    for (std::uint64_t depth = 0; depth < kDepth && is_empty; ++depth, at >>= Mask::kBits) {
      view_.update(key(depth, at >> Mask::kBits), [&](const Entry& entry) {
        Mask mask = Mask::of(entry);
        mask.clear(at & Mask::kLast);
        is_empty = mask.empty();
        return mask.entry();
      });
    }
  }
  // The next price behind this one, the worse one for who takes from this side; 0: there is none.
  std::int64_t behind(std::int64_t price) {
    auto at = static_cast<std::uint64_t>(price);
    for (std::uint64_t depth = 0; depth < kDepth; ++depth, at >>= Mask::kBits) {
      const Mask mask = Mask::of(view_.read(key(depth, at >> Mask::kBits)));
      const std::uint64_t place = at & Mask::kLast;
      const Mask rest = side_ == Side::kAsk ? mask.above(place) : mask.below(place);
      if (!rest.empty()) return nearest(depth, at >> Mask::kBits, rest);
    }
    return 0;
  }

 private:
  static constexpr std::uint64_t kDepth = 4;
  static_assert(kMaxPrice < std::int64_t{1} << (kDepth * Mask::kBits));

  std::uint64_t key(std::uint64_t depth, std::uint64_t block) const noexcept {
    return entry_key(Kind::kMask, symbol_, depth << 24 | block, side_);
  }
  std::int64_t nearest(std::uint64_t depth, std::uint64_t block, Mask mask) {
    while (true) {
      const std::uint64_t at =
          block << Mask::kBits | (side_ == Side::kAsk ? mask.first() : mask.last());
      if (depth == 0) return static_cast<std::int64_t>(at);
      --depth;
      block = at;
      mask = Mask::of(view_.read(key(depth, block)));
    }
  }

  View& view_;
  const std::uint32_t symbol_;
  const Side side_;
};

// One order on a book that is seen through View: read, write, update, add, test as of
// pel::SpeculationView<std::uint64_t, Entry>. Price-time priority; trades are at the resting
// order's price. Reads are exact but for funds ("at least"); what trades give is added, so that an
// account's many orders do not wait for each other.
template <class View>
class Matching {
 public:
  Matching(const OrderFlow& flow, View& view) : orders_(flow.orders), view_(view) {}

  Outcome execute(std::size_t i) {
    const Order& order = orders_[i];
    switch (order.action) {
      case Action::kBuy:
      case Action::kSell:
        return limit(i, order);
      case Action::kMarketBuy:
        return market_buy(order);
      case Action::kMarketSell:
        return market_sell(order);
      default:
        return cancel(order);
    }
  }

 private:
  struct Fill {
    std::int64_t filled = 0;
    std::int64_t value = 0;
  };

  static std::uint64_t cash(std::uint32_t account) { return entry_key(Kind::kCash, account); }
  static std::uint64_t held(std::uint32_t account, std::uint32_t symbol) {
    return entry_key(Kind::kHeld, account, symbol);
  }
  static std::uint64_t resting(std::int64_t number) {
    return entry_key(Kind::kOrder, static_cast<std::uint64_t>(number));
  }
  static std::uint64_t level(std::uint32_t symbol, Side side, std::int64_t price) {
    return entry_key(Kind::kLevel, symbol, static_cast<std::uint64_t>(price), side);
  }
  static std::uint64_t best(std::uint32_t symbol, Side side) {
    return entry_key(Kind::kBest, symbol, 0, side);
  }

  bool has(std::uint64_t key, std::int64_t amount) {
    return view_.test(key, [amount](const Entry& entry) { return entry.a >= amount; });
  }
  void give(std::uint64_t key, std::int64_t amount) {
    if (amount != 0) view_.add(key, {amount, 0, 0});
  }

  Outcome limit(std::size_t i, const Order& order) {
    const bool buys = order.action == Action::kBuy;
    const std::uint64_t funds = buys ? cash(order.account) : held(order.account, order.symbol);
    const std::int64_t needed = buys ? order.price * order.quantity : order.quantity;
    if (!has(funds, needed)) return {};
    give(funds, -needed);
    const Fill fill = match(order, order.quantity, order.price, kNoBudget);
    if (buys) {
      give(cash(order.account), order.price * fill.filled - fill.value);
      give(held(order.account, order.symbol), fill.filled);
    } else {
      give(cash(order.account), fill.value);
    }
    const std::int64_t rest = order.quantity - fill.filled;
    if (rest == 0) return {Status::kFilled, fill.filled, fill.value};
    put(static_cast<std::int64_t>(i) + 1, order, rest);
    return {Status::kRested, fill.filled, fill.value};
  }

  Outcome market_buy(const Order& order) {
    const std::int64_t budget = view_.read(cash(order.account)).a;
    const Fill fill = match(order, order.quantity, kMaxPrice, budget);
    give(cash(order.account), -fill.value);
    give(held(order.account, order.symbol), fill.filled);
    return {fill.filled == order.quantity ? Status::kFilled : Status::kPartly, fill.filled,
            fill.value};
  }

  Outcome market_sell(const Order& order) {
    if (!has(held(order.account, order.symbol), order.quantity)) return {};
    const Fill fill = match(order, order.quantity, 1, kNoBudget);
    give(held(order.account, order.symbol), -fill.filled);
    give(cash(order.account), fill.value);
    return {fill.filled == order.quantity ? Status::kFilled : Status::kPartly, fill.filled,
            fill.value};
  }

  // The order stays in its level's list with nothing left; who comes to it takes it off.
  Outcome cancel(const Order& order) {
    const Order& target = orders_[order.cancels];
    const std::uint64_t key = resting(std::int64_t{order.cancels} + 1);
    const Entry entry = view_.read(key);
    if (entry.a == 0) return {Status::kGone, 0, 0};
    view_.write(key, {0, entry.b, 0});
    if (target.action == Action::kBuy) {
      give(cash(target.account), target.price * entry.a);
    } else {
      give(held(target.account, target.symbol), entry.a);
    }
    return {Status::kCancelled, entry.a, 0};
  }

  static bool buys(const Order& order) {
    return order.action == Action::kBuy || order.action == Action::kMarketBuy;
  }

  // Takes up to `wanted` from the other side at `limit` or better, for at most `budget` cents.
  Fill match(const Order& order, std::int64_t wanted, std::int64_t limit, std::int64_t budget) {
    const bool buying = buys(order);
    const Side side = buying ? Side::kAsk : Side::kBid;
    const std::uint64_t best_key = best(order.symbol, side);
    Fill fill;
    std::int64_t price = view_.read(best_key).a;
    const std::int64_t first = price;
    while (price != 0 && (buying ? price <= limit : price >= limit) && fill.filled < wanted) {
      const std::uint64_t level_key = level(order.symbol, side, price);
      const Entry before = view_.read(level_key);
      Entry now = before;
      const std::int64_t affordable = std::min(wanted - fill.filled, (budget - fill.value) / price);
      const std::int64_t taken = sweep(now, price, buying, affordable);
      fill.filled += taken;
      fill.value += taken * price;
      if (now.a != 0) {
        if (now != before) view_.write(level_key, now);
        break;
      }
      view_.write(level_key, {});
      PriceSet<View> prices(view_, order.symbol, side);
      prices.erase(price);
      price = prices.behind(price);
    }
    if (price != first) view_.write(best_key, {price, 0, 0});
    return fill;
  }

  // Takes from the orders of one level, oldest first; those that are used up leave the list.
  std::int64_t sweep(Entry& at, std::int64_t price, bool buying, std::int64_t wanted) {
    std::int64_t taken = 0;
    while (at.a != 0) {
      const std::uint64_t key = resting(at.a);
      Entry entry = view_.read(key);
      const std::int64_t trade = std::min(entry.a, wanted - taken);
      if (trade != 0) {
        const Order& maker = orders_[static_cast<std::size_t>(at.a - 1)];
        if (buying) {
          give(cash(maker.account), trade * price);
        } else {
          give(held(maker.account, maker.symbol), trade);
        }
        entry.a -= trade;
        taken += trade;
        view_.write(key, entry);
      }
      if (entry.a != 0) break;
      at.a = entry.b;
    }
    return taken;
  }

  // Puts the rest of a limit order at the end of its level, which it makes if there is none.
  void put(std::int64_t number, const Order& order, std::int64_t rest) {
    const Side side = order.action == Action::kBuy ? Side::kBid : Side::kAsk;
    view_.write(resting(number), {rest, 0, 0});
    const std::uint64_t key = level(order.symbol, side, order.price);
    const Entry at = view_.read(key);
    view_.write(key, {at.a != 0 ? at.a : number, number, 0});
    if (at.a != 0) {
      view_.update(resting(at.b), [&](const Entry& last) { return Entry{last.a, number, 0}; });
      return;
    }
    PriceSet<View>(view_, order.symbol, side).insert(order.price);
    const std::int64_t known = view_.read(best(order.symbol, side)).a;
    const bool better = side == Side::kBid ? order.price > known : order.price < known;
    if (known == 0 || better) view_.write(best(order.symbol, side), {order.price, 0, 0});
  }

  static constexpr std::int64_t kNoBudget = INT64_MAX;

  const std::vector<Order>& orders_;
  View& view_;
};

}  // namespace pel::apps

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pel::apps {

enum class Action : std::uint8_t { kBuy, kSell, kMarketBuy, kMarketSell, kCancel };

// One row of the input. Prices and cash are in cents.
struct Order {
  std::uint32_t account = 0;  // positions in the lists of names
  std::uint32_t symbol = 0;
  Action action = Action::kBuy;
  std::int64_t quantity = 0;  // 1 to kMaxQuantity; 0 for a cancel
  std::int64_t price = 0;     // 1 to kMaxPrice; limit orders only
  std::uint32_t cancels = 0;  // position of an earlier limit order of the same account
};

struct OrderFlow {
  std::vector<std::string> accounts;
  std::vector<std::string> symbols;
  std::vector<Order> orders;
};

// What every account begins with: this much cash, and this many of each symbol.
inline constexpr std::int64_t kOpeningCash = 100'000'000;
inline constexpr std::int64_t kOpeningHolding = 10'000;

inline constexpr std::int64_t kMaxQuantity = 1'000'000'000;
inline constexpr std::int64_t kMaxPrice = 100'000'000;
inline constexpr std::size_t kMaxNames = 1u << 20;

enum class Status : std::uint8_t {
  kRested,     // what was not filled at once is in the book
  kFilled,     // all of it
  kPartly,     // a market order that found too few orders or too little cash
  kRejected,   // more cash or holdings than the account has
  kCancelled,  // by this row: the order's rest is out of the book
  kGone,       // a cancel that came too late
};

struct Outcome {
  Status status = Status::kRejected;
  std::int64_t filled = 0;  // at once; for a cancel: what was taken out of the book
  std::int64_t value = 0;   // cents that changed hands for it
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

const char* word(Status status) noexcept;

}  // namespace pel::apps

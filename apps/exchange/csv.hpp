// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/exchange/order.hpp"

namespace pel::apps {

// Orders as CSV. The first line is
//
//   account,symbol,action,quantity,price,order
//
// and each further line one order, in the order of arrival. action is buy, sell (limit orders;
// price is in units of cash with at most two decimals), market-buy, market-sell (no price) or
// cancel (no quantity or price; `order` is the number of an earlier limit order of the same account
// and symbol, the first being 1). Names hold no comma. O(rows). Throws pel::Error, its place being
// "origin:line".
OrderFlow parse_orders(std::string_view text, const std::string& origin);

// order,status,filled,value: what became of each order, value in units of cash.
std::vector<std::uint8_t> write_outcomes(std::span<const Outcome> outcomes);

}  // namespace pel::apps

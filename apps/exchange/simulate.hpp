// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "apps/exchange/order.hpp"

namespace pel::apps {

// Orders of 2,000 accounts in 64 symbols, a few of which see most of the trade: limit orders around
// a price that wanders, market orders and cancels. A function of (orders, seed).
OrderFlow simulate_orders(std::uint64_t orders, std::uint64_t seed);

}  // namespace pel::apps

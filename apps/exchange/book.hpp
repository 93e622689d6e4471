// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "apps/exchange/order.hpp"

namespace pel::apps {

// What becomes of each order, by a plain serial book of ordered maps and queues that shares nothing
// with exchange.hpp: the judge of the workload. Throws pel::Error if cash or holdings get lost.
std::vector<Outcome> plain_book(const OrderFlow& flow);

}  // namespace pel::apps

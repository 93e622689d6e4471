// SPDX-License-Identifier: Apache-2.0
#include "apps/exchange/exchange.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "apps/exchange/book.hpp"
#include "apps/exchange/csv.hpp"
#include "apps/exchange/simulate.hpp"
#include "base/files.hpp"
#include "pel/random.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/workload.hpp"

namespace pel::apps {
namespace {

std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

// The book by hand: price before time, the resting order's price, market orders, cancels.
TEST(Exchange, PriceTimePriority) {
  const std::string csv =
      "account,symbol,action,quantity,price,order\n"
      "a,X,sell,10,10.02,\n"
      "b,X,sell,10,10.01,\n"
      "c,X,sell,10,10.01,\n"
      "d,X,buy,15,10.01,\n"    // all of b, half of c
      "d,X,buy,5,9.99,\n"      // rests
      "a,X,market-sell,7,,\n"  // 5 from d, nobody else
      "c,X,cancel,,,3\n"       // 5 left
      "c,X,cancel,,,3\n"       // gone
      "d,X,market-buy,11,,\n"  // 10 from a
      "e,X,sell,10001,1,\n"    // has 10,000
      "e,X,buy,1,1000000,\n"   // all its cash, and nobody sells
      "e,X,buy,1,0.01,\n";     // nothing left
  const std::string expected =
      "order,status,filled,value\n"
      "1,rested,0,0.00\n"
      "2,rested,0,0.00\n"
      "3,rested,0,0.00\n"
      "4,filled,15,150.15\n"
      "5,rested,0,0.00\n"
      "6,partly,5,49.95\n"
      "7,cancelled,5,0.00\n"
      "8,gone,0,0.00\n"
      "9,partly,10,100.20\n"
      "10,rejected,0,0.00\n"
      "11,rested,0,0.00\n"
      "12,rejected,0,0.00\n";
  const test::ScratchFolder scratch;
  const std::string path = scratch.path("orders.csv");
  base::write_text(path, csv);
  WorkloadConfig config;
  config.files = {path};
  const auto workload = test::loaded_workload("exchange", config);
  EXPECT_EQ(text_of(workload->run_plain().bytes), expected);
  EXPECT_EQ(text_of(test::bytes_with(*workload, 2)), expected);
  EXPECT_EQ(text_of(write_outcomes(plain_book(parse_orders(csv, path)))), expected);
}

TEST(Exchange, SameBytesForAnyNumberOfWorkersAndAsThePlainBook) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const auto workload = test::loaded_workload("exchange", 20'000, seed);
    const auto plain = workload->run_plain();
    EXPECT_TRUE(workload->check(plain).passed) << workload->check(plain).detail;
    for (const int workers : {0, 1, 2, 3, 8}) {
      EXPECT_EQ(test::bytes_with(*workload, workers), plain.bytes) << workers << " workers";
    }
  }
}

// Entries in a map, to look at parts of the book by themselves.
struct MapView {
  Entry read(std::uint64_t key) { return entries[key]; }
  template <class Change>
  void update(std::uint64_t key, Change change) {
    entries[key] = change(std::as_const(entries[key]));
  }
  std::map<std::uint64_t, Entry> entries;
};

// Prices side by side and as far apart as prices can be.
TEST(Exchange, PricesAreFoundInOrder) {
  for (const Side side : {Side::kBid, Side::kAsk}) {
    const Philox random(7, static_cast<std::uint64_t>(side));
    MapView view;
    PriceSet<MapView> prices(view, 3, side);
    std::set<std::int64_t> expected;
    for (std::uint64_t turn = 0; turn < 3'000; ++turn) {
      const std::uint64_t range = turn % 3 == 0 ? kMaxPrice : turn % 3 == 1 ? 300 : 20'000;
      const auto price = static_cast<std::int64_t>(1 + random.below(3 * turn, range));
      if (random.below(3 * turn + 1, 2) == 0) {
        prices.insert(price);
        expected.insert(price);
      } else {
        prices.erase(price);
        expected.erase(price);
      }
      const auto from = static_cast<std::int64_t>(1 + random.below(3 * turn + 2, range));
      std::int64_t behind = 0;
      if (side == Side::kAsk) {
        const auto at = expected.upper_bound(from);
        if (at != expected.end()) behind = *at;
      } else {
        const auto at = expected.lower_bound(from);
        if (at != expected.begin()) behind = *std::prev(at);
      }
      ASSERT_EQ(prices.behind(from), behind) << from;
    }
    for (const std::int64_t price : expected) prices.erase(price);
    for (const auto& [key, entry] : view.entries) EXPECT_EQ(entry, Entry{});
  }
}

TEST(Exchange, TheCheckFindsAnOrderThatWasServedOutOfTurn) {
  const auto workload = test::loaded_workload("exchange", 3000, 1);
  WorkloadResult result = workload->run_plain();
  std::string text = text_of(result.bytes);
  const std::size_t at = text.find("filled,");
  text[text.find(',', at) + 1] ^= 1;
  result.bytes.assign(text.begin(), text.end());
  EXPECT_FALSE(workload->check(result).passed);
}

TEST(Exchange, GeneratedOrdersUseEveryStatus) {
  std::vector<int> seen(6);
  for (const Outcome& outcome : plain_book(simulate_orders(60'000, 1))) {
    ++seen[static_cast<std::size_t>(outcome.status)];
  }
  for (const Status status :
       {Status::kRested, Status::kFilled, Status::kCancelled, Status::kGone}) {
    EXPECT_GT(seen[static_cast<std::size_t>(status)], 0) << word(status);
  }
}

}  // namespace
}  // namespace pel::apps

// SPDX-License-Identifier: Apache-2.0
#include "ledger/state/shared_map.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace pel::ledger {
namespace {

using Map = SharedMap<std::uint64_t, std::uint64_t>;

TEST(SharedMap, PositionsAreInOrderOfInsertionAndStayWhenItGrows) {
  Map map;
  EXPECT_EQ(map.position(7), Map::kNone);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    ASSERT_EQ(map.insert(i * i), i);
    map.at(static_cast<Map::Position>(i)).value = i;
  }
  const std::uint64_t* const first = &map.at(0).value;
  for (std::uint64_t i = 5000; i < 20000; ++i) map.insert(i * i);
  EXPECT_EQ(first, &map.at(0).value);
  for (std::uint64_t i = 0; i < 20000; ++i) {
    ASSERT_EQ(map.position(i * i), i);
    ASSERT_EQ(map.insert(i * i), i);
    ASSERT_EQ(map.at(static_cast<Map::Position>(i)).value, i < 5000 ? i : 0);
  }
  EXPECT_EQ(map.size(), 20000u);
  EXPECT_EQ(map.position(3), Map::kNone);
}

TEST(SharedMap, ClearForgetsAllAndValuesStartAnew) {
  Map map;
  for (int round = 0; round < 3; ++round) {
    for (std::uint64_t i = 0; i < 3000; ++i) {
      const auto at = map.insert(i + static_cast<std::uint64_t>(round));
      ASSERT_EQ(at, i);
      ASSERT_EQ(map.at(at).value, 0u);
      map.at(at).value = 1;
    }
    map.clear();
    EXPECT_EQ(map.size(), 0u);
    EXPECT_EQ(map.position(1), Map::kNone);
  }
}

// Four threads add overlapping keys: each key has one position, at which all of them find it.
TEST(SharedMap, ManyMayAddAtOnce) {
  constexpr std::uint64_t kThreads = 4;
  constexpr std::uint64_t kKeys = 20000;
  Map map;
  std::vector<std::vector<Map::Position>> seen(kThreads, std::vector<Map::Position>(kKeys));
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < kKeys; ++i) {
        const std::uint64_t key = t % 2 == 0 ? i : kKeys - 1 - i;
        seen[t][key] = map.insert(key);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(map.size(), kKeys);
  std::vector<bool> taken(kKeys);
  for (std::uint64_t key = 0; key < kKeys; ++key) {
    const Map::Position at = seen[0][key];
    ASSERT_LT(at, kKeys);
    EXPECT_FALSE(taken[at]);
    taken[at] = true;
    EXPECT_EQ(map.at(at).key, key);
    for (std::uint64_t t = 1; t < kThreads; ++t) ASSERT_EQ(seen[t][key], at);
  }
}

}  // namespace
}  // namespace pel::ledger

// SPDX-License-Identifier: Apache-2.0
#include "apps/analytics/keys.hpp"

#include <gtest/gtest.h>

#include <map>

#include "apps/plain_loops.hpp"
#include "pel/executor.hpp"
#include "pel/random.hpp"

namespace pel::apps::analytics {
namespace {

std::vector<std::uint64_t> some_keys(std::size_t n, std::uint64_t spread) {
  const Philox random(7);
  std::vector<std::uint64_t> keys(n);
  for (std::size_t i = 0; i < n; ++i) keys[i] = random.below(i, spread) * 0x10001 - 3;
  return keys;
}

void expect_like_a_map(const KeyTable& table, const std::vector<std::uint64_t>& keys) {
  std::map<std::uint64_t, std::uint32_t> groups;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto [it, added] = groups.try_emplace(keys[i], static_cast<std::uint32_t>(groups.size()));
    ASSERT_EQ(table.group_of(i), it->second);
    if (added) {
      ASSERT_EQ(table.first_row(it->second), i);
    }
  }
  ASSERT_EQ(table.groups(), groups.size());
  for (const auto& [key, group] : groups) ASSERT_EQ(table.find(key), group);
  EXPECT_EQ(table.find(0x123456789ABCDEF), KeyTable::kNone);
  std::size_t rows = 0;
  for (std::size_t p = 0; p < KeyTable::kPartitions; ++p) rows += table.partition(p).size();
  EXPECT_EQ(rows, keys.size());
}

TEST(KeyTable, NumbersGroupsByFirstRow) {
  for (const std::size_t n : {0, 1, 100, 100'000}) {
    for (const std::uint64_t spread : {1, 50, 1'000'000}) {
      const auto keys = some_keys(n, spread);
      expect_like_a_map(KeyTable::build<PlainLoops>(keys), keys);
      Executor executor({.workers = 3});
      expect_like_a_map(executor.run([&] { return KeyTable::build<PelLoops>(keys); }), keys);
    }
  }
}

}  // namespace
}  // namespace pel::apps::analytics

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "pel/error.hpp"
#include "pel/loops.hpp"
#include "tests/unit/loops/workers.hpp"

namespace pel {
namespace {

using testing::rough_doubles;
using testing::sizes;
using testing::with_all_schedules;

std::vector<std::uint32_t> keys_of(std::size_t n, std::uint64_t distinct) {
  std::vector<std::uint32_t> keys(n);
  for (std::size_t i = 0; i < n; ++i) {
    keys[i] = std::uint32_t(Philox(5, distinct).below(i, distinct) * 2654435761u);
  }
  return keys;
}

template <class K>
std::pair<std::vector<K>, std::map<K, std::vector<std::size_t>>> by_hand(
    const std::vector<K>& keys) {
  std::vector<K> order;
  std::map<K, std::vector<std::size_t>> rows;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto& list = rows[keys[i]];
    if (list.empty()) order.push_back(keys[i]);
    list.push_back(i);
  }
  return {order, rows};
}

template <class K>
void check_groups(const std::vector<K>& keys) {
  const auto [order, rows] = by_hand(keys);
  with_all_schedules([&, &order = order, &rows = rows] {
    const auto groups = pel::group_by(keys, [](const K& k) { return k; });
    ASSERT_EQ(groups.keys(), order);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const auto& want = rows.at(groups.key(g));
      const auto got = groups.rows(g);
      ASSERT_TRUE(std::equal(want.begin(), want.end(), got.begin(), got.end()));
    }
  });
}

TEST(GroupBy, ListsGroupsByFirstAppearance) {
  for (const std::size_t n : {0u, 1u, 100u, 8191u, 8192u, 8193u, 70'000u}) {
    for (const std::uint64_t distinct : {1u, 4u, 1000u, 1'000'000u}) {
      check_groups(keys_of(n, distinct));
    }
  }
  std::vector<std::string> words;
  for (const std::uint32_t k : keys_of(30'000, 700)) words.push_back(std::to_string(k));
  check_groups(words);
}

TEST(GroupBy, TakesSmallNegativeAndBooleanKeys) {
  std::vector<int> keys;
  for (const std::uint32_t k : keys_of(50'000, 3000)) keys.push_back(int(k % 20'000) - 5000);
  check_groups(keys);
  with_all_schedules([&] {
    const auto groups = pel::group_by(keys, [](int k) { return k > 0; });
    ASSERT_EQ(groups.size(), 2u);
    EXPECT_EQ(groups.rows(0).size() + groups.rows(1).size(), keys.size());
    const auto sums = pel::reduce_by_key(
        keys, [](int k) { return k > 0; }, 0, std::plus<>{}, [](int) { return 1; });
    EXPECT_EQ(sums[0].second, int(groups.rows(0).size()));
  });
}

// Left folds in blocks of 8192, then over the blocks.
template <class K>
std::vector<std::pair<K, double>> sums_by_hand(const std::vector<K>& keys,
                                               const std::vector<double>& values, double init) {
  const auto [order, rows] = by_hand(keys);
  std::vector<std::pair<K, double>> sums;
  for (const K& key : order) {
    std::map<std::size_t, double> blocks;
    for (const std::size_t i : rows.at(key)) {
      const auto [at, is_new] = blocks.emplace(i / 8192, values[i]);
      if (!is_new) at->second += values[i];
    }
    double sum = blocks.begin()->second;
    for (auto b = std::next(blocks.begin()); b != blocks.end(); ++b) sum += b->second;
    sums.emplace_back(key, init + sum);
  }
  return sums;
}

TEST(ReduceByKey, CombinesInIndexOrder) {
  for (const std::size_t n : {0u, 1u, 8193u, 70'000u}) {
    for (const std::uint64_t distinct : {1u, 4u, 3000u, 1'000'000u}) {
      const auto keys = keys_of(n, distinct);
      const auto values = rough_doubles(n);
      const auto want = sums_by_hand(keys, values, 0.25);
      std::vector<std::size_t> rows(n);
      std::iota(rows.begin(), rows.end(), std::size_t{0});
      with_all_schedules([&] {
        ASSERT_EQ(pel::reduce_by_key(keys, values, 0.25), want) << n << ' ' << distinct;
        ASSERT_EQ(pel::reduce_by_key(
                      rows, [&](std::size_t i) { return keys[i]; }, 0.25, std::plus<>{},
                      [&](std::size_t i) { return values[i]; }),
                  want);
      });
    }
  }
}

TEST(ReduceByKey, TheErrorOfTheFirstFoldOfBlocksWins) {
  // Keys 0 ... 999 in every block of 8192; folding two blocks' results fails for some keys. The
  // first such fold is the one of key 3, which comes before key 7 in each block.
  with_all_schedules([] {
    std::vector<int> rows(100'000);
    std::iota(rows.begin(), rows.end(), 0);
    const auto fold = [](std::pair<int, int> a, std::pair<int, int> b) {
      const bool same_block = a.second / 8192 == b.second / 8192;
      if (!same_block && (a.first == 3 || a.first == 7)) {
        throw std::runtime_error(std::to_string(a.first) + " " + std::to_string(b.second / 8192));
      }
      return b;
    };
    try {
      pel::reduce_by_key(
          rows, [](int i) { return i % 1000; }, std::pair(0, 0), fold,
          [](int i) { return std::pair(i % 1000, i); });
      FAIL() << "no error";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "3 1");
    }
  });
}

// What a call of reduce_by_key with 60,000 rows and keys of their own says.
template <class Key, class Value, class Op>
std::string error_of(Key&& key, Value&& value, Op op) {
  std::vector<int> rows(60'000);
  std::iota(rows.begin(), rows.end(), 0);
  try {
    pel::reduce_by_key(rows, key, 0, op, value);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ReduceByKey, TheFirstErrorWinsAlsoWithManyKeys) {
  const auto fails = [](const char* what, int i) {
    throw std::runtime_error(what + std::to_string(i));
  };
  // Every key has two rows, 30,000 apart: so in two blocks.
  const auto key = [](int i) { return i % 30'000; };
  const auto value = [](int i) { return i; };
  const auto op = [&](int a, int b) {
    if (b == 45'000 || b == 55'000) fails("fold ", b);
    return a == 0 ? b : a + b;
  };
  with_all_schedules([&] {
    EXPECT_EQ(error_of(key, value, op), "fold 45000");
    const auto bad_value = [&](int i) {
      return i == 59'000 || i > 59'500 ? (fails("row ", i), 0) : i;
    };
    EXPECT_EQ(error_of(key, bad_value, op), "row 59000") << "folds of blocks come after the rows";
    const auto bad_key = [&](int i) { return i >= 58'990 ? (fails("key ", i), 0) : key(i); };
    EXPECT_EQ(error_of(bad_key, bad_value, op), "key 58990");
    EXPECT_EQ(error_of([&](int i) { return i == 59'001 ? (fails("key ", i), 0) : key(i); },
                       bad_value, op),
              "row 59000");
    EXPECT_EQ(error_of([&](int i) { return i == 58'991 ? (fails("key ", i), 0) : key(i); },
                       bad_value, op),
              "key 58991");
  });
}

TEST(ReduceByKey, TakesPairsAsKeysAndOrderedOperations) {
  with_all_schedules([] {
    std::vector<int> rows(40'000);
    std::iota(rows.begin(), rows.end(), 0);
    const auto lists = pel::reduce_by_key(
        rows, [](int i) { return std::pair(i % 3, std::string(i % 2 == 0 ? "even" : "odd")); },
        std::vector<int>{},
        [](std::vector<int> a, std::vector<int> b) {
          a.insert(a.end(), b.begin(), b.end());
          return a;
        },
        [](int i) { return std::vector<int>{i}; });
    ASSERT_EQ(lists.size(), 6u);
    for (int g = 0; g < 6; ++g) {
      for (std::size_t k = 0; k < lists[std::size_t(g)].second.size(); ++k) {
        ASSERT_EQ(lists[std::size_t(g)].second[k], int(6 * k) + g);
      }
    }
    const std::vector<int> keys(3), values(4);
    EXPECT_THROW(pel::reduce_by_key(keys, values, 0), Error);
  });
}

TEST(Histogram, Counts) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      const auto keys = keys_of(n, 1000);
      std::vector<std::size_t> want(10);
      for (const std::uint32_t k : keys) ++want[k % 10];
      ASSERT_EQ(pel::histogram(keys, 10, [](std::uint32_t k) { return k % 10; }), want);
    }
  });
}

TEST(Histogram, NamesTheFirstElementOutOfRange) {
  with_all_schedules([] {
    std::vector<int> bins(100'000, 3);
    bins[60'000] = 4;
    bins[70'000] = -1;
    try {
      pel::histogram(bins, 4);
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.reason(), "element 60000 has bin 4 of 4");
    }
  });
}

TEST(HashJoin, GivesPairsInTheOrderOfTheRows) {
  with_all_schedules([] {
    for (const std::size_t n : {0u, 1u, 5000u, 60'000u}) {
      const auto left = keys_of(n, 2000), right = keys_of(3000, 2000);
      std::vector<std::pair<std::size_t, std::size_t>> want;
      std::unordered_map<std::uint32_t, std::vector<std::size_t>> table;
      for (std::size_t r = 0; r < right.size(); ++r) table[right[r]].push_back(r);
      for (std::size_t l = 0; l < n; ++l) {
        for (const std::size_t r : table[left[l]]) want.emplace_back(l, r);
      }
      const auto same = [](std::uint32_t k) { return k; };
      ASSERT_EQ(pel::hash_join(left, right, same, same), want);
      const auto sums = pel::hash_join(left, right, same, same,
                                       [](std::size_t l, std::size_t r) { return l + r; });
      ASSERT_EQ(sums.size(), want.size());
      for (std::size_t i = 0; i < sums.size(); ++i) {
        ASSERT_EQ(sums[i], want[i].first + want[i].second);
      }
      ASSERT_TRUE(pel::hash_join(left, std::vector<std::uint32_t>{}, same, same).empty());
    }
  });
}

TEST(HashJoin, FindsRowsOfManyKeys) {
  // Two rows for each of 25,000 keys that lie far apart.
  const std::uint64_t keys = 25'000;
  std::vector<std::uint64_t> left(keys + 5), right(2 * keys);
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = 1'000'003 * (i * 7 % left.size());
  for (std::size_t i = 0; i < right.size(); ++i) right[i] = 1'000'003 * (i % keys);
  std::vector<std::pair<std::size_t, std::size_t>> want;
  for (std::size_t l = 0; l < left.size(); ++l) {
    const std::size_t key = l * 7 % left.size();
    if (key < keys) want.insert(want.end(), {{l, key}, {l, key + keys}});
  }
  with_all_schedules(
      [&] { ASSERT_EQ(pel::hash_join(left, right, std::identity{}, std::identity{}), want); });
}

TEST(HashJoin, ComparesKeysAsTheirCommonType) {
  const std::vector<std::int64_t> left = {1, (std::int64_t{1} << 32) + 1, -1, 5};
  const std::vector<std::int32_t> right = {5, 1, -1};
  const auto rows = pel::hash_join(left, right, std::identity{}, std::identity{});
  const std::vector<std::pair<std::size_t, std::size_t>> want = {{0, 1}, {2, 2}, {3, 0}};
  EXPECT_EQ(rows, want);
}

TEST(HashJoin, FindsCloseAndScatteredKeys) {
  for (const std::uint64_t stride : {1u, 3u, 1'000'003u}) {
    std::vector<std::uint64_t> right(30'000), left(10'000);
    for (std::size_t i = 0; i < right.size(); ++i) right[i] = 77 + stride * (right.size() - i);
    for (std::size_t i = 0; i < left.size(); ++i) left[i] = 70 + stride * (i * 13 % 40'000);
    std::vector<std::pair<std::size_t, std::size_t>> want;
    std::unordered_map<std::uint64_t, std::size_t> places;
    for (std::size_t r = 0; r < right.size(); ++r) places[right[r]] = r;
    for (std::size_t l = 0; l < left.size(); ++l) {
      if (const auto at = places.find(left[l]); at != places.end())
        want.emplace_back(l, at->second);
    }
    with_all_schedules([&] {
      ASSERT_EQ(pel::hash_join(left, right, std::identity{}, std::identity{}), want) << stride;
    });
  }
}

// Around the lengths up to which a join keeps its keys in chains.
TEST(HashJoin, FindsRowsOfShortTables) {
  for (const std::size_t rows : {1u, 7u, 2047u, 2048u, 2049u}) {
    for (const std::size_t probes : {1u, 4096u, 4097u}) {
      for (const std::int64_t stride : {1, 4, 5, 1'000'003}) {
        std::vector<std::int64_t> right(rows), left(probes);
        std::unordered_map<std::int64_t, std::vector<std::size_t>> table;
        for (std::size_t r = 0; r < rows; ++r) {  // three rows a key, below and above zero
          right[r] = stride * (static_cast<std::int64_t>(r * 7 % rows / 3) - 100);
          table[right[r]].push_back(r);
        }
        std::vector<std::pair<std::size_t, std::size_t>> want;
        for (std::size_t l = 0; l < probes; ++l) {  // some below the lowest, some above the highest
          left[l] = stride * (static_cast<std::int64_t>(l % 1000) - 110) + (l % 9 == 0 ? 1 : 0);
          if (const auto at = table.find(left[l]); at != table.end()) {
            for (const std::size_t r : at->second) want.emplace_back(l, r);
          }
        }
        ASSERT_EQ(pel::hash_join(left, right, std::identity{}, std::identity{}), want)
            << rows << " " << probes << " " << stride;
      }
    }
  }
}

TEST(HashJoin, ThrowsTheErrorOfTheFirstRowOfTheRightSide) {
  std::vector<int> rows(50);
  std::iota(rows.begin(), rows.end(), 0);
  const auto below = [](int limit, const char* side) {
    return [=](int row) {
      if (row >= limit) throw std::runtime_error(side + std::to_string(row));
      return row;
    };
  };
  try {
    pel::hash_join(rows, rows, below(3, "left "), below(20, "right "));
    FAIL() << "no error";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "right 20");
  }
}

}  // namespace
}  // namespace pel

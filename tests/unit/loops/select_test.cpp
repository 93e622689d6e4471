// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "pel/error.hpp"
#include "pel/loops.hpp"
#include "tests/unit/loops/workers.hpp"

namespace pel {
namespace {

using testing::sizes;
using testing::with_all_schedules;

struct Row {
  int key;
  std::size_t place;
  bool operator==(const Row&) const = default;
};
const auto by_key = [](const Row& a, const Row& b) { return a.key < b.key; };

std::vector<Row> rows_of(std::size_t n, std::uint64_t spread) {
  std::vector<Row> rows(n);
  for (std::size_t i = 0; i < n; ++i) rows[i] = {int(Philox(9).below(i, spread)), i};
  return rows;
}

TEST(TopK, IsTheHeadOfTheStableSort) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      const auto rows = rows_of(n, 500);
      auto want = rows;
      std::stable_sort(want.begin(), want.end(), by_key);
      for (const std::size_t k : {std::size_t{0}, std::size_t{1}, std::size_t{10}, n / 4, n + 5}) {
        const auto got = pel::top_k(rows, k, by_key);
        ASSERT_EQ(got.size(), std::min(k, n));
        ASSERT_TRUE(std::equal(got.begin(), got.end(), want.begin())) << n << ' ' << k;
      }
    }
    const std::vector<int> v = {3, 9, 1, 9, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    ASSERT_EQ(pel::top_k(v, 2), (std::vector<int>{9, 9}));
    ASSERT_EQ(pel::top_k(v, 5), (std::vector<int>{9, 9, 4, 3, 1}));
  });
}

TEST(NthElement, SplitsTheRangeAtItsPosition) {
  std::vector<std::vector<Row>> first;
  with_all_schedules([&] {
    std::vector<std::vector<Row>> results;
    for (const std::size_t n : {1u, 2u, 100u, test::unless_sanitized(100'000u, 3000u)}) {
      for (const std::uint64_t spread : {1u, 3u, 100'000u}) {
        for (const std::size_t k : {std::size_t{0}, n / 3ul, n - 1ul}) {
          auto got = rows_of(n, spread), sorted = got;
          std::stable_sort(sorted.begin(), sorted.end(), by_key);
          pel::nth_element(got, k, by_key);
          ASSERT_EQ(got[k].key, sorted[k].key);
          for (std::size_t i = 0; i < n; ++i) {
            ASSERT_TRUE(i < k ? got[i].key <= got[k].key : got[i].key >= got[k].key);
          }
          results.push_back(got);
          std::sort(got.begin(), got.end(), [](auto& a, auto& b) { return a.place < b.place; });
          ASSERT_EQ(got, rows_of(n, spread)) << "elements were lost";
        }
      }
    }
    if (first.empty()) first = results;
    ASSERT_EQ(results, first) << "the arrangement depends on the schedule";
  });
  for (std::size_t k = 0; k < 6000; k += 37) {
    std::vector<std::uint64_t> numbers(6000);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i * 7919 % 6000;
    pel::nth_element(numbers, k);
    ASSERT_EQ(numbers[k], k);
  }
  std::vector<int> v(3);
  EXPECT_THROW(pel::nth_element(v, 3), Error);
}

TEST(Merge, TakesTheFirstRangeFirst) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      auto a = rows_of(n, 100), b = rows_of(n / 3 + 1, 100);
      for (Row& row : b) row.place += 1'000'000;
      std::stable_sort(a.begin(), a.end(), by_key);
      std::stable_sort(b.begin(), b.end(), by_key);
      std::vector<Row> want(a.size() + b.size()), got(want.size());
      std::merge(a.begin(), a.end(), b.begin(), b.end(), want.begin(), by_key);
      pel::merge(a, b, got, by_key);
      ASSERT_EQ(got, want);
      const std::deque<Row> far(b.begin(), b.end());
      pel::merge(a, far, got, by_key);
      ASSERT_EQ(got, want);
    }
    std::vector<std::string> words = {"a", "c"}, more = {"b"}, out(3);
    pel::merge(words, more, out);
    ASSERT_EQ(out, (std::vector<std::string>{"a", "b", "c"}));
    ASSERT_EQ(words[1], "c") << "the inputs are copied, not emptied";
    std::vector<std::string> room(2);
    EXPECT_THROW(pel::merge(words, more, room), Error);
  });
}

TEST(Shuffle, IsThePermutationOfTheSeed) {
  for (const std::size_t n : sizes()) {
    std::vector<std::vector<std::size_t>> results;
    with_all_schedules([&] {
      std::vector<std::size_t> v(n);
      std::iota(v.begin(), v.end(), std::size_t{0});
      pel::shuffle(v, 42);
      results.push_back(v);
    });
    for (const auto& v : results) ASSERT_EQ(v, results[0]) << n;
    auto other = results[0];
    std::sort(other.begin(), other.end());
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(other[i], i);
    pel::shuffle(other, 43);
    EXPECT_EQ(n > 30 && other == results[0], false);
  }
}

TEST(Shuffle, LongOnesGoByBucketsAndDoNotDependOnTheSchedule) {
  std::vector<std::uint32_t> want;
  for (const int workers : {0, 1, 2, 3}) {
    std::vector<std::uint32_t> v((1 << 20) + 77'777);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = std::uint32_t(i);
    Executor executor({.workers = workers, .schedule = {Schedule::Kind::kReversed, 5}});
    executor.run([&] { pel::shuffle(v, 9); });
    if (want.empty()) want = v;
    ASSERT_EQ(v, want) << workers;
    std::size_t near = 0;
    for (std::size_t i = 0; i < v.size(); ++i) near += (v[i] > i ? v[i] - i : i - v[i]) < 1000;
    EXPECT_LT(near, v.size() / 250);  // expected: one in 560
    std::sort(v.begin(), v.end());
    for (std::size_t i = 0; i < v.size(); ++i) ASSERT_EQ(v[i], i);
  }
}

TEST(Shuffle, DrawsEveryPlaceAboutEquallyOften) {
  // The mean place of the first 1000 is that of all.
  double mean = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::vector<std::size_t> v(20'000);
    std::iota(v.begin(), v.end(), std::size_t{0});
    pel::shuffle(v, seed);
    for (std::size_t i = 0; i < v.size(); ++i) {
      if (v[i] < 1000) mean += double(i);
    }
  }
  EXPECT_NEAR(mean / (20 * 1000), 9999.5, 5 * 5773 / std::sqrt(20'000.0));
  // All 6 permutations of 3 elements.
  std::map<std::vector<int>, int> seen;
  for (std::uint64_t seed = 0; seed < 6000; ++seed) {
    std::vector<int> v = {1, 2, 3};
    pel::shuffle(v, seed);
    ++seen[v];
  }
  ASSERT_EQ(seen.size(), 6u);
  for (const auto& [order, times] : seen) EXPECT_NEAR(times, 1000, 150);
}

TEST(Sample, DrawsDistinctElementsInOrder) {
  for (const std::size_t n : sizes()) {
    std::vector<std::size_t> v(n);
    std::iota(v.begin(), v.end(), std::size_t{0});
    for (const std::size_t k : {std::size_t{0}, std::size_t{1}, n / 1000, n / 2, n, n + 1}) {
      const auto drawn = pel::sample(v, k, 7);
      ASSERT_EQ(drawn.size(), std::min(n, k));
      ASSERT_TRUE(std::is_sorted(drawn.begin(), drawn.end()));
      ASSERT_EQ(std::set<std::size_t>(drawn.begin(), drawn.end()).size(), drawn.size());
      ASSERT_EQ(drawn, pel::sample(v, k, 7));
    }
  }
  std::vector<int> v = {0, 1, 2, 3};
  std::vector<int> seen(4);
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    for (const int x : pel::sample(v, 2, seed)) ++seen[std::size_t(x)];
  }
  for (const int times : seen) EXPECT_NEAR(times, 2000, 160);
}

}  // namespace
}  // namespace pel

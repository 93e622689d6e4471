// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "pel/loops.hpp"
#include "tests/unit/loops/workers.hpp"

namespace pel {
namespace {

using testing::sizes;
using testing::with_all_schedules;

std::vector<int> scattered(std::size_t n) {
  std::vector<int> v(n);
  for (std::size_t i = 0; i < n; ++i) v[i] = int(Philox(3).below(i, 1000));
  return v;
}
bool odd(int x) { return x % 2 != 0; }

TEST(Filter, KeepsWhatSatisfiesInOrder) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      const auto v = scattered(n);
      std::vector<int> want;
      std::copy_if(v.begin(), v.end(), std::back_inserter(want), odd);
      ASSERT_EQ(pel::filter(v, odd), want) << n;
      ASSERT_TRUE(pel::filter(v, [](int) { return false; }).empty());
      ASSERT_EQ(pel::filter(v, [](int) { return true; }), v);
    }
  });
}

// One block behind a window of 64: what the window found comes first, also if nobody helps then.
TEST(Filter, KeepsTheOrderBehindAWindow) {
  const auto v = scattered(64 * 4096 + 100);
  std::vector<int> want;
  std::copy_if(v.begin(), v.end(), std::back_inserter(want), odd);
  for (const int workers : {2, 3, 8}) {
    Executor executor({.workers = workers});
    executor.run([&] {
      for (int i = 0; i < 20; ++i) ASSERT_EQ(pel::filter(v, odd), want) << workers;
    });
  }
}

TEST(Filter, CallsThePredicateOnceAndTakesStrings) {
  with_all_schedules([] {
    std::vector<std::string> v(30'000);
    for (std::size_t i = 0; i < v.size(); ++i) v[i] = "a long string, number " + std::to_string(i);
    std::vector<std::atomic<int>> calls(v.size());
    const auto kept = pel::filter(v, [&](const std::string& s) {
      ++calls[std::size_t(&s - v.data())];
      return s.back() == '7';
    });
    ASSERT_EQ(kept.size(), 3000u);
    ASSERT_EQ(kept[2999], v[29'997]);
    for (const auto& c : calls) ASSERT_EQ(c, 1);
  });
}

TEST(Filter, TheFirstErrorInOrderWins) {
  with_all_schedules([] {
    const auto v = scattered(100'000);
    try {
      pel::filter(v, [&](const int& x) -> bool {
        const auto i = &x - v.data();
        if (i >= 50'000) throw std::runtime_error(std::to_string(i));
        return true;
      });
      FAIL() << "no error";
    } catch (const std::runtime_error& error) {
      ASSERT_STREQ(error.what(), "50000");
    }
  });
}

TEST(Partition, IsStable) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      auto got = scattered(n), want = got;
      const auto middle = std::stable_partition(want.begin(), want.end(), odd);
      ASSERT_EQ(pel::partition(got, odd), std::size_t(middle - want.begin()));
      ASSERT_EQ(got, want);
    }
    std::vector<std::unique_ptr<int>> owners;
    for (int i = 0; i < 10'000; ++i) owners.push_back(std::make_unique<int>(i));
    ASSERT_EQ(pel::partition(owners, [](const auto& p) { return odd(*p); }), 5000u);
    for (int i = 0; i < 5000; ++i) {
      ASSERT_EQ(*owners[std::size_t(i)], 2 * i + 1);
      ASSERT_EQ(*owners[std::size_t(i) + 5000], 2 * i);
    }
  });
}

TEST(Unique, KeepsTheFirstOfEachRun) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      auto got = scattered(n);
      for (int& x : got) x /= 250;
      auto want = got;
      want.erase(std::unique(want.begin(), want.end()), want.end());
      got.resize(pel::unique(got));
      ASSERT_EQ(got, want);
    }
  });
}

TEST(Search, FindsTheFirst) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      std::vector<std::size_t> v(n);
      std::iota(v.begin(), v.end(), std::size_t{0});
      for (const std::size_t at : {std::size_t{0}, n / 3, n - n / 7, n}) {
        const std::size_t want = std::min(at, n);
        ASSERT_EQ(pel::find_if(v, [&](std::size_t x) { return x >= at; }), want);
        ASSERT_EQ(pel::find(v, at), want);
        ASSERT_EQ(pel::any_of(v, [&](std::size_t x) { return x >= at; }), want < n);
        ASSERT_EQ(pel::none_of(v, [&](std::size_t x) { return x >= at; }), want == n);
        ASSERT_EQ(pel::all_of(v, [&](std::size_t x) { return x < at; }), want == n);
      }
    }
  });
}

TEST(Search, FindsInNumbersOfEveryWidth) {
  const auto check = [](auto zero) {
    using T = decltype(zero);
    std::vector<T> v(1000, T(1));
    for (const std::size_t at : {0u, 1u, 31u, 32u, 33u, 500u, 998u, 999u}) {
      v[at] = T(7);
      ASSERT_EQ(pel::find_if(v, [](T x) { return x > T(5); }), at);
      ASSERT_EQ(pel::find(v, T(7)), at);
      ASSERT_FALSE(pel::all_of(v, [](T x) { return x < T(5); }));
      v[at] = T(1);
    }
    ASSERT_EQ(pel::find_if(v, [](T x) { return x > T(5); }), v.size());
  };
  check(std::int8_t{}), check(std::uint16_t{}), check(0), check(std::uint64_t{});
  check(0.0f), check(0.0);
}

TEST(Search, AnErrorBehindTheHitIsNotSeenAndOneBeforeItIs) {
  with_all_schedules([] {
    const std::vector<char> v(200'000);
    const auto look = [&](std::size_t hit, std::size_t error) {
      return pel::find_if(v, [&](const char& x) {
        const auto i = std::size_t(&x - v.data());
        if (i >= error) throw std::runtime_error(std::to_string(i));
        return i >= hit;
      });
    };
    ASSERT_EQ(look(100'000, 100'001), 100'000u);
    ASSERT_EQ(look(0, 1), 0u);
    try {
      look(100'001, 100'000);
      FAIL() << "no error";
    } catch (const std::runtime_error& error) {
      ASSERT_STREQ(error.what(), "100000");
    }
  });
}

TEST(Search, CountsAndCompares) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      const auto v = scattered(n);
      ASSERT_EQ(pel::count_if(v, odd), std::size_t(std::count_if(v.begin(), v.end(), odd)));
      ASSERT_EQ(pel::count(v, 7), std::size_t(std::count(v.begin(), v.end(), 7)));
      auto other = v;
      ASSERT_TRUE(pel::equal(v, other));
      other.push_back(0);
      ASSERT_FALSE(pel::equal(v, other));
      other.pop_back();
      if (n > 0) {
        other[n - 1] += 1;
        ASSERT_FALSE(pel::equal(v, other));
      }
    }
  });
}

TEST(Extremes, AreTheFirstOfTheirKind) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      const auto v = scattered(n);
      const auto least = std::size_t(std::min_element(v.begin(), v.end()) - v.begin());
      const auto most = std::size_t(std::max_element(v.begin(), v.end()) - v.begin());
      ASSERT_EQ(pel::min_element(v), least);
      ASSERT_EQ(pel::max_element(v), most);
      const MinMax both = pel::minmax_element(v);
      ASSERT_EQ(both.min, least);
      ASSERT_EQ(both.max, most);
      ASSERT_EQ(pel::min_element(v, std::greater<>{}), most);
    }
  });
}

}  // namespace
}  // namespace pel

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <deque>
#include <limits>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "pel/loops.hpp"
#include "tests/unit/loops/workers.hpp"

namespace pel {
namespace {

using testing::rough_doubles;
using testing::sizes;
using testing::with_all_schedules;

template <class T>
std::vector<T> integers(std::size_t n, std::uint64_t spread) {
  const Philox random(n, spread);
  std::vector<T> values(n);
  for (std::size_t i = 0; i < n; ++i) {
    values[i] = static_cast<T>(spread == 0 ? random.bits(i) : random.below(i, spread));
  }
  return values;
}

template <class T>
void check_type() {
  for (const std::size_t n : sizes()) {
    for (const std::uint64_t spread : {0u, 1u, 2u, 100u, 70'000u}) {
      const auto values = integers<T>(n, spread);
      auto got = values, want = values;
      pel::sort(got);
      std::sort(want.begin(), want.end());
      ASSERT_EQ(got, want) << n << ' ' << spread;
      got = values;
      pel::sort(got, std::greater<>{});
      ASSERT_TRUE(std::equal(got.begin(), got.end(), want.rbegin())) << n << ' ' << spread;
    }
  }
}

TEST(Sort, SortsEveryArithmeticType) {
  Executor two({.workers = 2});
  two.run([] {
    check_type<std::uint8_t>();
    check_type<std::int8_t>();
    check_type<std::int16_t>();
    check_type<std::uint32_t>();
    check_type<std::int64_t>();
    check_type<float>();
    check_type<double>();
    check_type<long double>();
  });
}

struct Record {
  int key;
  int place;
  bool operator==(const Record&) const = default;
};
struct ByKey {
  bool operator()(const Record& a, const Record& b) const { return a.key < b.key; }
};

template <class Payload>
void check_records(std::size_t n, std::uint64_t spread) {
  const Philox random(n, spread);
  std::vector<std::pair<int, Payload>> got(n);
  for (std::size_t i = 0; i < n; ++i) {
    got[i].first = int(random.below(i, spread));
    got[i].second = Payload(std::to_string(i));
  }
  auto want = got;
  const auto by_key = [](const auto& a, const auto& b) { return a.first < b.first; };
  pel::sort(got, by_key);
  std::stable_sort(want.begin(), want.end(), by_key);
  ASSERT_EQ(got, want) << n << ' ' << spread;
}

TEST(Sort, IsStableUnderAnyOrder) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      for (const std::uint64_t spread : {1u, 3u, 1000u}) {
        std::vector<Record> got(n);
        const Philox random(n, spread);
        for (std::size_t i = 0; i < n; ++i) got[i] = {int(random.below(i, spread)), int(i)};
        auto want = got;
        pel::stable_sort(got, ByKey{});
        std::stable_sort(want.begin(), want.end(), ByKey{});
        ASSERT_EQ(got, want) << n << ' ' << spread;
      }
    }
    check_records<std::string>(20'000, 100);
  });
}

TEST(Sort, HandlesSortedReversedAndOrganPipes) {
  Executor two({.workers = 2});
  two.run([] {
    for (const std::size_t n : {1000u, 5000u, 100'000u}) {
      std::vector<int> up(n), down(n), pipe(n);
      for (std::size_t i = 0; i < n; ++i) {
        up[i] = int(i);
        down[i] = int(n - i);
        pipe[i] = int(std::min(i, n - i));
      }
      for (auto* v : {&up, &down, &pipe}) {
        auto copy = *v;
        pel::sort(*v);
        pel::sort(copy, [](int a, int b) { return a < b; });
        ASSERT_TRUE(std::is_sorted(v->begin(), v->end()));
        ASSERT_EQ(*v, copy);
      }
    }
  });
}

TEST(Sort, DoublesPutNanLastAndKeepTheOrderOfZeros) {
  with_all_schedules([] {
    const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
    std::vector<double> v = rough_doubles(1000);
    for (std::size_t i = 0; i < 100; ++i) {
      v[10 * i] = i % 2 == 0 ? 0.0 : -0.0;
      v[10 * i + 1] = i % 3 == 0 ? nan : i % 3 == 1 ? inf : -inf;
    }
    pel::stable_sort(v);
    const auto first_nan = std::find_if(v.begin(), v.end(), [](double x) { return x != x; });
    EXPECT_EQ(v.end() - first_nan, 34);
    EXPECT_TRUE(std::is_sorted(v.begin(), first_nan));
    EXPECT_EQ(first_nan[-1], inf);
    const auto zero = std::lower_bound(v.begin(), first_nan, 0.0);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(std::signbit(zero[i]), i % 2 == 1);
  });
}

TEST(Sort, FloatingImagesAreOneToOne) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<std::uint32_t> bits = {
      0u,          0x80000000u, 1u,          0x80000001u, 0x7f800000u, 0xff800000u, 0x7fc00000u,
      0xffc00000u, 0x7f800001u, 0xffffffffu, 0x7f7fffffu, 0xff7fffffu, 0x3f800000u};
  std::vector<float> v;
  for (const std::uint32_t b : bits) {
    v.push_back(std::bit_cast<float>(b));
    const float up = detail::radix_value<false, float>(detail::radix_image<false>(v.back()));
    const float down = detail::radix_value<true, float>(detail::radix_image<true>(v.back()));
    ASSERT_EQ(std::bit_cast<std::uint32_t>(up), b);
    ASSERT_EQ(std::bit_cast<std::uint32_t>(down), b);
  }
  pel::sort(v);
  EXPECT_EQ(v[0], -inf);
  EXPECT_TRUE(std::signbit(v[3]) && v[3] == 0);
  EXPECT_FALSE(std::signbit(v[4]));
  EXPECT_EQ(v[8], inf);
  for (std::size_t i = 9; i < v.size(); ++i) EXPECT_TRUE(std::isnan(v[i]));
}

TEST(Sort, SortsMoveOnlyElementsAndDeques) {
  with_all_schedules([] {
    std::vector<std::unique_ptr<int>> owners;
    for (int i = 0; i < 5000; ++i) owners.push_back(std::make_unique<int>(i * 7919 % 5000));
    pel::sort(owners, [](const auto& a, const auto& b) { return *a < *b; });
    for (int i = 0; i < 5000; ++i) ASSERT_EQ(*owners[std::size_t(i)], i);
    std::deque<int> deque;
    for (int i = 0; i < 5000; ++i) deque.push_back(i * 7919 % 5000);
    pel::sort(deque);
    ASSERT_TRUE(std::is_sorted(deque.begin(), deque.end()));
  });
}

TEST(Sort, AnErrorOfTheComparisonComesOut) {
  with_all_schedules([] {
    std::vector<int> v = integers<int>(50'000, 0);
    EXPECT_THROW(pel::sort(v,
                           [&](int a, int b) -> bool {
                             if (a == v[40'000] || b == v[40'000]) throw std::runtime_error("x");
                             return a < b;
                           }),
                 std::runtime_error);
  });
}

}  // namespace
}  // namespace pel

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <bit>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "pel/loops.hpp"
#include "tests/unit/loops/workers.hpp"

namespace pel {
namespace {

using testing::rough_doubles;
using testing::sizes;
using testing::with_all_schedules;

// The tree as docs/design/loops.md words it, by recursion.
template <class Unit>
auto node(std::size_t lo, std::size_t units, Unit&& unit, auto&& op) {
  if (units == 1) return unit(lo);
  const std::size_t left = std::bit_floor(units - 1);
  auto a = node(lo, left, unit, op);
  auto b = node(lo + left, units - left, unit, op);
  return op(a, b);
}

std::string expression(std::size_t n) {
  if (n == 0) return "i";
  return "(i" +
         node(
             0, n, [](std::size_t i) { return std::to_string(i); },
             [](const std::string& a, const std::string& b) { return "(" + a + b + ")"; }) +
         ")";
}

// One block in lanes, then the tree over blocks.
template <class T>
T lanes_by_hand(const std::vector<T>& v) {
  constexpr std::size_t kLanes = 128 / sizeof(T), kBlock = 2048;
  const auto block = [&](std::size_t b) {
    std::vector<T> lane;
    for (std::size_t i = b * kBlock; i < std::min(v.size(), (b + 1) * kBlock); ++i) {
      const std::size_t l = i % kLanes;
      if (lane.size() <= l) {
        lane.push_back(v[i]);
      } else {
        lane[l] += v[i];
      }
    }
    for (std::size_t width = kLanes / 2; width > 0; width /= 2) {
      for (std::size_t l = width; l < std::min(2 * width, lane.size()); ++l) {
        lane[l - width] += lane[l];
      }
      lane.resize(std::min(lane.size(), width));
    }
    return lane[0];
  };
  return node(0, (v.size() + kBlock - 1) / kBlock, block, std::plus<>{});
}

TEST(Reduce, CombinesInTheCanonicalTree) {
  const auto join = [](const std::string& a, const std::string& b) { return "(" + a + b + ")"; };
  with_all_schedules([&] {
    for (const std::size_t n : {0u, 1u, 2u, 3u, 7u, 8u, 9u, 13u, 100u, 1000u}) {
      const std::string got = pel::transform_reduce(
          n, std::string("i"), join, [](std::size_t i) { return std::to_string(i); });
      ASSERT_EQ(got, expression(n)) << n;
    }
  });
}

TEST(Reduce, SumsOfDoublesHaveOneValue) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      const auto v = rough_doubles(n);
      const double want = n == 0 ? 0.5 : 0.5 + lanes_by_hand(v);
      ASSERT_EQ(pel::reduce(v, 0.5, std::plus<>{}), want) << n;
      const auto same = [](double x) { return x; };
      const auto at = [&](std::size_t i) { return v[i]; };
      ASSERT_EQ(pel::transform_reduce(v, 0.5, std::plus<>{}, same), want) << n;
      ASSERT_EQ(pel::transform_reduce(n, 0.5, std::plus<double>{}, at), want) << n;
    }
  });
}

TEST(Reduce, SumsOfFloatsHaveOneValue) {
  for (const std::size_t n : sizes()) {
    if (n == 0) continue;
    const auto rough = rough_doubles(n);
    const std::vector<float> v(rough.begin(), rough.end());
    ASSERT_EQ(pel::reduce(v), 0.0f + lanes_by_hand(v)) << n;
  }
}

TEST(Reduce, IntegersEqualTheLoop) {
  for (const std::size_t n : sizes()) {
    std::vector<int> v(n);
    std::iota(v.begin(), v.end(), -5);
    for (int& x : v) x %= 1000;  // the sum of all fits
    ASSERT_EQ(pel::reduce(v, 0), std::accumulate(v.begin(), v.end(), 0)) << n;
    ASSERT_EQ(pel::reduce(v, 0L), std::accumulate(v.begin(), v.end(), 0L)) << n;
    const std::vector<std::uint8_t> bytes(n, 3);
    ASSERT_EQ(pel::reduce(bytes, std::uint8_t{1}), std::uint8_t(1 + 3 * n)) << n;
    const auto least = [](int a, int b) { return std::min(a, b); };
    ASSERT_EQ(pel::reduce(v, 1000, least), n == 0 ? 1000 : -5);
  }
}

TEST(Reduce, LeftFoldIsTheLoop) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      const auto v = rough_doubles(n);
      double sum = 1, chain = 1;
      for (const double x : v) {
        sum += x;
        chain = chain / 3 - x * 2;
      }
      ASSERT_EQ(pel::reduce(left_fold, v, 1.0), sum);
      ASSERT_EQ(pel::reduce(left_fold, v, 1.0, std::plus<>{}), sum);
      for (int repeat = 0; repeat < 3; ++repeat) {
        ASSERT_EQ(pel::transform_reduce(
                      left_fold, n, 1.0, [](double a, double b) { return a / 3 - b; },
                      [&](std::size_t i) { return v[i] * 2; }),
                  chain);
      }
    }
  });
}

TEST(Reduce, TheFirstErrorInOrderWins) {
  with_all_schedules([] {
    const auto value = [](std::size_t i) {
      if (i >= 300) throw std::runtime_error(std::to_string(i));
      return double(i);
    };
    for (int repeat = 0; repeat < 3; ++repeat) {
      try {
        pel::transform_reduce(10'000, 0.0, std::plus<>{}, value);
        FAIL() << "no error";
      } catch (const std::runtime_error& error) {
        ASSERT_STREQ(error.what(), "300");
      }
      try {
        pel::transform_reduce(
            left_fold, 10'000, 0.0,
            [](double a, double b) {
              if (b == 200) throw std::logic_error("op");
              return a + b;
            },
            value);
        FAIL() << "no error";
      } catch (const std::exception& error) {
        ASSERT_STREQ(error.what(), "op");
      }
    }
  });
}

struct Counted {
  static inline std::atomic<int> alive{0};
  explicit Counted(std::vector<int> v) : values(std::move(v)) { ++alive; }
  Counted(Counted&& other) noexcept : values(std::move(other.values)) { ++alive; }
  Counted& operator=(Counted&&) noexcept = default;
  ~Counted() { --alive; }
  std::vector<int> values;
};

TEST(Reduce, MoveOnlyValuesAreNeitherLostNorLeaked) {
  with_all_schedules([] {
    {
      const auto append = [](Counted a, Counted b) {
        a.values.insert(a.values.end(), b.values.begin(), b.values.end());
        return a;
      };
      const Counted all = pel::transform_reduce(3000, Counted({}), append,
                                                [](std::size_t i) { return Counted({int(i)}); });
      ASSERT_EQ(all.values.size(), 3000u);
      for (int i = 0; i < 3000; ++i) ASSERT_EQ(all.values[std::size_t(i)], i);
      EXPECT_THROW(pel::transform_reduce(3000, Counted({}), append,
                                         [](std::size_t i) {
                                           if (i == 2222) throw std::runtime_error("x");
                                           return Counted({int(i)});
                                         }),
                   std::runtime_error);
    }
    ASSERT_EQ(Counted::alive, 0);
  });
}

TEST(Dot, EqualsTheReductionOfTheProducts) {
  const auto a = rough_doubles(10'001, 1), b = rough_doubles(10'001, 2);
  EXPECT_EQ(pel::dot(a, b), pel::transform_reduce(a.size(), 0.0, std::plus<>{},
                                                  [&](std::size_t i) { return a[i] * b[i]; }));
  const std::vector<double> shorter(3);
  EXPECT_THROW(pel::dot(a, shorter), Error);
}

}  // namespace
}  // namespace pel

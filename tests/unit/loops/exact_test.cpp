// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>
#include <vector>

#include "pel/error.hpp"
#include "pel/loops.hpp"
#include "tests/unit/loops/workers.hpp"

namespace pel {
namespace {

using testing::rough_doubles;
using testing::sizes;
using testing::with_all_schedules;

constexpr double kInf = std::numeric_limits<double>::infinity();

// The oracle: a big integer in units of 2^-2200, one bit per element, schoolbook addition.
class BigSum {
 public:
  void add(double x) { add_product(x, 1.0); }
  void add_product(double a, double b) {
    int ea, eb;
    const double ma = std::frexp(a, &ea), mb = std::frexp(b, &eb);
    const auto ia = static_cast<std::int64_t>(std::ldexp(ma, 53));
    const auto ib = static_cast<std::int64_t>(std::ldexp(mb, 53));
    __extension__ __int128 product = static_cast<__int128>(ia) * ib;
    const bool negative = product < 0;
    if (negative) product = -product;
    std::vector<int> bits(kSize);
    const int low = ea + eb - 106 + 2300;
    for (int k = 0; k < 107; ++k) bits[std::size_t(low + k)] = int(product >> k & 1);
    auto& to = negative ? minus_ : plus_;
    int carry = 0;
    for (std::size_t k = 0; k < kSize; ++k) {
      const int sum = to[k] + bits[k] + carry;
      to[k] = sum & 1;
      carry = sum >> 1;
    }
  }
  // Rounds by comparing with the neighbours' midpoint bit by bit.
  double round(int precision, int lowest, int highest) const {
    std::vector<int> a = plus_, b = minus_;
    const bool negative = std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
    if (negative) std::swap(a, b);
    int borrow = 0;
    for (std::size_t k = 0; k < kSize; ++k) {
      int d = a[k] - b[k] - borrow;
      borrow = d < 0;
      a[k] = d & 1;
    }
    int top = int(kSize) - 1;
    while (top >= 0 && a[std::size_t(top)] == 0) --top;
    if (top < 0) return 0.0;
    const int last = std::max(top - precision + 1, lowest + 2300);
    double value = 0;
    for (int k = top; k >= last; --k) value = 2 * value + a[std::size_t(k)];
    bool half = last - 1 <= top && a[std::size_t(last - 1)] != 0, more = false;
    for (int k = last - 2; k >= 0; --k) more = more || a[std::size_t(k)] != 0;
    if (half && (more || std::fmod(value, 2) == 1)) value += 1;
    const double result = std::ldexp(value, last - 2300);
    const double limit = std::ldexp(1.0, highest);
    if (result / 2 >= limit) return negative ? -kInf : kInf;
    return negative ? -result : result;
  }

 private:
  static constexpr std::size_t kSize = 4600;
  std::vector<int> plus_ = std::vector<int>(kSize), minus_ = std::vector<int>(kSize);
};

double oracle(const std::vector<double>& v) {
  BigSum sum;
  for (const double x : v) sum.add(x);
  return sum.round(53, -1074, 1023);
}

// Doubles of any magnitude up to 2^limit, with massive cancellation.
std::vector<double> wild(std::size_t n, int limit, std::uint64_t seed) {
  const Philox random(seed, 77);
  std::vector<double> v(n);
  for (std::size_t i = 0; i < n; ++i) {
    const int exponent = int(random.below(3 * i, std::uint64_t(limit) + 1074)) - 1074;
    v[i] = std::ldexp(random.uniform(3 * i + 1) - 0.5, exponent);
    if (i % 3 == 2 && i > 0) v[i] = -v[i - 1];
  }
  return v;
}

TEST(Exact, EqualsABigInteger) {
  const std::uint64_t seeds = test::unless_sanitized(40, 3);
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    for (const std::size_t n : {1u, 2u, 3u, 17u, 300u}) {
      for (const int limit : {-1000, 0, 100, 1020}) {
        const auto v = wild(n, limit, seed);
        ASSERT_EQ(pel::reduce(exact, v), oracle(v)) << seed << ' ' << n << ' ' << limit;
      }
      const auto v = rough_doubles(n, seed);
      ASSERT_EQ(pel::reduce(exact, v), oracle(v));
    }
  }
  const auto v = rough_doubles(5000);
  ASSERT_EQ(pel::reduce(exact, v), oracle(v));
}

TEST(Exact, IsEqualUnderAnyPermutationAndSchedule) {
  const std::size_t n = test::unless_sanitized(100'001u, 10'001u);
  for (const bool far : {false, true}) {
    auto v = far ? wild(n, 300, 5) : rough_doubles(n);
    const double want = pel::reduce(exact, v);
    for (std::uint64_t seed = 1; seed < 5; ++seed) {
      pel::shuffle(v, seed);
      with_all_schedules([&] { ASSERT_EQ(pel::reduce(exact, v), want); });
    }
    std::sort(v.begin(), v.end());
    ASSERT_EQ(pel::reduce(exact, v), want);
    ASSERT_EQ(pel::transform_reduce(exact, v.size(), [&](std::size_t i) { return v[i]; }), want);
    ASSERT_EQ(pel::transform_reduce(exact, v, [](double x) { return x; }), want);
  }
}

TEST(Exact, RoundsToNearestEven) {
  const double ulp = 0x1p-52;
  EXPECT_EQ(pel::reduce(exact, std::vector{1.0, ulp / 2}), 1.0);
  EXPECT_EQ(pel::reduce(exact, std::vector{1.0, ulp / 2, 0x1p-1074}), 1.0 + ulp);
  EXPECT_EQ(pel::reduce(exact, std::vector{1.0 + ulp, ulp / 2}), 1.0 + 2 * ulp);
  EXPECT_EQ(pel::reduce(exact, std::vector{1.0, ulp / 2, -0x1p-1074}), 1.0);
  EXPECT_EQ(pel::reduce(exact, std::vector{-1.0, -ulp / 2, -0x1p-1074}), -1.0 - ulp);
  EXPECT_EQ(pel::reduce(exact, std::vector{0x1p-1074, 0x1p-1074}), 0x1p-1073);
}

TEST(Exact, KeepsItsRulesForSpecialValues) {
  const double nan = std::nan(""), max = std::numeric_limits<double>::max();
  EXPECT_EQ(pel::reduce(exact, std::vector{1.0, kInf}), kInf);
  EXPECT_EQ(pel::reduce(exact, std::vector{-kInf, max}), -kInf);
  EXPECT_TRUE(std::isnan(pel::reduce(exact, std::vector{-kInf, kInf})));
  EXPECT_TRUE(std::isnan(pel::reduce(exact, std::vector{1.0, nan})));
  EXPECT_EQ(pel::reduce(exact, std::vector{max, max, -max}), max) << "no intermediate overflow";
  EXPECT_EQ(pel::reduce(exact, std::vector{max, max}), kInf);
  EXPECT_EQ(pel::reduce(exact, std::vector{-max, -max}), -kInf);
  EXPECT_FALSE(std::signbit(pel::reduce(exact, std::vector<double>{})));
  EXPECT_TRUE(std::signbit(pel::reduce(exact, std::vector{-0.0, -0.0})));
  EXPECT_FALSE(std::signbit(pel::reduce(exact, std::vector{-0.0, 0.0})));
  EXPECT_FALSE(std::signbit(pel::reduce(exact, std::vector{1.0, -1.0})));
  std::vector<double> block(5000, 1.0);
  block[4000] = nan;
  EXPECT_TRUE(std::isnan(pel::reduce(exact, block)));
  block[4000] = kInf;
  EXPECT_EQ(pel::reduce(exact, block), kInf);
  EXPECT_TRUE(std::signbit(pel::reduce(exact, std::vector<double>(5000, -0.0))));
}

TEST(Exact, FloatsAreRoundedOnceToFloat) {
  EXPECT_EQ(pel::reduce(exact, std::vector{1.0f, 0x1p-24f}), 1.0f);
  // A detour over double would round 1 + 2^-24 + 2^-78 to even twice.
  EXPECT_EQ(pel::reduce(exact, std::vector{1.0f, 0x1p-24f, 0x1p-78f}), 1.0f + 0x1p-23f);
  const float max = std::numeric_limits<float>::max();
  EXPECT_EQ(pel::reduce(exact, std::vector{max, max}), std::numeric_limits<float>::infinity());
  EXPECT_EQ(pel::reduce(exact, std::vector{max, max, -max}), max);
  EXPECT_EQ(pel::reduce(exact, std::vector{0x1p-149f, 0x1p-149f}), 0x1p-148f);
  const std::uint64_t seeds = test::unless_sanitized(20, 2);
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto rough = rough_doubles(3000, seed);
    const std::vector<float> v(rough.begin(), rough.end());
    BigSum sum, product;
    for (const float x : v) {
      sum.add(x);
      product.add_product(x, x);
    }
    ASSERT_EQ(pel::reduce(exact, v), float(sum.round(24, -149, 127)));
    ASSERT_EQ(pel::dot(exact, v, v), float(product.round(24, -149, 127)));
  }
}

TEST(Exact, DotDoesNotRoundProducts) {
  const std::uint64_t seeds = test::unless_sanitized(20, 4);
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    for (const int limit : {-400, 0, 500, 1020}) {
      for (const std::size_t n : {1u, 2u, 5u, 300u}) {
        auto a = wild(n, limit, seed), b = wild(n, limit, seed + 100);
        if (seed % 2 == 0) {
          a = rough_doubles(n, seed);
          b = rough_doubles(n, seed + 1);
        }
        BigSum sum;
        for (std::size_t i = 0; i < n; ++i) sum.add_product(a[i], b[i]);
        ASSERT_EQ(pel::dot(exact, a, b), sum.round(53, -1074, 1023)) << seed << ' ' << limit;
      }
    }
  }
  EXPECT_EQ(pel::dot(exact, std::vector{1e200, 1.0}, std::vector{1e200, 1.0}), kInf);
  EXPECT_EQ(pel::dot(exact, std::vector{1e200, -1e200, 3.0}, std::vector{1e200, 1e200, 1.0}), 3.0);
  EXPECT_TRUE(std::isnan(pel::dot(exact, std::vector{kInf}, std::vector{0.0})));
  EXPECT_TRUE(std::signbit(pel::dot(exact, std::vector{-0.0, 0.0}, std::vector{1.0, -2.0})));
  EXPECT_FALSE(std::signbit(pel::dot(exact, std::vector{-0.0, 0.0}, std::vector{1.0, 2.0})));
  EXPECT_THROW(pel::dot(exact, std::vector{1.0}, std::vector<double>{}), Error);
}

TEST(Exact, DoesNotDependOnTheRoundingMode) {
  const auto v = rough_doubles(10'000);
  const double want = pel::reduce(exact, v);
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    std::fesetround(mode);
    const double got = pel::reduce(exact, v);
    const int after = std::fegetround();
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(got, want);
    EXPECT_EQ(after, mode);
  }
}

}  // namespace
}  // namespace pel

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <numeric>
#include <optional>
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

// The canonical scan as docs/design/loops.md words it.
std::vector<double> by_hand(const std::vector<double>& x, std::optional<double> init) {
  std::vector<double> out(x.size());
  std::optional<double> carry = init;
  for (std::size_t lo = 0; lo < x.size(); lo += 2048) {
    const std::size_t hi = std::min(x.size(), lo + 2048);
    std::optional<double> before;
    double last = 0;
    for (std::size_t row = lo; row < hi; row += 4) {
      const double r0 = x[row];
      for (std::size_t i = row; i < std::min(hi, row + 4); ++i) {
        double r = r0;
        if (i == row + 1) r = r0 + x[row + 1];
        if (i == row + 2) r = (r0 + x[row + 1]) + x[row + 2];
        if (i == row + 3) r = (r0 + x[row + 1]) + (x[row + 2] + x[row + 3]);
        last = before ? *before + r : r;
        out[i] = carry ? *carry + last : last;
      }
      before = last;
    }
    carry = carry ? *carry + last : last;
  }
  return out;
}

TEST(Scan, HasTheCanonicalBits) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      const auto x = rough_doubles(n);
      std::vector<double> out(n);
      pel::inclusive_scan(x, out);
      ASSERT_EQ(out, by_hand(x, {})) << n;
      pel::inclusive_scan(x, out, std::plus<>{}, 0.1);
      const auto want = by_hand(x, 0.1);
      ASSERT_EQ(out, want) << n;
      pel::exclusive_scan(x, out, 0.1);
      for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(out[i], i == 0 ? 0.1 : want[i - 1]) << i;
    }
  });
}

TEST(Scan, WorksInPlaceAndOnOtherTypes) {
  with_all_schedules([] {
    for (const std::size_t n : sizes()) {
      std::vector<int> x(n, 2), want(n);
      std::inclusive_scan(x.begin(), x.end(), want.begin());
      pel::inclusive_scan(x, x);
      ASSERT_EQ(x, want);
      std::vector<long> offsets(n);
      pel::exclusive_scan(want, offsets, 0L, std::plus<>{});
      std::vector<long> plain(n);
      std::exclusive_scan(want.begin(), want.end(), plain.begin(), 0L);
      ASSERT_EQ(offsets, plain);
      pel::exclusive_scan(want, want, 7, [](int a, int b) { return std::max(a, b); });
      for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(want[i], std::max(7, 2 * int(i)));
    }
  });
}

TEST(Scan, KeepsTheOrderOfOperands) {
  with_all_schedules([] {
    std::vector<std::string> x(5000), out(5000);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::string(1, char('a' + i % 26));
    const auto keep_last = [](const std::string& a, const std::string& b) {
      return (a + b).substr(a.size() + b.size() > 20 ? a.size() + b.size() - 20 : 0);
    };
    pel::inclusive_scan(x, out, keep_last);
    std::string want;
    for (std::size_t i = 0; i < x.size(); ++i) {
      want = i == 0 ? x[0] : keep_last(want, x[i]);
      ASSERT_EQ(out[i], want);
    }
  });
}

TEST(Scan, IsMonotoneForNonNegativeValues) {
  auto x = rough_doubles(100'000);
  for (double& v : x) v = std::abs(v);
  pel::inclusive_scan(x, x);
  EXPECT_TRUE(std::is_sorted(x.begin(), x.end()));
}

TEST(Scan, TheFirstErrorInOrderWins) {
  with_all_schedules([] {
    std::vector<long> x(200'000), out(x.size());
    std::iota(x.begin(), x.end(), 0L);
    for (int repeat = 0; repeat < 2; ++repeat) {
      try {
        pel::inclusive_scan(x, out, [](long a, long b) {
          if (b >= 100'000) throw std::runtime_error(std::to_string(b));
          return std::max(a, b);
        });
        FAIL() << "no error";
      } catch (const std::runtime_error& error) {
        ASSERT_STREQ(error.what(), "100000");
      }
    }
  });
}

TEST(Scan, AnErrorThatOnlyTheCarriesShowComesBeforeLaterOnes) {
  with_all_schedules([] {
    std::vector<long> x(200'000, 1), out(x.size());
    x[150'000] = -3;
    for (int repeat = 0; repeat < 2; ++repeat) {
      try {
        pel::inclusive_scan(x, out, [](long a, long b) {
          if (b == -3) throw std::runtime_error("a later element");
          if (a + b > 50'000) throw std::runtime_error("the sum");
          return a + b;
        });
        FAIL() << "no error";
      } catch (const std::runtime_error& error) {
        ASSERT_STREQ(error.what(), "the sum");
      }
    }
  });
}

TEST(Scan, SaysWhenTheOutputIsTooShort) {
  const std::vector<int> x(4);
  std::vector<int> out(3);
  EXPECT_THROW(pel::inclusive_scan(x, out), Error);
  EXPECT_THROW(pel::exclusive_scan(x, out, 0), Error);
}

}  // namespace
}  // namespace pel

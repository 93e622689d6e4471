// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "pel/math.hpp"
#include "pel/random.hpp"

namespace {

namespace m = pel::math;
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }

::testing::AssertionResult same(double a, double b) {
  if (bits(a) == bits(b)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << std::hexfloat << a << " is not " << b;
}

const std::vector<double> kEdges = {
    0.0,  -0.0,  1,     -1,     2,    -2,    0.5,  -0.5,      3,          -3,        kInf, -kInf,
    kNan, -kNan, 1e300, -1e300, 1e16, -1e16, 1e15, 0x1p-1074, -0x1p-1074, 0x1p-1022, 2.5};

// libm of the test machine follows Annex F; special values there are exact.
void expect_like(double got, double libm, double x, double y = 0) {
  if (std::isnan(libm)) {
    EXPECT_TRUE(same(got, kNan)) << x << ' ' << y;
  } else if (libm == 0 || std::isinf(libm) || libm == 1 || libm == -1) {
    EXPECT_TRUE(same(got, libm)) << x << ' ' << y;
  } else {
    EXPECT_NEAR(got, libm, 1e-15 * std::abs(libm)) << x << ' ' << y;
  }
}

TEST(MathSpecialCases, UnaryFollowAnnexF) {
  for (const double x : kEdges) {
    expect_like(m::exp(x), std::exp(x), x);
    expect_like(m::exp2(x), std::exp2(x), x);
    expect_like(m::expm1(x), std::expm1(x), x);
    expect_like(m::log(x), std::log(x), x);
    expect_like(m::log2(x), std::log2(x), x);
    expect_like(m::log10(x), std::log10(x), x);
    expect_like(m::log1p(x), std::log1p(x), x);
    expect_like(m::sin(x), std::sin(x), x);
    expect_like(m::cos(x), std::cos(x), x);
    expect_like(m::tan(x), std::tan(x), x);
    expect_like(m::asin(x), std::asin(x), x);
    expect_like(m::acos(x), std::acos(x), x);
    expect_like(m::atan(x), std::atan(x), x);
    expect_like(m::sinh(x), std::sinh(x), x);
    expect_like(m::cosh(x), std::cosh(x), x);
    expect_like(m::tanh(x), std::tanh(x), x);
    expect_like(m::cbrt(x), std::cbrt(x), x);
    expect_like(m::erf(x), std::erf(x), x);
    expect_like(m::erfc(x), std::erfc(x), x);
    expect_like(m::sqrt(x), std::sqrt(x), x);
  }
}

TEST(MathSpecialCases, BinaryFollowAnnexF) {
  for (const double x : kEdges) {
    for (const double y : kEdges) {
      expect_like(m::pow(x, y), std::pow(x, y), x, y);
      expect_like(m::atan2(x, y), std::atan2(x, y), x, y);
      expect_like(m::hypot(x, y), std::hypot(x, y), x, y);
    }
  }
}

TEST(MathSpecialCases, NormalDistribution) {
  EXPECT_TRUE(same(m::normal_cdf(-kInf), 0));
  EXPECT_TRUE(same(m::normal_cdf(kInf), 1));
  EXPECT_TRUE(same(m::normal_cdf(0), 0.5));
  EXPECT_TRUE(same(m::normal_cdf(kNan), kNan));
  EXPECT_TRUE(same(m::normal_quantile(0), -kInf));
  EXPECT_TRUE(same(m::normal_quantile(1), kInf));
  EXPECT_TRUE(same(m::normal_quantile(0.5), 0));
  EXPECT_TRUE(same(m::normal_quantile(-0.1), kNan));
  EXPECT_TRUE(same(m::normal_quantile(1.1), kNan));
  EXPECT_TRUE(same(m::normal_quantile(kNan), kNan));
  EXPECT_NEAR(m::normal_quantile(0x1p-1074), -38.46740561714434, 1e-13);
}

TEST(MathSpecialCases, RoundingIsExact) {
  std::vector<double> values = kEdges;
  for (const double v : {0.49999999999999994, 1.5, 2.5, 3.5, 0x1p51 + 0.5, 0x1p52 - 0.5, 0x1p52,
                         0x1p53 + 2, 1e-300}) {
    values.push_back(v);
    values.push_back(-v);
  }
  for (const double x : values) {
    if (x != x) continue;
    EXPECT_TRUE(same(m::trunc(x), std::trunc(x)));
    EXPECT_TRUE(same(m::floor(x), std::floor(x)));
    EXPECT_TRUE(same(m::ceil(x), std::ceil(x)));
    EXPECT_TRUE(same(m::round(x), std::round(x)));
    EXPECT_TRUE(same(m::round_even(x), std::nearbyint(x)));
  }
  static_assert(m::floor(-1.5) == -2 && m::ceil(1.2) == 2);
}

TEST(MathSpecialCases, ExactValuesComeOutExactly) {
  for (int k = -1074; k <= 1023; ++k) {
    EXPECT_EQ(m::log2(std::ldexp(1.0, k)), k);
    EXPECT_EQ(m::exp2(k), std::ldexp(1.0, k));
    EXPECT_EQ(m::pow(2, k), std::ldexp(1.0, k));
  }
  double power = 1;
  for (int k = 0; k <= 22; ++k, power *= 10) {
    EXPECT_EQ(m::log10(power), k);
    EXPECT_EQ(m::pow(10, k), power);
  }
  for (int k = 1; k < 200000; k += 7) {
    const double x = k;
    EXPECT_EQ(m::cbrt(x * x * x), x);
    EXPECT_EQ(m::hypot(3 * x, -4 * x), 5 * x);
    EXPECT_EQ(m::pow(x, 2), x * x);
  }
}

TEST(MathSpecialCases, OverflowAndUnderflow) {
  EXPECT_EQ(m::exp(709.782712893384), 0x1.fffffffffff2ap1023);
  EXPECT_EQ(m::exp(709.7827128933841), kInf);
  EXPECT_EQ(m::exp(-745.1332191019411), 0x1p-1074);
  EXPECT_EQ(m::exp(-745.1332191019412), 0);
  EXPECT_EQ(m::pow(10, 309), kInf);
  EXPECT_EQ(m::pow(-10, 309), -kInf);
  EXPECT_TRUE(same(m::pow(-10, -325), -0.0));
  EXPECT_EQ(m::cosh(710.5), kInf);
  EXPECT_EQ(m::sinh(-710.5), -kInf);
}

TEST(Math, BatchesEqualSingleCalls) {
  const pel::Philox random(1);
  std::vector<double> u(1000), x(1000), out(1000);
  for (std::size_t i = 0; i < u.size(); ++i) {
    u[i] = random.uniform_open(i);
    x[i] = 100 * (random.uniform(i) - 0.5);
  }
  const auto check = [&](auto batch, auto one, const std::vector<double>& in) {
    batch(in, out);
    for (std::size_t i = 0; i < in.size(); ++i) ASSERT_TRUE(same(out[i], one(in[i])));
  };
  using In = std::span<const double>;
  using Out = std::span<double>;
  check([](In i, Out o) { m::exp(i, o); }, [](double v) { return m::exp(v); }, x);
  check([](In i, Out o) { m::log(i, o); }, [](double v) { return m::log(v); }, u);
  check([](In i, Out o) { m::sin(i, o); }, [](double v) { return m::sin(v); }, x);
  check([](In i, Out o) { m::cos(i, o); }, [](double v) { return m::cos(v); }, x);
  check([](In i, Out o) { m::normal_cdf(i, o); }, [](double v) { return m::normal_cdf(v); }, x);
  check([](In i, Out o) { m::normal_quantile(i, o); },
        [](double v) { return m::normal_quantile(v); }, u);
  for (const double v : x) {
    ASSERT_TRUE(same(m::sincos(v).sin, m::sin(v)));
    ASSERT_TRUE(same(m::sincos(v).cos, m::cos(v)));
  }
}

TEST(Math, FloatIsDoubleRoundedOnce) {
  const float x = 0.7f;
  static_assert(std::is_same_v<decltype(m::exp(x)), float>);
  EXPECT_EQ(m::exp(x), static_cast<float>(m::exp(static_cast<double>(x))));
  EXPECT_EQ(m::pow(x, 3.0f), static_cast<float>(m::pow(static_cast<double>(x), 3.0)));
  EXPECT_EQ(m::exp(1), m::exp(1.0));
}

}  // namespace

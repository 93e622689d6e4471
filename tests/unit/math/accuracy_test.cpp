// SPDX-License-Identifier: Apache-2.0
// The largest error of every function of pel::math against MPFR, over random arguments of every
// range that the code treats differently. PEL_MATH_POINTS sets the points per range (5000);
// bounds are those that pel/math.hpp states.
#include <gtest/gtest.h>
#include <mpfr.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "pel/math.hpp"
#include "pel/random.hpp"

namespace {

constexpr mpfr_prec_t kBits = 160;

class Big {
 public:
  Big() { mpfr_init2(value_, kBits); }
  Big(const Big&) = delete;
  Big& operator=(const Big&) = delete;
  ~Big() { mpfr_clear(value_); }
  operator mpfr_ptr() { return value_; }  // NOLINT: an mpfr_t in all but name

 private:
  mpfr_t value_;
};

using Oracle = std::function<void(mpfr_ptr result, mpfr_ptr x, mpfr_ptr y)>;
using Function = std::function<double(double x, double y)>;

// |got - exact| in units of the last place of the correctly rounded result.
double ulp_error(double got, mpfr_ptr exact) {
  const double nearest = mpfr_get_d(exact, MPFR_RNDN);
  if (std::isnan(nearest) || std::isinf(nearest) || std::isinf(got) || std::isnan(got)) {
    if (std::isnan(nearest) && std::isnan(got)) return 0;
    return got == nearest ? 0 : 1e9;
  }
  const double size = std::max(std::abs(nearest), 0x1p-1022);
  static Big difference;
  mpfr_sub_d(difference, exact, got, MPFR_RNDN);
  // 2^-1074 is below what a double divides well: scale first.
  mpfr_mul_2si(difference, difference, 52 - std::ilogb(size), MPFR_RNDN);
  return std::abs(mpfr_get_d(difference, MPFR_RNDN));
}

struct Range {
  double from, to;
  bool by_exponent = false;  // uniform in the logarithm; from and to of one sign
};

double draw(const pel::Philox& random, std::uint64_t i, const Range& range) {
  const double u = random.uniform(i);
  if (!range.by_exponent) return range.from + u * (range.to - range.from);
  const auto a = std::bit_cast<std::uint64_t>(range.from);
  const auto b = std::bit_cast<std::uint64_t>(range.to);
  return std::bit_cast<double>(a + static_cast<std::uint64_t>(u * static_cast<double>(b - a)));
}

int points() {
  const char* text = std::getenv("PEL_MATH_POINTS");
  return text != nullptr ? std::atoi(text) : 5000;
}

struct Case {
  const char* name;
  Function f;
  Oracle oracle;
  double bound;  // ulp
  std::vector<Range> x;
  std::vector<Range> y;  // one per x range, or empty
};

void check(const Case& c) {
  Big x_big, y_big, exact;
  double worst = 0, worst_x = 0, worst_y = 0;
  for (std::size_t r = 0; r < c.x.size(); ++r) {
    const pel::Philox random(20240607, r);
    double worst_here = 0;
    for (int i = 0; i < points(); ++i) {
      const auto at = static_cast<std::uint64_t>(i) * 2;
      const double x = draw(random, at, c.x[r]);
      const double y = c.y.empty() ? 0 : draw(random, at + 1, c.y[r]);
      mpfr_set_d(x_big, x, MPFR_RNDN);
      mpfr_set_d(y_big, y, MPFR_RNDN);
      c.oracle(exact, x_big, y_big);
      const double error = ulp_error(c.f(x, y), exact);
      worst_here = std::max(worst_here, error);
      if (error > worst) worst = error, worst_x = x, worst_y = y;
    }
    if (std::getenv("PEL_MATH_VERBOSE") != nullptr) {
      std::printf("  %s [%g, %g]: %.4f\n", c.name, c.x[r].from, c.x[r].to, worst_here);
    }
  }
  std::printf("%-16s %.4f ulp at %a %a\n", c.name, worst, worst_x, worst_y);
  EXPECT_LE(worst, c.bound) << c.name << " at " << worst_x << ' ' << worst_y;
}

#define UNARY(name) [](double x, double) { return pel::math::name(x); }
#define BINARY(name) [](double x, double y) { return pel::math::name(x, y); }
#define ORACLE1(call) [](mpfr_ptr z, mpfr_ptr x, mpfr_ptr) { call(z, x, MPFR_RNDN); }
#define ORACLE2(call) [](mpfr_ptr z, mpfr_ptr x, mpfr_ptr y) { call(z, x, y, MPFR_RNDN); }

const std::vector<Range> kCircle = {{-0.8, 0.8},
                                    {-10, 10},
                                    {-1000, 1000},
                                    {-1.1e6, 1.1e6},
                                    {0x1p20, 0x1p1023, true},
                                    {0x1p-40, 1, true},
                                    {0x1p19, 0x1p60, true}};

TEST(MathAccuracy, Exp) {
  check({"exp",
         UNARY(exp),
         ORACLE1(mpfr_exp),
         0.51,
         {{-1, 1}, {-20, 20}, {-708, 709.7}, {-745.2, -707}, {0x1p-60, 1, true}},
         {}});
  check({"exp2",
         UNARY(exp2),
         ORACLE1(mpfr_exp2),
         0.51,
         {{-1, 1}, {-1022, 1024}, {-1075, -1021}, {0x1p-60, 1, true}},
         {}});
  check({"expm1",
         UNARY(expm1),
         ORACLE1(mpfr_expm1),
         0.8,
         {{-0.33, 0.33}, {-2, 2}, {-45, 45}, {45, 709.7}, {0x1p-60, 1, true}},
         {}});
}

TEST(MathAccuracy, Log) {
  const std::vector<Range> ranges = {{0.5, 2},
                                     {0.99, 1.01},
                                     {0x1p-1074, 0x1p1023, true},
                                     {0x1p-1074, 0x1p-1022, true},
                                     {0.68, 1.4}};
  check({"log", UNARY(log), ORACLE1(mpfr_log), 0.52, ranges, {}});
  check({"log2", UNARY(log2), ORACLE1(mpfr_log2), 0.51, ranges, {}});
  check({"log10", UNARY(log10), ORACLE1(mpfr_log10), 0.51, ranges, {}});
  check({"log1p",
         UNARY(log1p),
         ORACLE1(mpfr_log1p),
         0.51,
         {{-0.01, 0.01},
          {-0.999, 1},
          {0x1p-60, 0x1p1000, true},
          {-0x1p-60, -0.99, true},
          {-1, -0.99}},
         {}});
}

TEST(MathAccuracy, Pow) {
  check(
      {"pow",
       BINARY(pow),
       ORACLE2(mpfr_pow),
       0.53,
       {{0.1, 10},
        {0.9, 1.1},
        {0.999999, 1.000001},
        {0x1p-1074, 0x1p1023, true},
        {1, 1e3},
        {0.3, 3},
        {0.97, 1.03}},
       {{-10, 10}, {-700, 700}, {-1e8, 1e8}, {-1, 1}, {-100, 100}, {-650, 650}, {-20000, 20000}}});
}

TEST(MathAccuracy, Circular) {
  check({"sin", UNARY(sin), ORACLE1(mpfr_sin), 0.82, kCircle, {}});
  check({"cos", UNARY(cos), ORACLE1(mpfr_cos), 0.82, kCircle, {}});
  check({"tan", UNARY(tan), ORACLE1(mpfr_tan), 1.0, kCircle, {}});
}

// Where the reduction cancels most: the doubles nearest to multiples of pi / 2.
TEST(MathAccuracy, CircularNearMultiplesOfHalfPi) {
  const pel::Philox random(3);
  Big pi, x_big, sine, cosine;
  mpfr_const_pi(pi, MPFR_RNDN);
  double worst = 0;
  for (int i = 0; i < 4 * points(); ++i) {
    const auto at = static_cast<std::uint64_t>(i);
    const std::uint64_t k = 1 + random.below(2 * at, 1ull << (1 + random.below(2 * at + 1, 40)));
    mpfr_mul_ui(x_big, pi, k, MPFR_RNDN);
    const double x = 0.5 * mpfr_get_d(x_big, MPFR_RNDN);
    mpfr_set_d(x_big, x, MPFR_RNDN);
    mpfr_sin_cos(sine, cosine, x_big, MPFR_RNDN);
    worst = std::max(worst, ulp_error(pel::math::sin(x), sine));
    worst = std::max(worst, ulp_error(pel::math::cos(x), cosine));
  }
  std::printf("%-16s %.4f ulp\n", "sin, cos of kpi/2", worst);
  // Results near 0 and 1 are one rounded sum; 0.5005 when the second stage of the reduction is off.
  EXPECT_LE(worst, 0.5002);
}

TEST(MathAccuracy, InverseCircular) {
  const std::vector<Range> unit = {{-1, 1}, {-0.1, 0.1}, {0.9, 1}, {-1, -0.99}, {0x1p-60, 1, true}};
  check({"asin", UNARY(asin), ORACLE1(mpfr_asin), 0.7, unit, {}});
  check({"acos", UNARY(acos), ORACLE1(mpfr_acos), 0.7, unit, {}});
  check({"atan",
         UNARY(atan),
         ORACLE1(mpfr_atan),
         0.52,
         {{-1, 1}, {-20, 20}, {0x1p-60, 0x1p70, true}, {-0.1, 0.1}},
         {}});
  check({"atan2",
         BINARY(atan2),
         ORACLE2(mpfr_atan2),
         0.52,
         {{-1, 1}, {-1, 1}, {0x1p-1074, 0x1p1000, true}, {0x1p-1074, 0x1p-960, true}},
         {{-1, 1}, {-50, 50}, {0x1p-1074, 0x1p1000, true}, {1, 0x1p100, true}}});
}

TEST(MathAccuracy, Hyperbolic) {
  const std::vector<Range> ranges = {
      {-0.33, 0.33}, {-2, 2}, {-40, 40}, {-710.4, 710.4}, {0x1p-60, 1, true}};
  check({"sinh", UNARY(sinh), ORACLE1(mpfr_sinh), 0.55, ranges, {}});
  check({"cosh", UNARY(cosh), ORACLE1(mpfr_cosh), 0.51, ranges, {}});
  check({"tanh", UNARY(tanh), ORACLE1(mpfr_tanh), 0.6, ranges, {}});
}

TEST(MathAccuracy, Roots) {
  check({"sqrt", UNARY(sqrt), ORACLE1(mpfr_sqrt), 0.5, {{0x1p-1074, 0x1p1023, true}}, {}});
  check({"cbrt",
         UNARY(cbrt),
         ORACLE1(mpfr_cbrt),
         0.51,
         {{-8, 8}, {0x1p-1074, 0x1p1023, true}, {0x1p-1074, 0x1p-1022, true}},
         {}});
  check({"hypot",
         BINARY(hypot),
         ORACLE2(mpfr_hypot),
         0.51,
         {{-1, 1},
          {0x1p-1074, 0x1p1000, true},
          {0x1p900, 0x1p1023, true},
          {0x1p-1074, 0x1p-1000, true}},
         {{-1, 1},
          {0x1p-1074, 0x1p1000, true},
          {0x1p900, 0x1p1023, true},
          {0x1p-1074, 0x1p-1000, true}}});
}

// Half the complementary error function at -x / sqrt(2).
void exact_normal_cdf(mpfr_ptr z, mpfr_ptr x, mpfr_ptr) {
  static Big root;
  mpfr_sqrt_ui(root, 2, MPFR_RNDN);
  mpfr_div(z, x, root, MPFR_RNDN);
  mpfr_neg(z, z, MPFR_RNDN);
  mpfr_erfc(z, z, MPFR_RNDN);
  mpfr_div_2ui(z, z, 1, MPFR_RNDN);
}

// Newton's method from the double nearby: x - (cdf(x) - p) / density(x); one step
// squares its error.
void exact_normal_quantile(mpfr_ptr z, mpfr_ptr p, mpfr_ptr) {
  static Big cdf, density, pi;
  mpfr_set_d(z, pel::math::normal_quantile(mpfr_get_d(p, MPFR_RNDN)), MPFR_RNDN);
  mpfr_const_pi(pi, MPFR_RNDN);
  mpfr_mul_2ui(pi, pi, 1, MPFR_RNDN);
  mpfr_sqrt(pi, pi, MPFR_RNDN);
  for (int step = 0; step < 1; ++step) {
    exact_normal_cdf(cdf, z, z);
    mpfr_sub(cdf, cdf, p, MPFR_RNDN);
    mpfr_sqr(density, z, MPFR_RNDN);
    mpfr_div_2ui(density, density, 1, MPFR_RNDN);
    mpfr_neg(density, density, MPFR_RNDN);
    mpfr_exp(density, density, MPFR_RNDN);
    mpfr_div(density, density, pi, MPFR_RNDN);
    mpfr_div(cdf, cdf, density, MPFR_RNDN);
    mpfr_sub(z, z, cdf, MPFR_RNDN);
  }
}

TEST(MathAccuracy, Normal) {
  check({"erf",
         UNARY(erf),
         ORACLE1(mpfr_erf),
         0.75,
         {{-0.51, 0.51}, {-2, 2}, {-6.5, 6.5}, {0x1p-1000, 1, true}, {0x1p-1074, 0x1p-1000, true}},
         {}});
  check({"erfc",
         UNARY(erfc),
         ORACLE1(mpfr_erfc),
         0.75,
         {{-0.51, 0.51}, {-6, 6}, {0.5, 2}, {6, 26.5}, {26, 27.5}, {0x1p-60, 1, true}},
         {}});
  check({"normal_cdf",
         UNARY(normal_cdf),
         exact_normal_cdf,
         0.8,
         {{-0.8, 0.8}, {-3, 3}, {-9, 9}, {-37.5, -6}, {-38.6, -37}},
         {}});
  check(
      {"normal_quantile",
       UNARY(normal_quantile),
       exact_normal_quantile,
       0.8,
       {{0, 1}, {0.07, 0.08}, {0x1p-1000, 0.1, true}, {0x1p-60, 0.1, true}, {0.49, 0.51}, {0.9, 1}},
       {}});
}

}  // namespace

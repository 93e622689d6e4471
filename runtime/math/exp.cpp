// SPDX-License-Identifier: Apache-2.0
#include "pel/math.hpp"
#include "runtime/math/exp_kernel.hpp"
#include "runtime/math/tables_circular.hpp"

namespace pel::math {
namespace detail {

double scale_slowly(Scaled s) noexcept {
  const std::int64_t e = s.exponent;
  const double sum = s.hi + s.lo;
  if (e > 1024) return kInfinity;
  if (e >= 1023) return sum * 0x1p1023 * power_of_two(e - 1023);
  if (e < -1080) return 0;
  return scale_down(fast_two_sum(s.hi, s.lo), e);
}

namespace {

inline double exp_one(double x) noexcept {
  if (!(abs(x) < 700)) [[unlikely]] {
    if (x != x) return kNan;
    if (x > 710) return kInfinity;
    if (x < -746) return 0;
  }
  return scale(exp_scaled(x));
}

// (exp(x) + sign exp(-x)) / 2 for 0 <= x < 710.
double half_sum(double x, double sign) noexcept {
  const Scaled up = exp_scaled(x);
  if (up.exponent > 60) return scale({up.hi, up.lo, up.exponent - 1});
  const Dd down = scale_dd(exp_scaled(-x));
  const Dd sum = add(scale_dd(up), Dd{sign * down.hi, sign * down.lo});
  return 0.5 * sum.hi;
}

}  // namespace
}  // namespace detail

using namespace detail;

double exp(double x) noexcept { return exp_one(x); }

void exp(std::span<const double> in, std::span<double> out) noexcept {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = exp_one(in[i]);
}

double exp2(double x) noexcept {
  if (!(abs(x) < 1100)) {
    if (x != x) return kNan;
    return x > 0 ? kInfinity : 0;
  }
  const double k = (x * 128 + kRoundMagic) - kRoundMagic;
  return scale(exp_of(static_cast<std::int64_t>(k), (x * 128 - k) * kLn2Over));
}

double expm1(double x) noexcept {
  if (x != x) return kNan;
  if (abs(x) < 0.32) {
    if (abs(x) < 0x1p-54) return x;
    return x + (0.5 * x * x + x * x * x * polynomial(kExpm1Poly, x));
  }
  if (x > 709) return exp_one(x);  // 1 is far below the last place, up to overflow
  if (x < -40) return -1;
  const Scaled s = exp_scaled(x);
  if (s.exponent > 100) return scale(s);
  const Dd e = scale_dd(s);
  const Dd sum = two_sum(e.hi, -1);
  return sum.hi + (sum.lo + e.lo);
}

double sinh(double x) noexcept {
  if (x != x) return kNan;
  const double a = abs(x);
  if (a < 0.32) {
    if (a < 0x1p-28) return x;
    return x + x * x * x * polynomial(kSinhPoly, x * x);
  }
  return copysign(a < 711 ? half_sum(a, -1) : kInfinity, x);
}

double cosh(double x) noexcept {
  if (x != x) return kNan;
  const double a = abs(x);
  return a < 711 ? half_sum(a, 1) : kInfinity;
}

double tanh(double x) noexcept {
  if (x != x) return kNan;
  const double a = abs(x);
  if (a < 0.32) {
    if (a < 0x1p-28) return x;
    return x + x * x * x * polynomial(kTanhPoly, x * x);
  }
  if (a > 20) return copysign(1, x);
  // 1 - 2 / (exp(2 x) + 1)
  const Dd q = divide({2, 0}, add(scale_dd(exp_scaled(2 * a)), 1.0));
  const Dd result = add(negate(q), 1.0);
  return copysign(result.hi, x);
}

}  // namespace pel::math

// SPDX-License-Identifier: Apache-2.0
#include "pel/math.hpp"
#include "runtime/math/exp_kernel.hpp"
#include "runtime/math/log_kernel.hpp"

namespace pel::math {

using namespace detail;

namespace {

bool is_integer(double y) noexcept { return trunc(y) == y; }

bool is_odd(double y) noexcept {
  return abs(y) < 0x1p53 && is_integer(y) && static_cast<std::int64_t>(y) % 2 != 0;
}

// x is 0 or infinite; y is neither 0 nor NaN.
double pow_of_edge(double x, double y) noexcept {
  const bool grows = (abs(x) > 1) == (y > 0);
  return copysign(grows ? kInfinity : 0, is_odd(y) ? x : 1);
}

// x^y for finite x > 0 other than 1, in double-double up to the exponential.
double pow_positive(double x, double y, double sign) noexcept {
  if (abs(y) > 0x1p66) return sign * ((x > 1) == (y > 0) ? kInfinity : 0);
  const Dd log_x = log_dd(log_parts_of(x));
  const Dd p = multiply(log_x, y);
  if (p.hi > 710) return sign * kInfinity;
  if (p.hi < -746) return sign * 0;
  return sign * scale(exp_scaled(p.hi, p.lo));
}

}  // namespace

double pow(double x, double y) noexcept {
  if (y == 0 || x == 1) return 1;
  if (x != x || y != y) return kNan;
  if (x == 0 || abs(x) == kInfinity) return pow_of_edge(x, y);
  const double a = abs(x);
  if (a == 1 && (abs(y) == kInfinity || is_integer(y))) return is_odd(y) ? x : 1;
  if (x < 0 && !is_integer(y)) return kNan;
  return pow_positive(a, y, x < 0 && is_odd(y) ? -1 : 1);
}

}  // namespace pel::math

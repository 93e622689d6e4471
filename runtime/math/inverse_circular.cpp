// SPDX-License-Identifier: Apache-2.0
#include "pel/math.hpp"
#include "runtime/math/double_double.hpp"
#include "runtime/math/tables_circular.hpp"

namespace pel::math {

using namespace detail;

namespace {

constexpr Dd kHalfPi{kHalfPiHi, kHalfPiLo};
constexpr Dd kPi{2 * kHalfPiHi, 2 * kHalfPiLo};

// atan(n / d) for 0 <= n <= d, d > 0, both far from overflow and underflow:
// atan(c) + atan((n - c d) / (d + c n)) for the sixteenth c nearest to n / d.
Dd atan_of_ratio(Dd n, Dd d) noexcept {
  const double cell = (n.hi / d.hi * 16 + kRoundMagic) - kRoundMagic;
  const double c = cell * 0.0625;
  Dd t{};
  if (cell == 0) {
    t = divide(n, d);
  } else {
    t = divide(add(n, negate(multiply(d, c))), add(d, multiply(n, c)));
  }
  const double w = t.hi * t.hi;
  const double tail = t.lo + t.hi * w * polynomial(kAtanPoly, w);
  const double* row = kAtanTable[static_cast<int>(cell)];
  const Dd sum = fast_two_sum(row[0], t.hi);
  return fast_two_sum(sum.hi, sum.lo + (row[1] + tail));
}

// atan2(n, d) for n >= 0 and any d, not both 0, neither far from 1.
Dd angle(Dd n, Dd d) noexcept {
  const bool left = d.hi < 0;
  if (left) d = negate(d);
  Dd a = n.hi <= d.hi ? atan_of_ratio(n, d) : add(kHalfPi, negate(atan_of_ratio(d, n)));
  return left ? add(kPi, negate(a)) : a;
}

// sqrt(1 - x^2), |x| <= 1.
Dd co_sine(double x) noexcept {
  const Dd below = two_sum(1, -x), above = two_sum(1, x);
  const Dd product = multiply(below, above);
  return product.hi > 0 ? square_root(product) : Dd{0, 0};
}

// A positive finite number as mantissa in [1, 2) and exponent.
struct Parts {
  double mantissa;
  std::int64_t exponent;
};

Parts split(double x) noexcept {
  std::int64_t e = -1023;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    e -= 54;
  }
  const std::uint64_t bits = bits_of(x);
  return {from_bits((bits & 0x000fffffffffffff) | 0x3ff0000000000000),
          static_cast<std::int64_t>(bits >> 52) + e};
}

// n / d for n far below d, rounded once even when subnormal.
double tiny_ratio(Parts n, Parts d) noexcept {
  const Dd q = divide({n.mantissa, 0}, {d.mantissa, 0});
  const std::int64_t e = n.exponent - d.exponent;
  return e < -1100 ? 0 : scale_down(q, e);
}

// atan2(y, x) for finite y > 0 and x other than 0.
double angle_of(double y, double x) noexcept {
  const Parts n = split(y), d = split(abs(x));
  const std::int64_t gap = n.exponent - d.exponent;
  if (gap > 70) return kHalfPiHi;
  if (gap < -60) return x > 0 ? tiny_ratio(n, d) : kPi.hi;
  const double scaled = n.mantissa * power_of_two(gap);
  return angle({scaled, 0}, {copysign(d.mantissa, x), 0}).hi;
}

double atan2_of_infinite(double y, double x) noexcept {
  if (abs(y) < kInfinity) return x > 0 ? 0 : kPi.hi;
  if (abs(x) < kInfinity) return kHalfPiHi;
  return x > 0 ? 0.5 * kHalfPiHi : 3 * (0.5 * kHalfPiHi);
}

}  // namespace

double atan(double x) noexcept {
  if (x != x) return kNan;
  const double a = abs(x);
  if (a < 0x1p-28) return x;
  if (a > 0x1p60) return copysign(kHalfPiHi, x);
  return copysign(angle({a, 0}, {1, 0}).hi, x);
}

double atan2(double y, double x) noexcept {
  if (x != x || y != y) return kNan;
  double a = 0;
  if (abs(x) == kInfinity || abs(y) == kInfinity) {
    a = atan2_of_infinite(y, x);
  } else if (y == 0) {
    a = copysign(1, x) > 0 ? 0 : kPi.hi;
  } else {
    a = x == 0 ? kHalfPiHi : angle_of(abs(y), x);
  }
  return copysign(a, y);
}

double asin(double x) noexcept {
  const double a = abs(x);
  if (!(a <= 1)) return kNan;
  if (a < 0x1p-28) return x;
  return copysign(angle({a, 0}, co_sine(a)).hi, x);
}

double acos(double x) noexcept {
  if (!(abs(x) <= 1)) return kNan;
  return angle(co_sine(x), {x, 0}).hi;
}

}  // namespace pel::math

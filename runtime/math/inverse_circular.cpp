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
Dd atan_of_ratio(double n, double d) noexcept {
  const double cell = (n / d * 16 + kRoundMagic) - kRoundMagic;
  const double c = cell * 0.0625;
  const Dd cd = two_prod(c, d), cn = two_prod(c, n);
  const Dd below = fast_two_sum(d, cn.hi);
  const Dd t = divide({n - cd.hi, -cd.lo}, {below.hi, below.lo + cn.lo});  // n - cd.hi is exact
  const double w = t.hi * t.hi;
  const double tail = t.lo + t.hi * w * polynomial(kAtanPoly, w);
  const double* row = kAtanTable[static_cast<int>(cell)];
  const Dd sum = fast_two_sum(row[0], t.hi);
  return fast_two_sum(sum.hi, sum.lo + (row[1] + tail));
}

// atan2(n, d) for n >= 0 and any d, not both 0, neither far from 1.
Dd angle(double n, double d) noexcept {
  const double a = abs(d);
  const Dd acute = n <= a ? atan_of_ratio(n, a) : add(kHalfPi, negate(atan_of_ratio(a, n)));
  return d < 0 ? add(kPi, negate(acute)) : acute;
}

// asin(x) - x for |x| <= 0.5.
inline double asin_tail(double x) noexcept {
  const double w = x * x;
  return x * w * polynomial(kAsinPoly, w);
}

// asin(sqrt(z)) for 0 <= z <= 0.25.
inline Dd asin_of_root(double z) noexcept {
  if (z == 0) return {0, 0};
  const double s = __builtin_sqrt(z);
  const Dd square = two_prod(s, s);
  const double s_lo = ((z - square.hi) - square.lo) / (2 * s);
  return {s, s_lo + s * z * polynomial(kAsinPoly, z)};
}

// p - a for p far above a.lo.
inline double difference(Dd p, Dd a) noexcept {
  const Dd sum = two_sum(p.hi, -a.hi);
  return sum.hi + (sum.lo + (p.lo - a.lo));
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
  return angle(scaled, copysign(d.mantissa, x)).hi;
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
  return copysign(angle(a, 1).hi, x);
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

// Above one half by asin(x) = pi / 2 - 2 asin(sqrt((1 - x) / 2)).
double asin(double x) noexcept {
  const double a = abs(x);
  if (!(a <= 1)) return kNan;
  if (a < 0x1p-28) return x;
  if (a <= 0.5) return x + asin_tail(x);
  const Dd half = asin_of_root(0.5 * (1 - a));
  return copysign(difference(kHalfPi, {2 * half.hi, 2 * half.lo}), x);
}

double acos(double x) noexcept {
  const double a = abs(x);
  if (!(a <= 1)) return kNan;
  if (a <= 0.5) return difference(kHalfPi, {x, asin_tail(x)});
  const Dd half = asin_of_root(0.5 * (1 - a));
  const Dd whole{2 * half.hi, 2 * half.lo};
  return x > 0 ? whole.hi + whole.lo : difference(kPi, whole);
}

}  // namespace pel::math

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/math/double_double.hpp"
#include "runtime/math/tables_exp_log.hpp"

// Table-driven exponential (Tang, "Table-driven implementation of the exponential function", ACM
// TOMS 1989): x = k ln 2 / 128 + r, exp(x) = 2^(k / 128) (1 + (exp(r) - 1)).
namespace pel::math::detail {

// (hi + lo) 2^exponent, hi in [1, 2), |lo| < 2^-7 hi.
struct Scaled {
  double hi, lo;
  std::int64_t exponent;
};

// 2^(k / 128) exp(r), |r| <= ln 2 / 256: relative error below 2^-60.
inline Scaled exp_of(std::int64_t k, double r) noexcept {
  const double q = r + r * r * polynomial(kExpPoly, r);
  const double* t = kExp2Table[k & 127];
  return {t[0], t[1] + t[0] * q, k >> 7};
}

// exp(x + tail) for |x| < 800 and a tail far below x.
inline Scaled exp_scaled(double x, double tail = 0) noexcept {
  const double k = (x * kInvLn2Step + kRoundMagic) - kRoundMagic;
  const double r = ((x - k * kLn2StepHi) - k * kLn2StepLo) + tail;
  return exp_of(static_cast<std::int64_t>(k), r);
}

// s 2^exponent outside the normal range, rounded once.
double scale_slowly(Scaled s) noexcept;

inline double scale(Scaled s) noexcept {
  if (s.exponent > -1022 && s.exponent < 1023) [[likely]] {
    return (s.hi + s.lo) * power_of_two(s.exponent);
  }
  return scale_slowly(s);
}

// s as a double-double; for results within the normal range.
inline Dd scale_dd(Scaled s) noexcept {
  const double factor = power_of_two(s.exponent);
  const Dd sum = fast_two_sum(s.hi, s.lo);
  return {sum.hi * factor, sum.lo * factor};
}

}  // namespace pel::math::detail

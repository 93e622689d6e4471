// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runtime/math/double_double.hpp"
#include "runtime/math/tables_exp_log.hpp"

// Table-driven logarithm (Tang, "Table-driven implementation of the logarithm function", ACM TOMS
// 1990): x = 2^k z, z in [0.6875, 1.375), log(x) = k ln 2 + log(c) + log(1 + r), r = z / c - 1. The
// table's 1 / c have 10 bits, so that r comes out exactly, as a sum of two doubles.
namespace pel::math::detail {

struct LogParts {
  double r, r_lo;        // |r| <= 2^-7
  double base, base_lo;  // k ln 2 + log(c)
};

inline constexpr std::uint64_t kLogOffset = 0x3fe6000000000000;

// For a positive normal x given by its bits less k 2^52; `extra` is added to x, far below it.
inline LogParts log_parts(std::uint64_t bits, std::int64_t k, double extra = 0) noexcept {
  const std::uint64_t from_offset = bits - kLogOffset;
  const double* row = kLogTable[(from_offset >> 45) & 127];
  const std::int64_t octave = static_cast<std::int64_t>(from_offset) >> 52;
  const double z = from_bits(bits - (static_cast<std::uint64_t>(octave) << 52));
  const double z_hi = high_half(z);
  const double a = z_hi * row[0] - 1, b = (z - z_hi) * row[0];
  const double r = a + b;
  const double exponent = static_cast<double>(octave + k);
  LogParts parts{r, (a - r) + b, exponent * kLn2Hi + row[1], exponent * kLn2Lo + row[2]};
  if (extra != 0) parts.r_lo += extra * power_of_two(-octave) * row[0];
  return parts;
}

// The logarithm to 0.52 ulp.
inline double log_of(const LogParts& p) noexcept {
  const double hi = p.base + p.r;
  const double lo = (p.base - hi) + p.r;
  const double r2 = p.r * p.r;
  return hi + (lo + ((p.base_lo + p.r_lo) + (r2 * p.r * polynomial(kLogPoly, p.r) - 0.5 * r2)));
}

// The logarithm to about 2^-67 of its value.
inline Dd log_dd(const LogParts& p) noexcept {
  const Dd square = two_prod(p.r, p.r);
  const Dd first = two_sum(p.base, p.r);
  const Dd second = two_sum(first.hi, -0.5 * square.hi);
  const double cubic = square.hi * p.r * polynomial(kLogPoly, p.r);
  const double small = (p.base_lo + (p.r_lo - p.r * p.r_lo)) - 0.5 * square.lo;
  return fast_two_sum(second.hi, (first.lo + second.lo) + (small + cubic));
}

// The parts of a positive finite x, subnormal ones included.
inline LogParts log_parts_of(double x) noexcept {
  if (x < 0x1p-1022) return log_parts(bits_of(x * 0x1p54), -54);
  return log_parts(bits_of(x), 0);
}

}  // namespace pel::math::detail

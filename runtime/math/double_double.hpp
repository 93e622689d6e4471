// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

// Error-free transformations (Dekker 1971; Knuth, TAOCP 2, 4.2.2) and double-double arithmetic made
// of them. All need round-to-nearest and no contraction; nothing here may overflow.
namespace pel::math::detail {

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kRoundMagic = 0x1.8p52;  // x + this - this rounds |x| < 2^51 to an integer

// hi + lo, |lo| at most half an ulp of hi once normalised.
struct Dd {
  double hi, lo;
};

inline std::uint64_t bits_of(double x) noexcept { return std::bit_cast<std::uint64_t>(x); }
inline double from_bits(std::uint64_t b) noexcept { return std::bit_cast<double>(b); }

// x without its low 27 bits: 26 significant bits, and the rest x - high_half(x) has 27.
inline double high_half(double x) noexcept { return from_bits(bits_of(x) & ~0x7ffffffull); }

// 2^e for -1022 <= e <= 1023.
inline double power_of_two(std::int64_t e) noexcept {
  return from_bits(static_cast<std::uint64_t>(e + 1023) << 52);
}

// a + b exactly, for |a| >= |b| or a = 0.
inline Dd fast_two_sum(double a, double b) noexcept {
  const double s = a + b;
  return {s, b - (s - a)};
}

inline Dd two_sum(double a, double b) noexcept {
  const double s = a + b;
  const double bb = s - a;
  return {s, (a - (s - bb)) + (b - bb)};
}

// a * b; exact but for the rounding of the last partial product, 2^-105 of it.
inline Dd two_prod(double a, double b) noexcept {
  const double ah = high_half(a), al = a - ah;
  const double bh = high_half(b), bl = b - bh;
  const double p = a * b;
  return {p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
}

inline Dd add(Dd a, Dd b) noexcept {
  const Dd s = two_sum(a.hi, b.hi);
  return fast_two_sum(s.hi, s.lo + (a.lo + b.lo));
}

inline Dd add(Dd a, double b) noexcept {
  const Dd s = two_sum(a.hi, b);
  return fast_two_sum(s.hi, s.lo + a.lo);
}

inline Dd multiply(Dd a, Dd b) noexcept {
  const Dd p = two_prod(a.hi, b.hi);
  return fast_two_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

inline Dd multiply(Dd a, double b) noexcept {
  const Dd p = two_prod(a.hi, b);
  return fast_two_sum(p.hi, p.lo + a.lo * b);
}

// One division: the quotient by the reciprocal is off by an ulp or two, which the rest makes good.
inline Dd divide(Dd a, Dd b) noexcept {
  const double inverse = 1 / b.hi;
  const double q = a.hi * inverse;
  const Dd p = two_prod(q, b.hi);
  const double rest = ((a.hi - p.hi) - p.lo) + (a.lo - q * b.lo);
  return fast_two_sum(q, rest * inverse);
}

inline Dd square_root(Dd a) noexcept {
  const double s = __builtin_sqrt(a.hi);
  const Dd p = two_prod(s, s);
  return fast_two_sum(s, (((a.hi - p.hi) - p.lo) + a.lo) / (2 * s));
}

inline Dd negate(Dd a) noexcept { return {-a.hi, -a.lo}; }

// v 2^e for a positive v and -1200 < e <= 0, rounded once even where the result is subnormal.
inline double scale_down(Dd v, std::int64_t e) noexcept {
  if (e >= -900) return v.hi * power_of_two(e);
  // Adding 2^(-1022 - e) puts the last place of the sum where the last place of the result is, so
  // that the one rounding happens here; the products are exact.
  const double unit = e <= -1022 ? power_of_two(-1022 - e) : 0x1p-1022 / power_of_two(e);
  const double back = power_of_two(e + 400);
  if (v.hi >= unit) return v.hi * back * 0x1p-400;
  const Dd sum = fast_two_sum(unit, v.hi);
  return ((sum.hi + (sum.lo + v.lo)) - unit) * back * 0x1p-400;
}

// c[0] + c[1] x + ... + c[N - 1] x^(N - 1), even and odd powers apart to halve the latency.
template <std::size_t N>
inline double polynomial(const double (&c)[N], double x) noexcept {
  constexpr std::size_t kOdd = N % 2 == 0 ? N - 1 : N - 2, kEven = N % 2 == 0 ? N - 2 : N - 1;
  const double w = x * x;
  double even = c[kEven], odd = c[kOdd];
  for (std::size_t k = kEven; k >= 2; k -= 2) even = even * w + c[k - 2];
  for (std::size_t k = kOdd; k >= 3; k -= 2) odd = odd * w + c[k - 2];
  return even + x * odd;
}

// The same for the N coefficients from c on.
template <std::size_t N>
inline double polynomial_at(const double* c, double x) noexcept {
  return polynomial(*reinterpret_cast<const double(*)[N]>(c), x);
}

}  // namespace pel::math::detail

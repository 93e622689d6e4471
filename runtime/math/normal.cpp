// SPDX-License-Identifier: Apache-2.0
#include "pel/math.hpp"
#include "runtime/math/exp_kernel.hpp"
#include "runtime/math/log_kernel.hpp"
#include "runtime/math/tables_special.hpp"

namespace pel::math {

using namespace detail;

namespace {

constexpr std::uint64_t kMantissa = (std::uint64_t{1} << 52) - 1;

// Row of a table with eight intervals an octave for x in [2^first_octave, ...), and the distance
// of x from the middle of its interval (exact).
struct Cell {
  int row;
  double offset;
};

Cell octave_cell(double x, int first_octave) noexcept {
  const std::uint64_t bits = bits_of(x);
  const std::uint64_t middle = (bits & ~(kMantissa >> 3)) | (std::uint64_t{1} << 48);
  const int octave = static_cast<int>(bits >> 52) - 1023 - first_octave;
  return {octave * 8 + static_cast<int>((bits >> 49) & 7), x - from_bits(middle)};
}

// exp(t^2) erfc(t) at t = x + x_lo, 0.5 <= x < 31.
Dd scaled_erfc(double x, double x_lo) noexcept {
  // The table's first row belongs to x + 1 in [1.5, 1.625).
  const double shifted = x + 1;
  Cell cell = octave_cell(shifted, 0);
  const double rest = (x - (shifted - 1)) + x_lo;
  const double* row = kErfcxTable[cell.row - 4];
  const double t = cell.offset + rest;
  return {row[0], row[1] + t * polynomial_at<11>(row + 2, t)};
}

// erfc(x) = exp(-square) scaled_erfc(x), x >= 0.5; square is x^2.
Scaled erfc_tail(double x, double x_lo, Dd square) noexcept {
  const Scaled e = exp_scaled(-square.hi, -square.lo);
  const Dd f = scaled_erfc(x, x_lo);
  const Dd product = multiply(fast_two_sum(e.hi, e.lo), fast_two_sum(f.hi, f.lo));
  return {product.hi, product.lo, e.exponent};
}

// erf(x + x_lo) for |x| <= 0.5, w = x^2.
Dd erf_near_zero(double x, double x_lo, double w) noexcept {
  const double tail = x * (kErfLeadLo + w * polynomial(kErfPoly, w));
  const Dd lead = two_prod(x, kErfLead);
  const Dd sum = two_sum(x, lead.hi);
  return {sum.hi, sum.lo + (lead.lo + tail + x_lo * (1 + kErfLead))};
}

// A scaled number below 1 that may be subnormal, rounded once; hi in (2^-7, 2).
double small_scaled(Scaled s) noexcept {
  while (s.hi < 1) s = {2 * s.hi, 2 * s.lo, s.exponent - 1};
  return scale(s);
}

// erfc of x + x_lo given its square, over `halves` factors of 2.
double erfc_of(double x, double x_lo, Dd square, int halves) noexcept {
  const double factor = halves == 0 ? 1 : 0.5;
  const double a = abs(x);
  if (a <= 0.5) {
    const Dd e = erf_near_zero(x, x_lo, x * x);
    const Dd sum = two_sum(1, -e.hi);
    return factor * (sum.hi + (sum.lo - e.lo));
  }
  if (a > 30) return x > 0 ? 0 : 2 * factor;
  Scaled tail = erfc_tail(a, x > 0 ? x_lo : -x_lo, square);
  if (x > 0) return small_scaled({tail.hi, tail.lo, tail.exponent - halves});
  const Dd t = scale_dd(tail.exponent < -1000 ? Scaled{0, 0, 0} : tail);
  const Dd sum = two_sum(2, -t.hi);
  return factor * (sum.hi + (sum.lo - t.lo));
}

inline double normal_cdf_one(double x) noexcept {
  if (x != x) return kNan;
  if (abs(x) > 40) return x > 0 ? 1 : 0;
  if (abs(x) < 0x1p-60) return 0.5;
  const Dd t = multiply(Dd{-kInvSqrt2Hi, -kInvSqrt2Lo}, x);
  const Dd square = two_prod(x, x);
  return erfc_of(t.hi, t.lo, {0.5 * square.hi, 0.5 * square.lo}, 1);
}

// normal_quantile(p) for p <= 0.075: -s + g(s), s = sqrt(-2 log p).
double tail_quantile(double p) noexcept {
  const Dd log_p = log_dd(log_parts_of(p));
  const Dd s = square_root({-2 * log_p.hi, -2 * log_p.lo});
  const Cell cell = octave_cell(s.hi, 1);
  const double* row = kTailTable[cell.row];
  const double rest = row[1] + cell.offset * polynomial_at<11>(row + 2, cell.offset);
  const Dd sum = fast_two_sum(-s.hi, row[0]);
  return sum.hi + (sum.lo + (rest - s.lo));
}

// normal_quantile(1/2 + q + q_lo), |q| <= 0.425.
inline double central_quantile(double q, double q_lo) noexcept {
  const double q_hi = high_half(q), q_rest = q - q_hi;
  const double w = q * q;
  const double w_lo = (q_hi * q_hi - w) + q_rest * (q + q_hi);
  const int cell = static_cast<int>(w * kCentralInvWidth);
  const double* row = kCentralTable[cell];
  const double t = (w - (static_cast<double>(cell) + 0.5) * kCentralWidth) + w_lo;
  const double rest = row[1] + t * polynomial_at<11>(row + 2, t);
  // q_lo enters through the derivative, q ratio(q^2) differentiated.
  const double small = q_lo * (row[0] + 2 * w * row[2]);
  return q_hi * row[0] + (q_rest * row[0] + (q * rest + small));
}

inline double normal_quantile_one(double p) noexcept {
  const double q = p - 0.5;
  if (abs(q) <= 0.425) [[likely]]
    return central_quantile(q, p - (q + 0.5));
  if (!(p >= 0 && p <= 1)) return kNan;
  if (p == 0) return -kInfinity;
  if (p == 1) return kInfinity;
  return p < 0.5 ? tail_quantile(p) : -tail_quantile(1 - p);
}

}  // namespace

double erf(double x) noexcept {
  if (x != x) return kNan;
  const double a = abs(x);
  if (a <= 0.5) {
    if (a < 0x1p-500) {
      const Dd e = erf_near_zero(a * 0x1p1000, 0, 0);
      return copysign(scale_down(fast_two_sum(e.hi, e.lo), -1000), x);
    }
    const Dd e = erf_near_zero(x, 0, x * x);
    return e.hi + e.lo;
  }
  if (a > 6) return copysign(1, x);
  const Dd t = scale_dd(erfc_tail(a, 0, two_prod(a, a)));
  const Dd sum = two_sum(1, -t.hi);
  return copysign(sum.hi + (sum.lo - t.lo), x);
}

double erfc(double x) noexcept {
  if (x != x) return kNan;
  if (abs(x) > 30) return x > 0 ? 0 : 2;
  if (abs(x) < 0x1p-60) return 1;
  return erfc_of(x, 0, two_prod(x, x), 0);
}

double normal_cdf(double x) noexcept { return normal_cdf_one(x); }

void normal_cdf(std::span<const double> in, std::span<double> out) noexcept {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = normal_cdf_one(in[i]);
}

double normal_quantile(double p) noexcept { return normal_quantile_one(p); }

void normal_quantile(std::span<const double> in, std::span<double> out) noexcept {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = normal_quantile_one(in[i]);
}

}  // namespace pel::math

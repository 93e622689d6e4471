// SPDX-License-Identifier: Apache-2.0
#include "pel/math.hpp"
#include "runtime/math/double_double.hpp"
#include "runtime/math/tables_circular.hpp"

namespace pel::math {

using namespace detail;

namespace {

// x = quadrant pi / 2 + (r.hi + r.lo), |r| <= pi / 4 and a little.
struct Reduced {
  Dd r;
  unsigned quadrant;
};

__extension__ using Wide = unsigned __int128;

// The 256 bits of 2 / pi 2^(exponent - 2) on either side of its point, less the integer multiples
// of 1 before them; exponent >= -62.
void two_over_pi_window(std::int64_t exponent, std::uint64_t (&window)[4]) noexcept {
  const auto start = static_cast<unsigned>(exponent - 2 + 64);
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned word = start / 64 + i, shift = start % 64;
    window[i] = kTwoOverPiBits[word] << shift;
    if (shift != 0) window[i] |= kTwoOverPiBits[word + 1] >> (64 - shift);
  }
}

// A fraction of 128 bits in double-double, relative to its own size.
Dd fraction_dd(Wide fraction) noexcept {
  const auto top = static_cast<std::uint64_t>(fraction >> 64);
  const int zeros = top != 0 ? std::countl_zero(top) : 64;
  const Wide aligned = fraction << zeros;
  const auto hi = static_cast<std::uint64_t>(aligned >> 75);
  const auto lo = static_cast<std::uint64_t>(aligned >> 22) & ((std::uint64_t{1} << 53) - 1);
  const double unit = power_of_two(-53 - zeros);
  return fast_two_sum(static_cast<double>(hi) * unit, static_cast<double>(lo) * unit * 0x1p-53);
}

// Payne and Hanek, "Radian reduction for trigonometric functions", SIGNUM 1983: the bits of 2 / pi
// that count between 4 quadrants and 2^-200 of one, times the integer mantissa of x.
Reduced reduce_huge(double x) noexcept {
  const std::uint64_t bits = bits_of(abs(x));
  const std::uint64_t mantissa = (bits & 0x000fffffffffffff) | 0x0010000000000000;
  std::uint64_t window[4];
  two_over_pi_window(static_cast<std::int64_t>(bits >> 52) - 1075, window);
  const Wide low = Wide{window[3]} * mantissa;
  const Wide middle = Wide{window[2]} * mantissa + static_cast<std::uint64_t>(low >> 64);
  const Wide high = Wide{window[1]} * mantissa + static_cast<std::uint64_t>(middle >> 64);
  const std::uint64_t top = window[0] * mantissa + static_cast<std::uint64_t>(high >> 64);
  // top : high : middle is x 2 / pi modulo 4: two bits before the point.
  auto quadrant = static_cast<unsigned>(top >> 62);
  Wide fraction = (Wide{top} << 64 | static_cast<std::uint64_t>(high)) << 2 |
                  static_cast<std::uint64_t>(middle) >> 62;
  const bool above_half = static_cast<bool>(fraction >> 127);
  if (above_half) {  // to the nearest quadrant: the distance to it, negative
    ++quadrant;
    fraction = ~fraction;
  }
  Dd r = multiply(fraction_dd(fraction), Dd{kHalfPiHi, kHalfPiLo});
  if (above_half != (x < 0)) r = negate(r);
  return {r, x < 0 ? 0u - quadrant : quadrant};
}

// Cody and Waite, "Software manual for the elementary functions", 1980, with the rest kept.
Reduced reduce(double x) noexcept {
  if (abs(x) <= 0.7853981633974483) return {{x, 0}, 0};
  if (abs(x) > 0x1p20) return reduce_huge(x);
  const double k = (x * kTwoOverPi + kRoundMagic) - kRoundMagic;
  const double first = x - k * kHalfPi1;  // exact
  const Dd second = two_sum(first, -k * kHalfPi2);
  const auto quadrant = static_cast<unsigned>(static_cast<std::int64_t>(k));
  if (abs(second.hi) > 0x1p-20) [[likely]] {
    return {fast_two_sum(second.hi, second.lo - k * kHalfPi3Full), quadrant};
  }
  const Dd third = two_sum(second.hi, -k * kHalfPi3);
  const Dd rest = two_sum(second.lo + third.lo, -k * kHalfPi4);
  return {fast_two_sum(third.hi, rest.hi + rest.lo), quadrant};
}

// sin(r) as a leading part and a tail; |r| <= pi / 4.
inline Dd sin_kernel(Dd r) noexcept {
  const double w = r.hi * r.hi;
  return {r.hi, r.hi * w * polynomial(kSinPoly, w) + (r.lo - 0.5 * w * r.lo)};
}

inline Dd cos_kernel(Dd r) noexcept {
  const Dd square = two_prod(r.hi, r.hi);
  const double w = square.hi, half = 0.5 * w, lead = 1 - half;
  const double small = w * w * polynomial(kCosPoly, w) - (r.hi * r.lo + 0.5 * square.lo);
  return {lead, ((1 - lead) - half) + small};
}

inline double pick(const Reduced& x, unsigned turn) noexcept {
  const unsigned quadrant = x.quadrant + turn;
  const Dd value = (quadrant & 1) == 0 ? sin_kernel(x.r) : cos_kernel(x.r);
  const double sum = value.hi + value.lo;
  return (quadrant & 2) == 0 ? sum : -sum;
}

bool is_finite(double x) noexcept { return abs(x) < kInfinity; }

inline double sin_one(double x) noexcept {
  if (!is_finite(x)) return kNan;
  return abs(x) < 0x1p-27 ? x : pick(reduce(x), 0);
}

inline double cos_one(double x) noexcept { return is_finite(x) ? pick(reduce(x), 1) : kNan; }

}  // namespace

double sin(double x) noexcept { return sin_one(x); }
double cos(double x) noexcept { return cos_one(x); }

void sin(std::span<const double> in, std::span<double> out) noexcept {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = sin_one(in[i]);
}

void cos(std::span<const double> in, std::span<double> out) noexcept {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = cos_one(in[i]);
}

SinCos sincos(double x) noexcept {
  if (!is_finite(x)) return {kNan, kNan};
  const Reduced reduced = reduce(x);
  return {abs(x) < 0x1p-27 ? x : pick(reduced, 0), pick(reduced, 1)};
}

double tan(double x) noexcept {
  if (!is_finite(x)) return kNan;
  if (abs(x) < 0x1p-27) return x;
  const Reduced reduced = reduce(x);
  const Dd s = sin_kernel(reduced.r), c = cos_kernel(reduced.r);
  const Dd sine = fast_two_sum(s.hi, s.lo), cosine = fast_two_sum(c.hi, c.lo);
  return (reduced.quadrant & 1) == 0 ? divide(sine, cosine).hi : -divide(cosine, sine).hi;
}

}  // namespace pel::math

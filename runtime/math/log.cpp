// SPDX-License-Identifier: Apache-2.0
#include "pel/math.hpp"
#include "runtime/math/log_kernel.hpp"

namespace pel::math {

using namespace detail;

namespace {

// log of 0, negative numbers, NaN and infinity.
double log_special(double x) noexcept {
  if (x == 0) return -kInfinity;
  return x > 0 ? x : kNan;
}

bool is_positive_finite(double x) noexcept { return x > 0 && x < kInfinity; }

inline double log_one(double x) noexcept {
  const std::uint64_t bits = bits_of(x);
  // Positive normal numbers in one comparison.
  if (bits - 0x0010000000000000 < 0x7fe0000000000000) [[likely]]
    return log_of(log_parts(bits, 0));
  return is_positive_finite(x) ? log_of(log_parts_of(x)) : log_special(x);
}

// log(x) times a constant, rounded once.
double scaled_log(double x, Dd factor) noexcept {
  if (!is_positive_finite(x)) return log_special(x);
  return multiply(log_dd(log_parts_of(x)), factor).hi;
}

}  // namespace

double log(double x) noexcept { return log_one(x); }

void log(std::span<const double> in, std::span<double> out) noexcept {
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = log_one(in[i]);
}

double log2(double x) noexcept { return scaled_log(x, {kInvLn2Hi, kInvLn2Lo}); }

double log10(double x) noexcept { return scaled_log(x, {kInvLn10Hi, kInvLn10Lo}); }

double log1p(double x) noexcept {
  if (!(x > -1)) return x == -1 ? -kInfinity : kNan;
  if (x == kInfinity) return x;
  if (abs(x) < 0x1p-54) return x;
  if (abs(x) < 0x1p-8) return log_of({x, 0, 0, 0});
  const Dd u = two_sum(1, x);
  return log_dd(log_parts(bits_of(u.hi), 0, u.lo)).hi;
}

}  // namespace pel::math

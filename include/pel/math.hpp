// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>

#ifdef __FAST_MATH__
#error "pel needs IEEE arithmetic: compile without -ffast-math"
#endif

// Elementary functions whose bits do not depend on the machine: they use + - * /, square root and
// integers alone, never a fused multiply-add and never libm, which picks its code by CPU. So the
// same call gives the same 64 bits on any x86-64, and on any other IEEE machine.
//
// Arguments and results are in radians and natural units; special cases are those of C, Annex F,
// except that every NaN result is the same positive quiet NaN, and that errno and the exception
// flags are not part of the result. Rounding mode: to nearest. Accuracy: a bound on the errors
// found against MPFR, in units in the last place (ulp), stands at each function; tests/unit/math
// keeps it.
// All functions are pure and may be called by any number of threads at once.
//
// A float argument is computed in double and rounded once: within 0.501 ulp.
namespace pel::math {

double exp(double x) noexcept;            // 0.51 ulp
double exp2(double x) noexcept;           // 0.51 ulp
double expm1(double x) noexcept;          // 0.8 ulp
double log(double x) noexcept;            // 0.52 ulp
double log2(double x) noexcept;           // 0.51 ulp
double log10(double x) noexcept;          // 0.51 ulp
double log1p(double x) noexcept;          // 0.51 ulp
double pow(double x, double y) noexcept;  // 0.53 ulp

double sin(double x) noexcept;  // 0.82 ulp, for every finite x
double cos(double x) noexcept;  // 0.82 ulp, for every finite x
double tan(double x) noexcept;  // 1.0 ulp, for every finite x
struct SinCos {
  double sin, cos;
};
SinCos sincos(double x) noexcept;  // the same bits as sin(x) and cos(x)

double asin(double x) noexcept;             // 0.7 ulp
double acos(double x) noexcept;             // 0.7 ulp
double atan(double x) noexcept;             // 0.52 ulp
double atan2(double y, double x) noexcept;  // 0.52 ulp

double sinh(double x) noexcept;  // 0.55 ulp
double cosh(double x) noexcept;  // 0.51 ulp
double tanh(double x) noexcept;  // 0.6 ulp

double cbrt(double x) noexcept;             // 0.51 ulp
double hypot(double x, double y) noexcept;  // 0.51 ulp

double erf(double x) noexcept;   // 0.75 ulp
double erfc(double x) noexcept;  // 0.75 ulp, in the tail too
// The standard normal distribution function, P(N <= x): 0.8 ulp, in the lower tail too.
double normal_cdf(double x) noexcept;
// Its inverse for p in [0, 1] (-inf at 0, +inf at 1, NaN outside): 0.8 ulp.
double normal_quantile(double p) noexcept;

// out[i] = f(in[i]) for i < in.size(), the same bits as one by one; out may be in. out is at least
// as long as in.
void exp(std::span<const double> in, std::span<double> out) noexcept;
void log(std::span<const double> in, std::span<double> out) noexcept;
void sin(std::span<const double> in, std::span<double> out) noexcept;
void cos(std::span<const double> in, std::span<double> out) noexcept;
void normal_cdf(std::span<const double> in, std::span<double> out) noexcept;
void normal_quantile(std::span<const double> in, std::span<double> out) noexcept;

// Correctly rounded by IEEE 754.
inline double sqrt(double x) noexcept {
  if (x < 0) return std::numeric_limits<double>::quiet_NaN();
  return x == x ? __builtin_sqrt(x) : std::numeric_limits<double>::quiet_NaN();
}

constexpr double abs(double x) noexcept {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & ~(std::uint64_t{1} << 63));
}

constexpr double copysign(double magnitude, double sign) noexcept {
  const std::uint64_t top = std::uint64_t{1} << 63;
  return std::bit_cast<double>((std::bit_cast<std::uint64_t>(magnitude) & ~top) |
                               (std::bit_cast<std::uint64_t>(sign) & top));
}

// Rounding to an integer, exact: towards zero, down, up, to nearest with halves away from zero, to
// nearest with halves to even. The sign of zero is kept; infinities and NaN pass through.
constexpr double trunc(double x) noexcept {
  if (!(abs(x) < 0x1p52)) return x;
  return copysign(static_cast<double>(static_cast<std::int64_t>(x)), x);
}

constexpr double floor(double x) noexcept {
  const double t = trunc(x);
  return t > x ? t - 1 : t;
}

constexpr double ceil(double x) noexcept {
  const double t = trunc(x);
  return t < x ? copysign(t + 1, x) : t;
}

constexpr double round(double x) noexcept {
  const double t = trunc(x);
  return abs(x - t) >= 0.5 ? t + copysign(1, x) : t;
}

constexpr double round_even(double x) noexcept {
  if (!(abs(x) < 0x1p52)) return x;
  return copysign((abs(x) + 0x1p52) - 0x1p52, x);
}

#define PEL_MATH_FLOAT(function)                             \
  template <std::same_as<float> F>                           \
  inline F function(F x) noexcept {                          \
    return static_cast<F>(function(static_cast<double>(x))); \
  }
#define PEL_MATH_FLOAT2(function)                                                    \
  template <std::same_as<float> F>                                                   \
  inline F function(F x, F y) noexcept {                                             \
    return static_cast<F>(function(static_cast<double>(x), static_cast<double>(y))); \
  }
PEL_MATH_FLOAT(exp)
PEL_MATH_FLOAT(exp2)
PEL_MATH_FLOAT(expm1)
PEL_MATH_FLOAT(log)
PEL_MATH_FLOAT(log2)
PEL_MATH_FLOAT(log10)
PEL_MATH_FLOAT(log1p)
PEL_MATH_FLOAT2(pow)
PEL_MATH_FLOAT(sin)
PEL_MATH_FLOAT(cos)
PEL_MATH_FLOAT(tan)
PEL_MATH_FLOAT(asin)
PEL_MATH_FLOAT(acos)
PEL_MATH_FLOAT(atan)
PEL_MATH_FLOAT2(atan2)
PEL_MATH_FLOAT(sinh)
PEL_MATH_FLOAT(cosh)
PEL_MATH_FLOAT(tanh)
PEL_MATH_FLOAT(cbrt)
PEL_MATH_FLOAT2(hypot)
PEL_MATH_FLOAT(erf)
PEL_MATH_FLOAT(erfc)
PEL_MATH_FLOAT(normal_cdf)
PEL_MATH_FLOAT(normal_quantile)
PEL_MATH_FLOAT(sqrt)
PEL_MATH_FLOAT(abs)
PEL_MATH_FLOAT(trunc)
PEL_MATH_FLOAT(floor)
PEL_MATH_FLOAT(ceil)
PEL_MATH_FLOAT(round)
PEL_MATH_FLOAT(round_even)
#undef PEL_MATH_FLOAT
#undef PEL_MATH_FLOAT2

}  // namespace pel::math

// SPDX-License-Identifier: Apache-2.0
#pragma once

// Fp2 = Fp[i] / (i^2 + 1), Fp6 = Fp2[v] / (v^3 - xi), Fp12 = Fp6[w] / (w^2 - v), xi = 9 + i.

#include <array>

#include "ledger/evm/bn254/field.hpp"

namespace pel::evm::bn254 {
namespace {

struct Fp2 {
  Fp a, b;  // a + b i

  bool is_zero() const noexcept { return a.is_zero() && b.is_zero(); }
  friend bool operator==(const Fp2&, const Fp2&) = default;
};
inline constexpr Fp2 operator+(const Fp2& x, const Fp2& y) noexcept {
  return {x.a + y.a, x.b + y.b};
}
inline constexpr Fp2 operator-(const Fp2& x, const Fp2& y) noexcept {
  return {x.a - y.a, x.b - y.b};
}
inline constexpr Fp2 operator-(const Fp2& x) noexcept { return {-x.a, -x.b}; }
inline constexpr Fp2 operator*(const Fp2& x, const Fp2& y) noexcept {
  const Fp aa = x.a * y.a;
  const Fp bb = x.b * y.b;
  return {aa - bb, (x.a + x.b) * (y.a + y.b) - aa - bb};
}
inline constexpr Fp2 operator*(const Fp2& x, const Fp& y) noexcept { return {x.a * y, x.b * y}; }
inline constexpr Fp2 square(const Fp2& x) noexcept {
  const Fp ab = x.a * x.b;
  return {(x.a + x.b) * (x.a - x.b), ab + ab};
}
inline constexpr Fp2 twice(const Fp2& x) noexcept { return {x.a + x.a, x.b + x.b}; }
inline constexpr Fp2 conjugate(const Fp2& x) noexcept { return {x.a, -x.b}; }
inline constexpr Fp2 times_xi(const Fp2& x) noexcept {
  const Fp2 eight = twice(twice(twice(x)));
  return {eight.a + x.a - x.b, eight.b + x.b + x.a};
}
inline Fp2 inverse(const Fp2& x) noexcept {
  const Fp n = inverse(square(x.a) + square(x.b));
  return {x.a * n, -(x.b * n)};
}
inline constexpr Fp2 kOne2{kOne, Fp{}};

struct Fp6 {
  Fp2 c0, c1, c2;
  friend bool operator==(const Fp6&, const Fp6&) = default;
};
inline Fp6 operator+(const Fp6& x, const Fp6& y) noexcept {
  return {x.c0 + y.c0, x.c1 + y.c1, x.c2 + y.c2};
}
inline Fp6 operator-(const Fp6& x, const Fp6& y) noexcept {
  return {x.c0 - y.c0, x.c1 - y.c1, x.c2 - y.c2};
}
inline Fp6 operator-(const Fp6& x) noexcept { return {-x.c0, -x.c1, -x.c2}; }
inline Fp6 times_v(const Fp6& x) noexcept { return {times_xi(x.c2), x.c0, x.c1}; }
// Karatsuba: six multiplications in Fp2.
inline Fp6 operator*(const Fp6& x, const Fp6& y) noexcept {
  const Fp2 t0 = x.c0 * y.c0;
  const Fp2 t1 = x.c1 * y.c1;
  const Fp2 t2 = x.c2 * y.c2;
  return {t0 + times_xi((x.c1 + x.c2) * (y.c1 + y.c2) - t1 - t2),
          (x.c0 + x.c1) * (y.c0 + y.c1) - t0 - t1 + times_xi(t2),
          (x.c0 + x.c2) * (y.c0 + y.c2) - t0 - t2 + t1};
}
inline Fp6 times_fp2(const Fp6& x, const Fp2& y) noexcept { return {x.c0 * y, x.c1 * y, x.c2 * y}; }
// x * (a + b v)
inline Fp6 times_sparse(const Fp6& x, const Fp2& a, const Fp2& b) noexcept {
  const Fp2 t0 = x.c0 * a;
  const Fp2 t1 = x.c1 * b;
  return {t0 + times_xi((x.c1 + x.c2) * b - t1), (x.c0 + x.c1) * (a + b) - t0 - t1,
          (x.c0 + x.c2) * a - t0 + t1};
}
inline Fp6 inverse(const Fp6& x) noexcept {
  const Fp2 a = square(x.c0) - times_xi(x.c1 * x.c2);
  const Fp2 b = times_xi(square(x.c2)) - x.c0 * x.c1;
  const Fp2 c = square(x.c1) - x.c0 * x.c2;
  const Fp2 n = inverse(x.c0 * a + times_xi(x.c2 * b + x.c1 * c));
  return {a * n, b * n, c * n};
}

struct Fp12 {
  Fp6 c0, c1;
  friend bool operator==(const Fp12&, const Fp12&) = default;
};
inline constexpr Fp12 kOne12{{kOne2, {}, {}}, {}};

inline Fp12 operator*(const Fp12& x, const Fp12& y) noexcept {
  const Fp6 t0 = x.c0 * y.c0;
  const Fp6 t1 = x.c1 * y.c1;
  return {t0 + times_v(t1), (x.c0 + x.c1) * (y.c0 + y.c1) - t0 - t1};
}
inline Fp12 square(const Fp12& x) noexcept {
  const Fp6 t = x.c0 * x.c1;
  return {(x.c0 + x.c1) * (x.c0 + times_v(x.c1)) - t - times_v(t), t + t};
}
// The inverse of what the easy part of the final exponentiation leaves.
inline Fp12 conjugate(const Fp12& x) noexcept { return {x.c0, -x.c1}; }
inline Fp12 inverse(const Fp12& x) noexcept {
  const Fp6 n = inverse(x.c0 * x.c0 - times_v(x.c1 * x.c1));
  return {x.c0 * n, -(x.c1 * n)};
}
// x * (a + (b + c v) w): what a line of the Miller loop looks like.
inline Fp12 times_line(const Fp12& x, const Fp2& a, const Fp2& b, const Fp2& c) noexcept {
  const Fp6 t0 = times_fp2(x.c0, a);
  const Fp6 t1 = times_sparse(x.c1, b, c);
  return {t0 + times_v(t1), times_sparse(x.c0 + x.c1, a + b, c) - t0 - t1};
}

// xi^(k (p - 1) / 6), k = 0 to 5.
inline constexpr auto kFrobenius = [] {
  const Fp2 xi{Fp(U256{9}), kOne};
  const Fp2 first = power(xi, (kPrime - U256{1}) / U256{6}, kOne2);
  std::array<Fp2, 6> all{kOne2};
  for (std::size_t i = 1; i < all.size(); ++i) all[i] = all[i - 1] * first;
  return all;
}();

// x^(p^n): the coefficient of w^k goes to its conjugate times xi^(k (p - 1) / 6), n times.
inline Fp12 frobenius(const Fp12& x, int n) noexcept {
  const auto move = [](const Fp2& c, std::size_t k) { return conjugate(c) * kFrobenius[k]; };
  Fp12 r = x;
  for (int i = 0; i < n; ++i) {
    r = {{conjugate(r.c0.c0), move(r.c0.c1, 2), move(r.c0.c2, 4)},
         {move(r.c1.c0, 1), move(r.c1.c1, 3), move(r.c1.c2, 5)}};
  }
  return r;
}

struct Fp4 {
  Fp2 a, b;
};
// (a + b s)^2 where s^2 = xi.
inline Fp4 square_fp4(const Fp2& a, const Fp2& b) noexcept {
  const Fp2 aa = square(a);
  const Fp2 bb = square(b);
  return {aa + times_xi(bb), square(a + b) - aa - bb};
}

// Squaring in the cyclotomic subgroup: R. Granger, M. Scott, "Faster squaring in the cyclotomic
// subgroup of sixth degree extensions" (2010).
inline Fp12 cyclotomic_square(const Fp12& x) noexcept {
  const auto minus = [](const Fp2& t, const Fp2& z) { return twice(t - z) + t; };  // 3t - 2z
  const auto plus = [](const Fp2& t, const Fp2& z) { return twice(t + z) + t; };   // 3t + 2z
  const Fp4 t0 = square_fp4(x.c0.c0, x.c1.c1);
  const Fp4 t1 = square_fp4(x.c1.c0, x.c0.c2);
  const Fp4 t2 = square_fp4(x.c0.c1, x.c1.c2);
  return {{minus(t0.a, x.c0.c0), minus(t1.a, x.c0.c1), minus(t2.a, x.c0.c2)},
          {plus(times_xi(t2.b), x.c1.c0), plus(t0.b, x.c1.c1), plus(t1.b, x.c1.c2)}};
}

}  // namespace
}  // namespace pel::evm::bn254

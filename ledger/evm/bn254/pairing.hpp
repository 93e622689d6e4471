// SPDX-License-Identifier: Apache-2.0
#pragma once

// The optimal ate pairing: F. Vercauteren, "Optimal pairings" (2010), on the curve of EIP-197.

#include <span>
#include <vector>

#include "ledger/evm/bn254/curve.hpp"

namespace pel::evm::bn254 {

namespace {

// Points are on their curves and in their groups.
struct Pair {
  G1 p;
  G2 q;
};

// The length of the Miller loop, 6u + 2, and u in digits.
inline constexpr Digits<2> kLoop(static_cast<Uint128>(6) * kU + 2);
inline constexpr Digits<4> kUDigits(kU);

// A line through points of the twist at P = (x, y), up to factors in Fp2 that the final
// exponentiation removes: y a + (x b + c v) w, from the untwisting (x', y') -> (x' w^2, y' w^3).
struct Line {
  Fp2 a, b, c;
};

inline Line double_step(Jacobian<Fp2>& t) noexcept {
  const Fp2 xx = square(t.x);
  const Fp2 yy = square(t.y);
  const Fp2 zz = square(t.z);
  const Fp2 yyyy = square(yy);
  const Fp2 d = twice(square(t.x + yy) - xx - yyyy);
  const Fp2 slope = xx + xx + xx;
  const Fp2 x = square(slope) - twice(d);
  const Fp2 z = square(t.y + t.z) - yy - zz;
  const Line line{z * zz, -(slope * zz), slope * t.x - twice(yy)};
  t = {x, slope * (d - x) - twice(twice(twice(yyyy))), z};
  return line;
}

inline Line add_step(Jacobian<Fp2>& t, const G2& q) noexcept {
  const Fp2 zz = square(t.z);
  const Fp2 h = q.x * zz - t.x;
  const Fp2 r = q.y * zz * t.z - t.y;
  const Fp2 hh = square(h);
  const Fp2 hhh = hh * h;
  const Fp2 v = t.x * hh;
  const Fp2 z = t.z * h;
  const Fp2 x = square(r) - hhh - twice(v);
  t = {x, r * (v - x) - t.y * hhh, z};
  return {z, -r, r * q.x - q.y * z};
}

inline Fp12 apply(const Fp12& f, const Line& line, const G1& p) noexcept {
  return times_line(f, line.a * p.y, line.b * p.x, line.c);
}

// All pairs share the squarings.
inline Fp12 miller_loop(std::span<const Pair> pairs) noexcept {
  std::vector<Jacobian<Fp2>> t;
  t.reserve(pairs.size());
  for (const Pair& pair : pairs) t.push_back({pair.q.x, pair.q.y, kOne2});
  Fp12 f = kOne12;
  for (int at = kLoop.count - 1; at-- > 0;) {
    f = square(f);
    for (std::size_t i = 0; i < pairs.size(); ++i) f = apply(f, double_step(t[i]), pairs[i].p);
    if (kLoop.digit[at] == 0) continue;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      G2 q = pairs[i].q;
      if (kLoop.digit[at] < 0) q.y = -q.y;
      f = apply(f, add_step(t[i], q), pairs[i].p);
    }
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const G2& q = pairs[i].q;
    const Jacobian<Fp2> q1 = psi({q.x, q.y, kOne2});
    const Jacobian<Fp2> q2 = psi(q1);
    f = apply(f, add_step(t[i], {q1.x, q1.y}), pairs[i].p);
    f = apply(f, add_step(t[i], {q2.x, -q2.y}), pairs[i].p);
  }
  return f;
}

// x^-u in the cyclotomic subgroup, where the conjugate is the inverse.
inline Fp12 power_minus_u(const Fp12& x) noexcept {
  Fp12 odd[4] = {x};
  const Fp12 step = cyclotomic_square(x);
  for (int i = 1; i < 4; ++i) odd[i] = odd[i - 1] * step;
  Fp12 r = kOne12;
  for (int at = kUDigits.count; at-- > 0;) {
    r = cyclotomic_square(r);
    const int digit = kUDigits.digit[at];
    if (digit > 0) r = r * odd[digit / 2];
    if (digit < 0) r = r * conjugate(odd[-digit / 2]);
  }
  return conjugate(r);
}

// f^((p^12 - 1) / r), the hard part raised to a constant prime to r: L. Fuentes-Castaneda,
// E. Knapp, F. Rodriguez-Henriquez, "Faster hashing to G2" (2011).
inline Fp12 final_exponentiation(const Fp12& f) noexcept {
  Fp12 m = conjugate(f) * inverse(f);
  m = frobenius(m, 2) * m;
  const Fp12 y0 = power_minus_u(m);
  const Fp12 y1 = cyclotomic_square(y0);
  const Fp12 y3 = cyclotomic_square(y1) * y1;
  const Fp12 y4 = power_minus_u(y3);
  const Fp12 y6 = power_minus_u(cyclotomic_square(y4));
  const Fp12 y8 = conjugate(y6) * y4 * conjugate(y3);
  const Fp12 y9 = y8 * y1;
  const Fp12 y11 = y8 * y4 * m;
  return frobenius(y9, 1) * y11 * frobenius(y8, 2) * frobenius(conjugate(m) * y9, 3);
}

// Whether the product of e(p[i], q[i]) is one.
inline bool pairing_is_one(std::span<const Pair> pairs) noexcept {
  std::vector<Pair> finite;
  for (const Pair& pair : pairs) {
    if (!pair.p.infinite && !pair.q.infinite) finite.push_back(pair);
  }
  return finite.empty() || final_exponentiation(miller_loop(finite)) == kOne12;
}

}  // namespace
}  // namespace pel::evm::bn254

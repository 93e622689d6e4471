// SPDX-License-Identifier: Apache-2.0
// The optimal ate pairing: F. Vercauteren, "Optimal pairings" (2010), on the curve of EIP-197.

#include <vector>

#include "ledger/evm/bn254/curve.hpp"

namespace pel::evm::bn254 {

namespace {

// The curve's parameter u, and the length 6u + 2 of the Miller loop.
constexpr std::uint64_t kU = 4965661367192848881U;
constexpr Uint128 kLoop = static_cast<Uint128>(6) * kU + 2;
constexpr U256 kSixUSquared = U256{6} * U256{kU} * U256{kU};

// The Frobenius endomorphism carried over to the twist.
G2 psi(const G2& q) noexcept {
  return {conjugate(q.x) * frobenius_factor(2), conjugate(q.y) * frobenius_factor(3), q.infinite};
}

// A line through points of the twist at P = (x, y), up to factors in Fp2 that the final
// exponentiation removes: y a + (x b + c v) w, from the untwisting (x', y') -> (x' w^2, y' w^3).
struct Line {
  Fp2 a, b, c;
};

Line double_step(Jacobian<Fp2>& t) noexcept {
  const Fp2 zz = square(t.z);
  const Fp2 xx = square(t.x);
  const Fp2 slope = xx + xx + xx;
  const Fp2 yy = square(t.y);
  const Fp2 x = t.x;
  t = twice(t);
  return {t.z * zz, -(slope * zz), slope * x - twice(yy)};
}

Line add_step(Jacobian<Fp2>& t, const G2& q) noexcept {
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

Fp12 apply(const Fp12& f, const Line& line, const G1& p) noexcept {
  return times_line(f, line.a * p.y, line.b * p.x, line.c);
}

// All pairs share the squarings.
Fp12 miller_loop(std::span<const Pair> pairs) noexcept {
  std::vector<Jacobian<Fp2>> t;
  t.reserve(pairs.size());
  for (const Pair& pair : pairs) t.push_back({pair.q.x, pair.q.y, kOne2});
  Fp12 f = kOne12;
  for (int bit = 63; bit >= 0; --bit) {  // 6u + 2 has 65 bits
    f = square(f);
    for (std::size_t i = 0; i < pairs.size(); ++i) f = apply(f, double_step(t[i]), pairs[i].p);
    if (((kLoop >> bit) & 1) == 0) continue;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      f = apply(f, add_step(t[i], pairs[i].q), pairs[i].p);
    }
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const G2 q1 = psi(pairs[i].q);
    G2 q2 = psi(q1);
    q2.y = -q2.y;
    f = apply(f, add_step(t[i], q1), pairs[i].p);
    f = apply(f, add_step(t[i], q2), pairs[i].p);
  }
  return f;
}

// x^-u in the cyclotomic subgroup.
Fp12 power_minus_u(const Fp12& x) noexcept {
  Fp12 r = x;
  for (int bit = 61; bit >= 0; --bit) {
    r = cyclotomic_square(r);
    if (((kU >> bit) & 1) != 0) r = r * x;
  }
  return conjugate(r);
}

// f^((p^12 - 1) / r), the hard part raised to a constant prime to r: L. Fuentes-Castaneda,
// E. Knapp, F. Rodriguez-Henriquez, "Faster hashing to G2" (2011).
Fp12 final_exponentiation(const Fp12& f) noexcept {
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

}  // namespace

bool on_curve(const G1& p) noexcept {
  return p.infinite || square(p.y) == square(p.x) * p.x + Fp(U256{3});
}

bool on_curve(const G2& p) noexcept {
  static const Fp2 b = inverse(Fp2{Fp(U256{9}), kOne}) * Fp(U256{3});
  return p.infinite || square(p.y) == square(p.x) * p.x + b;
}

// psi(q) = [6u^2] q holds exactly in G2: psi^2 - t psi + p = 0 and t = 6u^2 + 1 turn it into
// [p + 1 - t] q = 0, and that is the order of the group.
bool in_group(const G2& p) noexcept {
  if (p.infinite) return true;
  const G2 left = psi(p);
  const G2 right = to_affine(multiply(Jacobian<Fp2>{p.x, p.y, kOne2}, kSixUSquared));
  return !right.infinite && left.x == right.x && left.y == right.y;
}

bool pairing_is_one(std::span<const Pair> pairs) noexcept {
  std::vector<Pair> finite;
  for (const Pair& pair : pairs) {
    if (!pair.p.infinite && !pair.q.infinite) finite.push_back(pair);
  }
  return finite.empty() || final_exponentiation(miller_loop(finite)) == kOne12;
}

}  // namespace pel::evm::bn254

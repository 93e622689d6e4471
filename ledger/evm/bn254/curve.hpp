// SPDX-License-Identifier: Apache-2.0
#pragma once

// y^2 = x^3 + 3 over Fp (G1) and y^2 = x^3 + 3 / (9 + i) over Fp2 (the twist that holds G2), in
// Jacobian coordinates: x = X / Z^2, y = Y / Z^3, Z = 0 at infinity.

#include "ledger/evm/bn254/tower.hpp"

namespace pel::evm::bn254 {
namespace {

template <class Field>
struct Affine {
  Field x, y;
  bool infinite = false;
};

template <class Field>
struct Jacobian {
  Field x, y, z;
};

using G1 = Affine<Fp>;
using G2 = Affine<Fp2>;

template <class Field>
Jacobian<Field> twice(const Jacobian<Field>& p) noexcept {
  const Field a = square(p.x);
  const Field b = square(p.y);
  const Field c = square(b);
  const Field d = twice(square(p.x + b) - a - c);
  const Field e = a + a + a;
  const Field x = square(e) - twice(d);
  return {x, e * (d - x) - twice(twice(twice(c))), twice(p.y * p.z)};
}

template <class Field>
Jacobian<Field> add(const Jacobian<Field>& p, const Jacobian<Field>& q) noexcept {
  if (p.z.is_zero()) return q;
  if (q.z.is_zero()) return p;
  const Field pz2 = square(p.z);
  const Field qz2 = square(q.z);
  const Field u1 = p.x * qz2;
  const Field s1 = p.y * qz2 * q.z;
  const Field h = q.x * pz2 - u1;
  const Field r = q.y * pz2 * p.z - s1;
  if (h.is_zero()) return r.is_zero() ? twice(p) : Jacobian<Field>{};
  const Field hh = square(h);
  const Field hhh = hh * h;
  const Field v = u1 * hh;
  const Field x = square(r) - hhh - twice(v);
  return {x, r * (v - x) - s1 * hhh, p.z * q.z * h};
}

// p, 3p, 5p ... for digits of kWidth bits, and their sum along digits.
template <class Field, int kWidth>
struct OddMultiples {
  Jacobian<Field> at[1 << (kWidth - 2)];

  explicit OddMultiples(const Jacobian<Field>& p) noexcept {
    const Jacobian<Field> step = twice(p);
    at[0] = p;
    for (int i = 1; i < 1 << (kWidth - 2); ++i) at[i] = bn254::add(at[i - 1], step);
  }
  // sum + digit * p.
  void add(Jacobian<Field>& sum, int digit) const noexcept {
    if (digit == 0) return;
    Jacobian<Field> point = at[(digit < 0 ? -digit : digit) / 2];
    if (digit < 0) point.y = -point.y;
    sum = bn254::add(sum, point);
  }
};

template <class Field>
Jacobian<Field> multiply(const Jacobian<Field>& p, std::uint64_t k) noexcept {
  const OddMultiples<Field, 4> table(p);
  const Digits<4> digits(k);
  Jacobian<Field> r{};
  for (int i = digits.count; i-- > 0;) {
    r = twice(r);
    table.add(r, digits.digit[i]);
  }
  return r;
}

// The curve's parameter, from which its prime, its order and all that follows derive.
inline constexpr std::uint64_t kU = 4965661367192848881U;

// floor(2^256 x / order), bit by bit.
constexpr U256 share_of_order(U256 x) noexcept {
  U256 quotient;
  for (int i = 0; i < 256; ++i) {
    x = x + x;
    quotient = quotient + quotient;
    if (x >= kOrder) {
      x = x - kOrder;
      quotient = quotient + U256{1};
    }
  }
  return quotient;
}

// k = k1 + k2 lambda modulo the order, both halves below 2^128 in size, by the lattice that
// (6u^2 + 4u + 1, 2u + 1) and (2u + 1, -(6u^2 + 2u)) span. lambda p = (beta x, y): R. Gallant,
// R. Lambert, S. Vanstone, "Faster point multiplication on elliptic curves with efficient
// endomorphisms" (2001).
struct SplitScalar {
  Uint128 k1 = 0;
  Uint128 k2 = 0;  // its size
  bool k2_negative = false;

  explicit SplitScalar(const U256& k) noexcept {
    const U256 c1 = high_part(k, kShareB);
    const U256 c2 = high_part(k, kShareD);
    const U256 a = k - c1 * kA - c2 * kD;  // 0 <= a < 2^128: both shares are rounded down
    U256 b = c2 * kB - c1 * kD;
    k2_negative = b.negative();
    if (k2_negative) b = -b;
    k1 = static_cast<Uint128>(a.w[1]) << 64 | a.w[0];
    k2 = static_cast<Uint128>(b.w[1]) << 64 | b.w[0];
  }

 private:
  static constexpr U256 kB = U256{6} * U256{kU} * U256{kU} + U256{2} * U256{kU};
  static constexpr U256 kD = U256{2} * U256{kU} + U256{1};
  static constexpr U256 kA = kB + kD;
  static constexpr U256 kShareB = share_of_order(kB);
  static constexpr U256 kShareD = share_of_order(kD);
  static U256 high_part(const U256& a, const U256& b) noexcept {
    std::uint64_t product[8] = {};
    ledger::detail::multiply_full(a, b, product);
    return {product[4], product[5], product[6], product[7]};
  }
};

// The cube root of one that goes with lambda.
inline constexpr Fp kBeta{U256{0x5763473177fffffe, 0xd4f263f1acdb5c4f, 0x59e26bcea0d48bac, 0}};

// k * p in G1: both halves of k share the doublings.
inline Jacobian<Fp> multiply(const Jacobian<Fp>& p, const U256& k) noexcept {
  const SplitScalar split(k % kOrder);
  const OddMultiples<Fp, 5> table(p);
  OddMultiples<Fp, 5> other(table);
  for (auto& point : other.at) {
    point.x = point.x * kBeta;
    if (split.k2_negative) point.y = -point.y;
  }
  const Digits<5> d1(split.k1);
  const Digits<5> d2(split.k2);
  Jacobian<Fp> r{};
  for (int i = d1.count > d2.count ? d1.count : d2.count; i-- > 0;) {
    r = twice(r);
    table.add(r, d1.digit[i]);
    other.add(r, d2.digit[i]);
  }
  return r;
}

template <class Field>
Affine<Field> to_affine(const Jacobian<Field>& p) noexcept {
  if (p.z.is_zero()) return {{}, {}, true};
  const Field n = inverse(p.z);
  const Field n2 = square(n);
  return {p.x * n2, p.y * n2 * n, false};
}

template <class Field>
bool same_point(const Jacobian<Field>& p, const Jacobian<Field>& q) noexcept {
  if (p.z.is_zero() || q.z.is_zero()) return p.z.is_zero() && q.z.is_zero();
  const Field pzz = square(p.z);
  const Field qzz = square(q.z);
  return p.x * qzz == q.x * pzz && p.y * qzz * q.z == q.y * pzz * p.z;
}

inline bool on_curve(const G1& p) noexcept {
  return p.infinite || square(p.y) == square(p.x) * p.x + Fp(U256{3});
}

inline bool on_curve(const G2& p) noexcept {
  static const Fp2 b = inverse(Fp2{Fp(U256{9}), kOne}) * Fp(U256{3});
  return p.infinite || square(p.y) == square(p.x) * p.x + b;
}

// The Frobenius endomorphism carried over to the twist.
inline Jacobian<Fp2> psi(const Jacobian<Fp2>& q) noexcept {
  return {conjugate(q.x) * kFrobenius[2], conjugate(q.y) * kFrobenius[3], conjugate(q.z)};
}

// Whether a point of the twist has the group's order: [u + 1]q + psi([u]q) + psi^2([u]q) =
// psi^3([2u]q). Source: Y. Dai, K. Lin, C.-A. Zhao, Z. Zhou, "Fast subgroup membership testings for
// G1, G2 and GT on pairing-friendly curves" (2022).
inline bool in_group(const G2& p) noexcept {
  if (p.infinite) return true;
  const Jacobian<Fp2> q{p.x, p.y, kOne2};
  const Jacobian<Fp2> uq = multiply(q, kU);
  const Jacobian<Fp2> once = psi(uq);
  const Jacobian<Fp2> sum = add(add(add(uq, q), once), psi(once));
  return same_point(sum, psi(psi(twice(once))));
}

}  // namespace
}  // namespace pel::evm::bn254

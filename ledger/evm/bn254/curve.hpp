// SPDX-License-Identifier: Apache-2.0
#pragma once

// y^2 = x^3 + 3 over Fp (G1) and y^2 = x^3 + 3 / (9 + i) over Fp2 (the twist that holds G2), in
// Jacobian coordinates: x = X / Z^2, y = Y / Z^3, Z = 0 at infinity.

#include <span>

#include "ledger/evm/bn254/tower.hpp"

namespace pel::evm::bn254 {

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

// k * p with windows of four bits.
template <class Field>
Jacobian<Field> multiply(const Jacobian<Field>& p, const U256& k) noexcept {
  Jacobian<Field> table[16] = {};
  table[1] = p;
  for (int i = 2; i < 16; ++i) table[i] = i % 2 == 0 ? twice(table[i / 2]) : add(table[i - 1], p);
  Jacobian<Field> r{};
  const unsigned windows = (256 - count_leading_zeros(k) + 3) / 4;
  for (unsigned i = windows; i-- > 0;) {
    if (i + 1 < windows) r = twice(twice(twice(twice(r))));
    r = add(r, table[(k.w[i / 16] >> (4 * (i % 16))) & 15]);
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

bool on_curve(const G1& p) noexcept;
bool on_curve(const G2& p) noexcept;
// Whether a point of the twist has order r.
bool in_group(const G2& p) noexcept;

// Whether the product of e(p[i], q[i]) is one. Points are on their curves and in their groups.
struct Pair {
  G1 p;
  G2 q;
};
bool pairing_is_one(std::span<const Pair> pairs) noexcept;

}  // namespace pel::evm::bn254

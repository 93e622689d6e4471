// SPDX-License-Identifier: Apache-2.0
#include "ledger/evm/bn254/tower.hpp"

#include <array>

namespace pel::evm::bn254 {

const Fp2& frobenius_factor(int k) noexcept {
  static const std::array<Fp2, 6> factors = [] {
    const Fp2 xi{Fp(U256{9}), kOne};
    const Fp2 first = power(xi, (kPrime - U256{1}) / U256{6}, kOne2);
    std::array<Fp2, 6> all{kOne2};
    for (std::size_t i = 1; i < all.size(); ++i) all[i] = all[i - 1] * first;
    return all;
  }();
  return factors[static_cast<std::size_t>(k)];
}

namespace {

// The coefficient of w^k goes to its conjugate times xi^(k (p - 1) / 6).
Fp12 frobenius_once(const Fp12& x) noexcept {
  const auto move = [](const Fp2& c, int k) { return conjugate(c) * frobenius_factor(k); };
  return {{conjugate(x.c0.c0), move(x.c0.c1, 2), move(x.c0.c2, 4)},
          {move(x.c1.c0, 1), move(x.c1.c1, 3), move(x.c1.c2, 5)}};
}

struct Fp4 {
  Fp2 a, b;
};
// (a + b s)^2 where s^2 = xi.
Fp4 square_fp4(const Fp2& a, const Fp2& b) noexcept {
  const Fp2 aa = square(a);
  const Fp2 bb = square(b);
  return {aa + times_xi(bb), square(a + b) - aa - bb};
}
Fp2 minus(const Fp2& t, const Fp2& z) noexcept { return twice(t - z) + t; }  // 3t - 2z
Fp2 plus(const Fp2& t, const Fp2& z) noexcept { return twice(t + z) + t; }   // 3t + 2z

}  // namespace

Fp12 frobenius(const Fp12& x, int n) noexcept {
  Fp12 r = x;
  for (int i = 0; i < n; ++i) r = frobenius_once(r);
  return r;
}

Fp12 cyclotomic_square(const Fp12& x) noexcept {
  const Fp4 t0 = square_fp4(x.c0.c0, x.c1.c1);
  const Fp4 t1 = square_fp4(x.c1.c0, x.c0.c2);
  const Fp4 t2 = square_fp4(x.c0.c1, x.c1.c2);
  return {{minus(t0.a, x.c0.c0), minus(t1.a, x.c0.c1), minus(t2.a, x.c0.c2)},
          {plus(times_xi(t2.b), x.c1.c0), plus(t0.b, x.c1.c1), plus(t1.b, x.c1.c2)}};
}

}  // namespace pel::evm::bn254

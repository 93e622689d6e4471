// SPDX-License-Identifier: Apache-2.0
#include "ledger/evm/bn254/kernels.hpp"

#include <gmp.h>

#include <cstring>

#include "base/cpu.hpp"

namespace pel::evm::bn254 {

bool has_adx() noexcept { return base::cpu_features().adx; }

U256 inverse_of(const U256& number) noexcept {
  static constexpr mp_limb_t kPrime[4] = {0x3c208c16d87cfd47, 0x97816a916871ca8d,
                                          0xb85045b68181585d, 0x30644e72e131a029};
  mpz_t a;
  mpz_t p;
  mpz_t inverse;
  mp_limb_t limbs[4];
  std::memcpy(limbs, number.w, sizeof limbs);
  mpz_roinit_n(a, limbs, 4);
  mpz_roinit_n(p, kPrime, 4);
  mpz_init2(inverse, 320);
  U256 result;
  if (mpz_invert(inverse, a, p) != 0) {
    for (unsigned i = 0; i < 4; ++i) result.w[i] = mpz_getlimbn(inverse, i);
  }
  mpz_clear(inverse);
  return result;
}

}  // namespace pel::evm::bn254

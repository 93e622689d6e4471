// SPDX-License-Identifier: Apache-2.0
// Precompile 0x100: ECDSA on P-256, EIP-7951.

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <cstring>
#include <memory>

#include "ledger/evm/precompiles.hpp"
#include "pel/detail/base/check.hpp"

namespace pel::evm::precompile {

namespace {

constexpr U256 kPrime{0xffffffffffffffff, 0x00000000ffffffff, 0, 0xffffffff00000001};
constexpr U256 kOrder{0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff,
                      0xffffffff00000000};

const EC_GROUP* group() {
  static const EC_GROUP* const p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
  return p256;
}

template <auto kFree>
struct Freer {
  template <class T>
  void operator()(T* p) const noexcept {
    kFree(p);
  }
};
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using Point = std::unique_ptr<EC_POINT, Freer<EC_POINT_free>>;
using Context = std::unique_ptr<BN_CTX, Freer<BN_CTX_free>>;

Number read(const std::uint8_t* bytes) {
  Number n(BN_bin2bn(bytes, 32, nullptr));
  PEL_CHECK(n != nullptr);
  return n;
}

bool in_range(const U256& scalar) noexcept { return !scalar.is_zero() && scalar < kOrder; }

// x(h/s G + r/s Q) = r modulo the order.
bool verify(const std::uint8_t* in) {
  const Context context(BN_CTX_new());
  const Number h = read(in);
  const Number r = read(in + 32);
  const Number s = read(in + 64);
  const Number qx = read(in + 96);
  const Number qy = read(in + 128);
  const Point q(EC_POINT_new(group()));
  if (EC_POINT_set_affine_coordinates(group(), q.get(), qx.get(), qy.get(), context.get()) != 1) {
    return false;  // not on the curve
  }
  const BIGNUM* const order = EC_GROUP_get0_order(group());
  const Number w(BN_mod_inverse(nullptr, s.get(), order, context.get()));
  const Number u1(BN_new());
  const Number u2(BN_new());
  const Number x(BN_new());
  const Point sum(EC_POINT_new(group()));
  PEL_CHECK(w != nullptr && BN_mod_mul(u1.get(), h.get(), w.get(), order, context.get()) == 1 &&
            BN_mod_mul(u2.get(), r.get(), w.get(), order, context.get()) == 1);
  PEL_CHECK(EC_POINT_mul(group(), sum.get(), u1.get(), q.get(), u2.get(), context.get()) == 1);
  if (EC_POINT_is_at_infinity(group(), sum.get()) == 1) return false;
  PEL_CHECK(EC_POINT_get_affine_coordinates(group(), sum.get(), x.get(), nullptr, context.get()) ==
                1 &&
            BN_nnmod(x.get(), x.get(), order, context.get()) == 1);
  return BN_cmp(x.get(), r.get()) == 0;
}

}  // namespace

Gas price_p256_verify(BytesView, Revision) { return 6900; }

// Input: hash, r, s, x, y, 32 bytes each. Output: the word 1, or nothing.
std::size_t run_p256_verify(BytesView input, PrecompileOutput output) {
  if (input.size() != 160) return 0;
  const std::uint8_t* const in = input.data();
  if (!in_range(ledger::load_be(in + 32)) || !in_range(ledger::load_be(in + 64))) return 0;
  const U256 x = ledger::load_be(in + 96);
  const U256 y = ledger::load_be(in + 128);
  if (x >= kPrime || y >= kPrime || (x.is_zero() && y.is_zero()) || !verify(in)) return 0;
  std::memset(output.data, 0, 32);
  output.data[31] = 1;
  return 32;
}

}  // namespace pel::evm::precompile

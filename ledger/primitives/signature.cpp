// SPDX-License-Identifier: Apache-2.0
#include "ledger/primitives/signature.hpp"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "ledger/primitives/keccak.hpp"
#include "pel/detail/base/check.hpp"
#include "pel/error.hpp"

namespace pel::ledger {

namespace {

// Verification needs no randomised context and may share one among threads.
const secp256k1_context* context() {
  static const secp256k1_context* const shared =
      secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
  return shared;
}

Address address_of(const secp256k1_pubkey& key) {
  std::uint8_t point[65];
  std::size_t size = sizeof point;
  secp256k1_ec_pubkey_serialize(context(), point, &size, &key, SECP256K1_EC_UNCOMPRESSED);
  const Hash256 hash = keccak256(BytesView(point + 1, 64));
  Address address;
  std::memcpy(address.bytes.data(), hash.bytes.data() + 12, 20);
  return address;
}

void check_key(const Hash256& secret_key) {
  if (secp256k1_ec_seckey_verify(context(), secret_key.bytes.data()) != 1) {
    throw Error("secret key", "zero or not below the order of secp256k1");
  }
}

}  // namespace

bool valid_values(const Signature& signature, bool low_s) noexcept {
  const bool s_fits = low_s ? signature.s <= kSecp256k1HalfOrder : signature.s < kSecp256k1Order;
  return !signature.r.is_zero() && signature.r < kSecp256k1Order && !signature.s.is_zero() &&
         s_fits;
}

std::optional<Address> recover_address(const Hash256& hash, const Signature& signature) {
  if (!valid_values(signature, false)) return std::nullopt;
  std::uint8_t compact[64];
  store_be(signature.r, compact);
  store_be(signature.s, compact + 32);
  secp256k1_ecdsa_recoverable_signature parsed;
  if (secp256k1_ecdsa_recoverable_signature_parse_compact(context(), &parsed, compact,
                                                          signature.y_parity ? 1 : 0) != 1) {
    return std::nullopt;
  }
  secp256k1_pubkey key;
  if (secp256k1_ecdsa_recover(context(), &key, &parsed, hash.bytes.data()) != 1) {
    return std::nullopt;
  }
  return address_of(key);
}

Signature sign(const Hash256& hash, const Hash256& secret_key) {
  check_key(secret_key);
  secp256k1_ecdsa_recoverable_signature signature;
  PEL_CHECK(secp256k1_ecdsa_sign_recoverable(context(), &signature, hash.bytes.data(),
                                             secret_key.bytes.data(), nullptr, nullptr) == 1);
  std::uint8_t compact[64];
  int parity = 0;
  secp256k1_ecdsa_recoverable_signature_serialize_compact(context(), compact, &parity, &signature);
  return {load_be(compact), load_be(compact + 32), (parity & 1) != 0};
}

Address address_of(const Hash256& secret_key) {
  check_key(secret_key);
  secp256k1_pubkey key;
  PEL_CHECK(secp256k1_ec_pubkey_create(context(), &key, secret_key.bytes.data()) == 1);
  return address_of(key);
}

}  // namespace pel::ledger

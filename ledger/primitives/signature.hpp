// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "pel/ledger/types.hpp"

namespace pel::ledger {

// Order of secp256k1's group, and half of it: the largest s allowed from Homestead on (EIP-2).
inline constexpr U256 kSecp256k1Order{0xbfd25e8cd0364141, 0xbaaedce6af48a03b, 0xfffffffffffffffe,
                                      0xffffffffffffffff};
inline constexpr U256 kSecp256k1HalfOrder = shift_right(kSecp256k1Order, 1);

struct Signature {
  U256 r;
  U256 s;
  bool y_parity = false;
};

// 0 < r < n and 0 < s < n, or s <= n / 2 if `low_s` is asked for.
bool valid_values(const Signature& signature, bool low_s) noexcept;

// The address whose key signed `hash`; nothing if the values are out of range or no point fits.
// High s values are accepted (ecrecover and Frontier need it). Thread-safe. By libsecp256k1.
std::optional<Address> recover_address(const Hash256& hash, const Signature& signature);

// For wallets and tests: signs with a 32-byte secret key (deterministic nonce, RFC 6979, low s).
// Throws pel::Error if the key is zero or not below the order.
Signature sign(const Hash256& hash, const Hash256& secret_key);
Address address_of(const Hash256& secret_key);

}  // namespace pel::ledger

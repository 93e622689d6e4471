// SPDX-License-Identifier: Apache-2.0
#include "ledger/primitives/signature.hpp"

#include <gtest/gtest.h>

#include "ledger/primitives/keccak.hpp"
#include "pel/error.hpp"

namespace pel::ledger {
namespace {

Hash256 key(std::uint64_t n) { return to_hash(U256{n}); }

TEST(Signature, AddressOfKnownKey) {
  EXPECT_EQ(to_string(address_of(key(1))), "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
  EXPECT_EQ(to_string(address_of(key(2))), "0x2b5ad5c4795c026514f8317c7a215e218dccd6cf");
}

TEST(Signature, SignedIsRecovered) {
  for (std::uint64_t n = 1; n < 40; ++n) {
    const Hash256 hash = keccak256(key(n).bytes);
    const Signature s = sign(hash, key(n));
    EXPECT_TRUE(valid_values(s, true));
    EXPECT_EQ(recover_address(hash, s), address_of(key(n)));
    Signature other = s;
    other.y_parity = !s.y_parity;
    EXPECT_NE(recover_address(hash, other), address_of(key(n)));
  }
}

// EIP-2: the mirrored s recovers the same key with the other parity, but is not "low".
TEST(Signature, HighSIsRecoveredButNotLow) {
  const Hash256 hash = keccak256({});
  Signature s = sign(hash, key(7));
  s.s = kSecp256k1Order - s.s;
  s.y_parity = !s.y_parity;
  EXPECT_FALSE(valid_values(s, true));
  EXPECT_TRUE(valid_values(s, false));
  EXPECT_EQ(recover_address(hash, s), address_of(key(7)));
}

TEST(Signature, ValuesOutOfRange) {
  const Hash256 hash = keccak256({});
  const Signature good = sign(hash, key(7));
  for (const U256& bad : {U256{}, kSecp256k1Order, U256::max()}) {
    EXPECT_FALSE(recover_address(hash, {bad, good.s, false}));
    EXPECT_FALSE(recover_address(hash, {good.r, bad, false}));
    EXPECT_FALSE(valid_values({bad, good.s, false}, false));
    EXPECT_FALSE(valid_values({good.r, bad, false}, false));
  }
  EXPECT_TRUE(valid_values({good.r, kSecp256k1HalfOrder, false}, true));
  EXPECT_FALSE(valid_values({good.r, kSecp256k1HalfOrder + U256{1}, false}, true));
}

TEST(Signature, BadKeysAreRefused) {
  EXPECT_THROW(address_of(key(0)), Error);
  EXPECT_THROW(sign({}, to_hash(kSecp256k1Order)), Error);
}

}  // namespace
}  // namespace pel::ledger

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "ledger/primitives/keccak.hpp"
#include "pel/ledger/state.hpp"

namespace pel::ledger {
namespace {

StateDiff random_diff(std::mt19937& random, const MemoryState& state) {
  StateDiff diff;
  for (std::uint64_t i = 1; i <= 12; ++i) {
    if (random() % 2 != 0) continue;
    const Address address = small_address(i << 20);
    StateDiff::AccountChange change;
    change.address = address;
    change.exists = random() % 5 != 0;
    if (!change.exists && !state.account(address)) continue;
    change.storage_cleared = random() % 6 == 0;
    change.account.nonce = random() % 100 + 1;
    change.account.balance = U256(random());
    const auto at = static_cast<std::uint32_t>(diff.accounts.size());
    diff.accounts.push_back(change);
    if (!change.exists) continue;
    for (std::uint64_t key = 0; key < 6; ++key)
      if (random() % 2 == 0) diff.slots.push_back({at, U256(key), U256(random() % 3)});
  }
  return diff;
}

TEST(TrieState, FollowsTheStateInMemory) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    std::mt19937 random(seed);
    MemoryState memory;
    TrieState tries;
    for (int step = 0; step < 20; ++step) {
      const StateDiff diff = random_diff(random, memory);
      memory.apply(diff);
      ASSERT_EQ(tries.apply(diff), memory.root()) << "seed " << seed << " step " << step;
    }
    for (std::uint64_t i = 1; i <= 12; ++i) {
      const Address address = small_address(i << 20);
      EXPECT_EQ(tries.account(address), memory.account(address));
      EXPECT_EQ(tries.has_storage(address), memory.has_storage(address));
      for (std::uint64_t key = 0; key < 6; ++key)
        EXPECT_EQ(tries.storage(address, U256(key)), memory.storage(address, U256(key)));
      const Hash256 hashed = keccak256(address.bytes);
      EXPECT_EQ(check_proof(tries.root(), hashed.bytes, tries.prove(address)).has_value(),
                memory.account(address).has_value());
    }
  }
}

TEST(StateDiff, CanonicalFormDoesNotDependOnOrder) {
  StateDiff a;
  a.accounts = {{small_address(1), true, false, {}}, {small_address(2), true, false, {}}};
  a.slots = {{0, U256(1), U256(5)}, {1, U256(2), U256(6)}};
  StateDiff b;
  b.accounts = {{small_address(2), true, false, {}}, {small_address(1), true, false, {}}};
  b.slots = {{0, U256(2), U256(6)}, {1, U256(1), U256(5)}};
  EXPECT_TRUE(a == b);
  b.slots[0].value = U256(7);
  EXPECT_FALSE(a == b);
}

}  // namespace
}  // namespace pel::ledger

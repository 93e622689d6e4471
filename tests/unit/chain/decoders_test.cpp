// SPDX-License-Identifier: Apache-2.0
// Random damage to encoded transactions, headers and blocks. fuzz/decode_fuzz.cpp does the same
// for hours.
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/chain/round_trip.hpp"

namespace pel::ledger::test {
namespace {

using Random = std::mt19937_64;

Bytes random_bytes(Random& random, std::size_t limit) {
  Bytes bytes(random() % limit);
  for (auto& b : bytes) b = static_cast<std::uint8_t>(random());
  return bytes;
}

U256 random_number(Random& random) {
  return U256{random(), random(), random(), random()} >> (random() % 256);
}

Hash256 random_hash(Random& random) { return to_hash(random_number(random)); }
Address random_address(Random& random) { return to_address(random_number(random)); }

Transaction random_transaction(Random& random) {
  Transaction tx;
  tx.type = static_cast<TxType>(random() % 5);
  if (tx.type != TxType::kLegacy || random() % 2 == 0) tx.chain_id = 1 + random() % 1000;
  tx.nonce = random() >> (random() % 64);
  tx.gas_limit = random() >> (random() % 64);
  tx.max_fee = random_number(random);
  tx.max_priority_fee = tx.type >= TxType::kDynamicFee ? random_number(random) : tx.max_fee;
  if (tx.type >= TxType::kBlob || random() % 4 != 0) tx.to = random_address(random);
  tx.value = random_number(random);
  tx.data = random_bytes(random, 100);
  if (tx.type != TxType::kLegacy) {
    tx.access_list = {{random_address(random), {random_hash(random), random_hash(random)}}};
  }
  if (tx.type == TxType::kBlob) {
    tx.max_blob_fee = random_number(random);
    tx.blob_hashes = {random_hash(random)};
  }
  if (tx.type == TxType::kSetCode) {
    tx.authorizations = {{U256{1}, random_address(random), random(), U256{random() % 2},
                          random_number(random), random_number(random)}};
  }
  sign_transaction(tx, to_hash(U256{1 + random() % 100}));
  return tx;
}

Bytes random_block(Random& random) {
  Block block;
  block.header.number = random() % 1'000'000;
  block.header.gas_limit = 30'000'000;
  block.header.base_fee = U256{7};
  block.header.withdrawals_root = kEmptyTrieRoot;
  block.withdrawals.emplace();
  for (std::size_t i = random() % 4; i > 0; --i) {
    block.transactions.push_back(random_transaction(random));
  }
  block.header.transactions_root = transactions_root(block.transactions);
  return encode_block(block);
}

void damage(Random& random, Bytes& bytes) {
  for (std::size_t n = 1 + random() % 3; n > 0 && !bytes.empty(); --n) {
    const std::size_t at = random() % bytes.size();
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random() % 5) {
      case 0:
        bytes[at] = static_cast<std::uint8_t>(random());
        break;
      case 1:
        bytes[at] = static_cast<std::uint8_t>(bytes[at] + 1);
        break;
      case 2:
        bytes.erase(place);
        break;
      case 3:
        bytes.insert(place, static_cast<std::uint8_t>(random() % 2 == 0 ? 0 : random()));
        break;
      default:
        bytes.resize(at);
    }
  }
}

TEST(Decoders, WhatTheyAcceptIsWhatEncodersWrite) {
  Random random(1);
  int accepted = 0;
  for (int i = 0; i < 6000; ++i) {
    Bytes bytes =
        i % 2 == 0 ? encode_transaction(random_transaction(random)) : random_block(random);
    const int before = accepted;
    ASSERT_TRUE(round_trips(bytes, accepted)) << i;
    ASSERT_EQ(accepted, before + 1) << "what was encoded is one thing";
    damage(random, bytes);
    ASSERT_TRUE(round_trips(bytes, accepted)) << i;
  }
  EXPECT_GT(accepted, 6600) << "some damage leaves another valid input";
}

TEST(Decoders, RandomBytesAreRefusedOrRoundTrip) {
  Random random(2);
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    Bytes bytes = random_bytes(random, 200);
    if (!bytes.empty() && i % 2 == 0) bytes[0] = static_cast<std::uint8_t>(0xc0 + random() % 64);
    ASSERT_TRUE(round_trips(bytes, accepted)) << i;
  }
}

}  // namespace
}  // namespace pel::ledger::test

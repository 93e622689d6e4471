// SPDX-License-Identifier: Apache-2.0
#include "pel/ledger/types.hpp"

#include <gtest/gtest.h>

#include <unordered_set>

#include "pel/error.hpp"

namespace pel::ledger {
namespace {

TEST(Types, TextRoundTrip) {
  const Address a = parse_address("0x00000000000000000000000000000000000000ff");
  EXPECT_EQ(a, small_address(255));
  EXPECT_EQ(parse_address(to_string(a)), a);
  EXPECT_EQ(parse_hash(to_string(kEmptyCodeHash)), kEmptyCodeHash);
  EXPECT_EQ(to_string(U256{}), "0x0");
  EXPECT_EQ(to_string(U256{0xabc}), "0xabc");
  EXPECT_EQ(parse_u256(to_string(U256::max())), U256::max());
  EXPECT_EQ(parse_number("1000"), U256{1000});
  EXPECT_EQ(parse_number("0x1000"), U256{4096});
}

TEST(Types, BadTextIsAnErrorThatNamesIt) {
  for (const char* bad : {"", "0x", "0x12", "0xzz00000000000000000000000000000000000000",
                          "0x0x000000000000000000000000000000000000ff"}) {
    EXPECT_THROW(parse_address(bad), Error) << bad;
  }
  for (const char* bad : {"", "0x", "0xg", "12 "}) EXPECT_THROW(parse_u256(bad), Error) << bad;
  EXPECT_THROW(parse_u256("0x1" + std::string(64, '0')), Error);
  EXPECT_THROW(parse_number("1" + std::string(78, '0')), Error);
  EXPECT_THROW(parse_number("-1"), Error);
  EXPECT_THROW(parse_bytes("0x123"), Error);
  EXPECT_EQ(parse_bytes("0x").size(), 0U);
}

TEST(Types, WordsAndAddresses) {
  const Address a = small_address(0x1234567890abcdef);
  EXPECT_EQ(to_u256(a), U256{0x1234567890abcdef});
  EXPECT_EQ(to_address(to_u256(a)), a);
  EXPECT_EQ(to_address(U256::max() << 160), Address{});
  EXPECT_EQ(to_u256(to_hash(U256{1, 2, 3, 4})), (U256{1, 2, 3, 4}));
}

// Neighbours in every byte hash apart: maps of consecutive slots must not degenerate.
TEST(Types, HashesSpread) {
  std::unordered_set<std::size_t> low_bits;
  for (std::uint64_t i = 0; i < 4096; ++i) {
    low_bits.insert(std::hash<U256>{}(U256{i}) % 4096);
    low_bits.insert(std::hash<Address>{}(small_address(i << 20)) % 4096);
  }
  EXPECT_GT(low_bits.size(), 3000U);
}

}  // namespace
}  // namespace pel::ledger

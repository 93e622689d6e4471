// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <thread>

#include "ledger/evm/fusion.hpp"
#include "ledger/primitives/keccak.hpp"
#include "tests/unit/evm/program.hpp"

namespace pel::evm::test {
namespace {

TEST(Code, JumpDestinationsAreNotPushData) {
  const Code code(hex("5b605b5b7f5b"));
  EXPECT_TRUE(code.is_jump_destination(0));
  EXPECT_FALSE(code.is_jump_destination(2));
  EXPECT_TRUE(code.is_jump_destination(3));
  EXPECT_FALSE(code.is_jump_destination(5));  // data of a PUSH32 that is cut off
  EXPECT_FALSE(code.is_jump_destination(6));
  EXPECT_FALSE(code.is_jump_destination(~std::uint64_t{0}));
}

TEST(Code, Delegation) {
  EXPECT_TRUE(Code(hex("ef0100" + std::string(40, '1'))).delegation().has_value());
  EXPECT_FALSE(Code(hex("ef0101" + std::string(40, '1'))).delegation().has_value());
  EXPECT_FALSE(Code(hex("ef0100" + std::string(42, '1'))).delegation().has_value());
}

TEST(Code, HashAndEmpty) {
  EXPECT_EQ(Code::empty()->hash(), ledger::kEmptyCodeHash);
  EXPECT_EQ(Code(hex("6001")).hash(), ledger::keccak256(hex("6001")));
}

// Sequences are fused, unless the jump would not be valid; undefined bytes never read as fused.
TEST(Code, Fusion) {
  EXPECT_EQ(Code(hex("600456fe5b")).fused()[0], FUSED_PUSH1_JUMP);
  EXPECT_EQ(Code(hex("600356fe5b")).fused()[0], OP_PUSH1);
  EXPECT_EQ(Code(hex("15600457005b")).fused()[0], OP_ISZERO);
  EXPECT_EQ(Code(hex("1560055700"
                     "5b"))
                .fused()[0],
            FUSED_ISZERO_PUSH1_JUMPI);
  EXPECT_EQ(Code(hex("9050")).fused()[0], FUSED_SWAP1_POP);
  for (int op = 0; op < 256; ++op) {
    const auto byte = static_cast<std::uint8_t>(op);
    if (is_fused(byte)) {
      EXPECT_EQ(Code(Bytes{byte}).fused()[0], kUndefinedByte);
      EXPECT_FALSE(kOpcodes[byte].known);
    }
  }
}

TEST(CodeCache, SharesAndStaysBounded) {
  CodeCache cache(16 * 1000);
  std::shared_ptr<const Code> held;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Bytes code = Program().push(U256{i + 1, 1, 1, ~std::uint64_t{0}}).raw(Bytes(200, 0));
    const Hash256 hash = ledger::keccak256(code);
    const auto made = cache.get(hash, code);
    EXPECT_EQ(cache.get(hash, code), made);
    EXPECT_EQ(cache.find(hash), made);
    if (i == 0) held = made;
  }
  EXPECT_EQ(held->size(), 33U + 200U) << "alive while somebody holds it";
  EXPECT_EQ(cache.find(ledger::keccak256({})), nullptr);
}

TEST(CodeCache, ManyThreads) {
  CodeCache cache;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache] {
      for (std::uint64_t i = 0; i < 2000; ++i) {
        const Bytes code = Program().push(i % 50);
        ASSERT_EQ(cache.get(ledger::keccak256(code), code)->size(), code.size());
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace pel::evm::test

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/unit/evm/program.hpp"

namespace pel::evm::test {
namespace {

// op(a, b, c) with a on top of the stack.
U256 evaluate(std::uint8_t op, std::initializer_list<U256> operands,
              Revision revision = Revision::kOsaka) {
  Program p;
  for (auto it = std::rbegin(operands); it != std::rend(operands); ++it) p.push(*it);
  p.op(op).return_top();
  World s(revision);
  s.run(p);
  EXPECT_EQ(s.result.status, Status::kSuccess);
  return s.word();
}

const U256 kMinusOne = U256::max();
const U256 kLowest = U256{1} << 255;

TEST(Instructions, Arithmetic) {
  EXPECT_EQ(evaluate(OP_ADD, {kMinusOne, 2}), U256{1});
  EXPECT_EQ(evaluate(OP_SUB, {1, 2}), kMinusOne);
  EXPECT_EQ(evaluate(OP_MUL, {U256{1} << 200, U256{1} << 55}), kLowest);
  EXPECT_EQ(evaluate(OP_DIV, {7, 2}), U256{3});
  EXPECT_EQ(evaluate(OP_DIV, {7, 0}), U256{0});
  EXPECT_EQ(evaluate(OP_SDIV, {kLowest, kMinusOne}), kLowest);
  EXPECT_EQ(evaluate(OP_SDIV, {-U256{7}, 2}), -U256{3});
  EXPECT_EQ(evaluate(OP_MOD, {7, 0}), U256{0});
  EXPECT_EQ(evaluate(OP_SMOD, {-U256{7}, 2}), -U256{1});
  EXPECT_EQ(evaluate(OP_ADDMOD, {kMinusOne, kMinusOne, 10}), U256{0});
  EXPECT_EQ(evaluate(OP_ADDMOD, {1, 2, 0}), U256{0});
  EXPECT_EQ(evaluate(OP_MULMOD, {kMinusOne, kMinusOne, 12}), U256{9});
  EXPECT_EQ(evaluate(OP_MULMOD, {kMinusOne, kMinusOne, 0}), U256{0});
  EXPECT_EQ(evaluate(OP_EXP, {3, 5}), U256{243});
  EXPECT_EQ(evaluate(OP_EXP, {0, 0}), U256{1});
  EXPECT_EQ(evaluate(OP_SIGNEXTEND, {0, 0xff}), kMinusOne);
  EXPECT_EQ(evaluate(OP_SIGNEXTEND, {0, 0x17f}), U256{0x7f});
}

TEST(Instructions, ComparisonAndBits) {
  EXPECT_EQ(evaluate(OP_LT, {1, 2}), U256{1});
  EXPECT_EQ(evaluate(OP_GT, {1, 2}), U256{0});
  EXPECT_EQ(evaluate(OP_SLT, {kMinusOne, 0}), U256{1});
  EXPECT_EQ(evaluate(OP_SGT, {kMinusOne, 0}), U256{0});
  EXPECT_EQ(evaluate(OP_EQ, {kLowest, kLowest}), U256{1});
  EXPECT_EQ(evaluate(OP_ISZERO, {kLowest}), U256{0});
  EXPECT_EQ(evaluate(OP_NOT, {0}), kMinusOne);
  EXPECT_EQ(evaluate(OP_BYTE, {31, 0xab}), U256{0xab});
  EXPECT_EQ(evaluate(OP_BYTE, {32, 0xab}), U256{0});
  EXPECT_EQ(evaluate(OP_SHL, {255, 1}), kLowest);
  EXPECT_EQ(evaluate(OP_SHL, {256, 1}), U256{0});
  EXPECT_EQ(evaluate(OP_SHR, {U256{1} << 64, kMinusOne}), U256{0});
  EXPECT_EQ(evaluate(OP_SAR, {U256{1} << 64, kLowest}), kMinusOne);
  EXPECT_EQ(evaluate(OP_SAR, {254, kLowest}), -U256{2});
}

// EIP-7939
TEST(Instructions, CountLeadingZeros) {
  EXPECT_EQ(evaluate(OP_CLZ, {0}), U256{256});
  EXPECT_EQ(evaluate(OP_CLZ, {1}), U256{255});
  EXPECT_EQ(evaluate(OP_CLZ, {kLowest}), U256{0});
  World prague(Revision::kPrague);
  prague.run(Program().push(1).op(OP_CLZ));
  EXPECT_EQ(prague.result.status, Status::kUndefinedInstruction);
}

// A modulus that comes back is prepared once more at its second use: same result every time.
TEST(Instructions, MulModInALoop) {
  const U256 prime = U256::max() - U256{188};
  World s;
  Program p;
  p.push(3);
  for (int i = 0; i < 10; ++i) {
    p.push(prime).op(OP_SWAP1).push(U256::max() - U256{5}).op(OP_MULMOD);
  }
  s.run(p.return_top());
  U256 expected = 3;
  for (int i = 0; i < 10; ++i) expected = multiply_mod(U256::max() - U256{5}, expected, prime);
  EXPECT_EQ(s.word(), expected);
}

struct Since {
  std::uint8_t op;
  Revision revision;
};
// Each instruction exists from its fork on, and not one fork earlier.
TEST(Instructions, AppearWithTheirFork) {
  for (const Since s : {Since{OP_SHL, Revision::kConstantinople},
                        {OP_CHAINID, Revision::kIstanbul},
                        {OP_BASEFEE, Revision::kLondon},
                        {OP_PUSH0, Revision::kShanghai},
                        {OP_MCOPY, Revision::kCancun},
                        {OP_TLOAD, Revision::kCancun},
                        {OP_BLOBBASEFEE, Revision::kCancun},
                        {OP_CLZ, Revision::kOsaka},
                        {OP_RETURNDATASIZE, Revision::kByzantium}}) {
    const Bytes code = Program().push(0).push(0).push(0).op(s.op);
    const auto before = static_cast<Revision>(static_cast<int>(s.revision) - 1);
    EXPECT_EQ(World(before).run(code).result.status, Status::kUndefinedInstruction) << int{s.op};
    EXPECT_EQ(World(s.revision).run(code).result.status, Status::kSuccess) << int{s.op};
  }
}

TEST(Instructions, EveryUndefinedByteIsUndefined) {
  for (int op = 0; op < 256; ++op) {
    if (kOpcodes[static_cast<std::size_t>(op)].known) continue;
    const Bytes code(20, static_cast<std::uint8_t>(op));
    World s;
    EXPECT_EQ(s.run(code).result.status, Status::kUndefinedInstruction) << op;
    EXPECT_EQ(s.result.gas_left, 0);
  }
}

TEST(Instructions, StackBounds) {
  EXPECT_EQ(World().run(Program().op(OP_ADD)).result.status, Status::kStackUnderflow);
  EXPECT_EQ(World().run(Program().push(1).op(OP_SWAP1)).result.status, Status::kStackUnderflow);
  EXPECT_EQ(World().run(Program().op(OP_DUP1)).result.status, Status::kStackUnderflow);
  EXPECT_EQ(World().run(Program().op(OP_POP).op(OP_POP)).result.status, Status::kStackUnderflow);
  Program full;
  for (int i = 0; i < 1024; ++i) full.push(static_cast<std::uint64_t>(i));
  EXPECT_EQ(World().run(full).result.status, Status::kSuccess);
  for (const Bytes& more : {Bytes(Program().push(1)), Bytes{OP_DUP16}, Bytes{OP_PC},
                            Bytes{OP_PUSH1, 0, OP_ADD}, Bytes{OP_PUSH1, 0, OP_MLOAD}}) {
    Program p = full;
    EXPECT_EQ(World().run(p.raw(more)).result.status, Status::kStackOverflow);
  }
}

TEST(Instructions, GasIsExact) {
  const Bytes code = Program().push(1).push(2).ops(OP_ADD, OP_POP);
  EXPECT_EQ(World().run(code, 11).result.status, Status::kSuccess);
  EXPECT_EQ(World().run(code, 11).gas_used, 11);
  EXPECT_EQ(World().run(code, 10).result.status, Status::kOutOfGas);
  EXPECT_EQ(World().run(code, 10).gas_used, 10);
  EXPECT_EQ(World().run(Program().push(U256{1} << 16).push(2).ops(OP_EXP)).gas_used, 6 + 10 + 150);
  EXPECT_EQ(World(Revision::kHomestead).run(Program().push(256).push(2).op(OP_EXP)).gas_used,
            6 + 10 + 20);
}

// What `op` costs on operands that are zero, memory being there.
std::int64_t cost_on_zeros(std::uint8_t op) {
  Program p;
  p.op(OP_PUSH0).ops(OP_MLOAD, OP_POP);
  for (int i = 0; i < kOpcodes[op].taken; ++i) p.op(OP_PUSH0);
  const auto before = World().run(p).gas_used;
  return World().run(p.op(op)).gas_used - before;
}

// Yellow Paper, appendix G, and the EIPs that added instructions.
TEST(Instructions, PricesThatNeverChanged) {
  struct Class {
    std::int64_t gas;
    Bytes members;
  };
  const Class classes[] = {
      {2, {OP_ADDRESS,  OP_ORIGIN,         OP_CALLER,    OP_CALLVALUE, OP_CALLDATASIZE, OP_CODESIZE,
           OP_GASPRICE, OP_COINBASE,       OP_TIMESTAMP, OP_NUMBER,    OP_PREVRANDAO,   OP_GASLIMIT,
           OP_CHAINID,  OP_RETURNDATASIZE, OP_POP,       OP_PC,        OP_MSIZE,        OP_GAS,
           OP_BASEFEE,  OP_BLOBBASEFEE,    OP_PUSH0}},
      {3, {OP_ADD,   OP_SUB,    OP_NOT,     OP_LT,       OP_GT,           OP_SLT,
           OP_SGT,   OP_EQ,     OP_ISZERO,  OP_AND,      OP_OR,           OP_XOR,
           OP_SHL,   OP_SHR,    OP_SAR,     OP_BYTE,     OP_CALLDATALOAD, OP_CALLDATACOPY,
           OP_MLOAD, OP_MSTORE, OP_MSTORE8, OP_CODECOPY, OP_BLOBHASH,     OP_RETURNDATACOPY,
           OP_MCOPY}},
      {5, {OP_MUL, OP_DIV, OP_SDIV, OP_MOD, OP_SMOD, OP_SIGNEXTEND, OP_SELFBALANCE, OP_CLZ}},
      {8, {OP_ADDMOD, OP_MULMOD}},
      {10, {OP_EXP, OP_JUMPI}},
      {20, {OP_BLOCKHASH}},
      {30, {OP_KECCAK256}},
      {100, {OP_TLOAD, OP_TSTORE}},
      {0, {OP_STOP, OP_RETURN, OP_REVERT}},
      {32000, {OP_CREATE, OP_CREATE2}}};
  for (const Class& one : classes) {
    for (const std::uint8_t op : one.members) EXPECT_EQ(cost_on_zeros(op), one.gas) << int{op};
  }
}

TEST(Instructions, Jumps) {
  // PUSH1 4 JUMP INVALID JUMPDEST: 3 + 8 + 1
  EXPECT_EQ(World().run(hex("600456fe5b")).gas_used, 12);
  EXPECT_EQ(World().run(hex("600456fe5b"), 11).result.status, Status::kOutOfGas);
  EXPECT_EQ(World().run(hex("600356fe5b")).result.status, Status::kBadJumpDestination);
  EXPECT_EQ(World().run(hex("60ff56")).result.status, Status::kBadJumpDestination);
  // Into push data.
  EXPECT_EQ(World().run(hex("600456605b00")).result.status, Status::kBadJumpDestination);
  // Beyond 64 bits, although the low bits would fit.
  EXPECT_EQ(World().run(hex("6801000000000000000c565b")).result.status,
            Status::kBadJumpDestination);
  // JUMPI: not taken ignores its destination.
  EXPECT_EQ(World().run(hex("600060ff57")).result.status, Status::kSuccess);
  EXPECT_EQ(World().run(hex("600160ff57")).result.status, Status::kBadJumpDestination);
  EXPECT_EQ(World().run(hex("6001600657fe5b")).gas_used, 3 + 3 + 10 + 1);
  // Long runs of JUMPDEST, entered in the middle.
  Program run;
  run.push(20).op(OP_JUMP).raw(Bytes(60, OP_JUMPDEST));
  EXPECT_EQ(World().run(run).gas_used, 11 + 63 - 20);
}

// The fused selector comparison looks at all 256 bits.
TEST(Instructions, SelectorComparison) {
  const auto taken = [](const U256& word) {
    Program p;
    p.push(word);
    const auto target = static_cast<std::uint8_t>(p.size() + 11 + 3);
    p.ops(OP_DUP1, OP_PUSH4, 0xa9, 0x05, 0x9c, 0xbb, OP_EQ, OP_PUSH2, 0, target, OP_JUMPI);
    return World().run(p.ops(OP_PUSH1, 1, OP_INVALID, OP_JUMPDEST)).result.status ==
           Status::kSuccess;
  };
  EXPECT_TRUE(taken(0xa9059cbb));
  EXPECT_FALSE(taken(0xa9059cbc));
  EXPECT_FALSE(taken(U256{0xa9059cbb} | U256{1} << 200));
}

TEST(Instructions, MemoryGrowsAndIsPaid) {
  EXPECT_EQ(World().run(Program().push(0).op(OP_MLOAD)).gas_used, 3 + 3 + 3);
  EXPECT_EQ(World().run(Program().push(31).op(OP_MLOAD)).gas_used, 3 + 3 + 6);
  const U256 at = 32 * 1023;
  EXPECT_EQ(World().run(Program().push(1).push(at).op(OP_MSTORE)).gas_used, 9 + 3 * 1024 + 2048);
  for (const U256& far : {U256{1} << 32, U256{~std::uint64_t{0}}, U256{1} << 64, U256::max()}) {
    for (const std::uint8_t op : {OP_MLOAD, OP_MSTORE, OP_MSTORE8}) {
      EXPECT_EQ(World().run(Program().push(1).push(far).op(op)).result.status, Status::kOutOfGas);
    }
    EXPECT_EQ(World().run(Program().push(far).push(0).op(OP_KECCAK256)).result.status,
              Status::kOutOfGas);
    EXPECT_EQ(World().run(Program().push(0).push(far).op(OP_KECCAK256)).result.status,
              Status::kSuccess)
        << "a size of zero needs no memory";
  }
}

// Memory of an earlier frame never shows through.
TEST(Instructions, FreshMemoryIsZero) {
  World s;
  s.run(Program().push(U256::max()).push(4096).op(OP_MSTORE));
  s.run(Program().push(4096).op(OP_MLOAD).return_top());
  EXPECT_EQ(s.word(), U256{0});
  s.run(Program().push(4090).op(OP_MLOAD).return_top());
  EXPECT_EQ(s.word(), U256{0});
  s.run(Program().push(U256::max()).push(0).op(OP_MSTORE));
  s.run(Program().push(0).op(OP_MLOAD).return_top());
  EXPECT_EQ(s.word(), U256{0}) << "grown by a single word";
}

TEST(Instructions, CallDataIsPaddedWithZeros) {
  World s;
  s.input = {1, 2, 3};
  s.run(Program().push(1).op(OP_CALLDATALOAD).return_top());
  EXPECT_EQ(s.word(), U256{0x0203} << 240);
  s.run(Program().push(U256::max()).op(OP_CALLDATALOAD).return_top());
  EXPECT_EQ(s.word(), U256{0});
  s.run(Program().push(8).push(1).push(30).op(OP_CALLDATACOPY).push(20).op(OP_MLOAD).return_top());
  EXPECT_EQ(s.word(), U256{0x0203} << (8 * 20));
}

// EIP-5656: overlapping both ways.
TEST(Instructions, MemoryCopyOverlaps) {
  const auto copied = [](std::uint64_t to, std::uint64_t from) {
    World s;
    s.run(Program()
              .push(0x0102030405060708)
              .push(0)
              .op(OP_MSTORE)
              .push(8)
              .push(from)
              .push(to)
              .op(OP_MCOPY)
              .push(0)
              .op(OP_MLOAD)
              .return_top());
    return s.word();
  };
  EXPECT_EQ(copied(22, 24), (U256{0x0304050607080708, 0x0102, 0, 0}));
  EXPECT_EQ(copied(24, 22), U256{0x010203040506});
  EXPECT_EQ(copied(24, 24), U256{0x0102030405060708});
}

// EIP-2200 and EIP-3529: price and refund of a store by original, current and new value.
struct StoreCase {
  Revision revision;
  std::uint64_t original, first, second;
  std::int64_t gas, refund;
};
TEST(Instructions, StorePricesFollowTheTables) {
  // Examples of EIP-2200 (with 2929's cold access where it applies), two stores each.
  const StoreCase cases[] = {
      {Revision::kIstanbul, 0, 0, 0, 1612, 0},
      {Revision::kIstanbul, 0, 0, 1, 20812, 0},
      {Revision::kIstanbul, 0, 1, 0, 20812, 19200},
      {Revision::kIstanbul, 0, 1, 2, 20812, 0},
      {Revision::kIstanbul, 1, 0, 0, 5812, 15000},
      {Revision::kIstanbul, 1, 0, 1, 5812, 4200},
      {Revision::kIstanbul, 1, 2, 1, 5812, 4200},
      {Revision::kIstanbul, 1, 1, 0, 5812, 15000},
      {Revision::kBerlin, 0, 1, 0, 22212, 19900},
      {Revision::kBerlin, 1, 0, 1, 5112, 2800},
      {Revision::kLondon, 1, 0, 0, 5112, 4800},
      {Revision::kLondon, 1, 2, 0, 5112, 4800},
      {Revision::kConstantinople, 0, 1, 0, 20212, 19800},
      {Revision::kPetersburg, 0, 1, 0, 25012, 15000},
      {Revision::kFrontier, 1, 0, 1, 25012, 15000},
  };
  for (const StoreCase& c : cases) {
    World s(c.revision);
    s.host.accounts[kSelf].storage[1] = c.original;
    s.run(Program().push(c.first).push(1).op(OP_SSTORE).push(c.second).push(1).op(OP_SSTORE));
    EXPECT_EQ(s.gas_used, c.gas) << to_string(c.revision) << c.original << c.first << c.second;
    EXPECT_EQ(s.result.gas_refund, c.refund)
        << to_string(c.revision) << c.original << c.first << c.second;
  }
}

TEST(Instructions, StoreNeedsMoreThanTheStipend) {
  const Bytes code = Program().push(0).push(1).op(OP_SSTORE);
  EXPECT_EQ(World(Revision::kIstanbul).run(code, 2306).result.status, Status::kOutOfGas);
  EXPECT_EQ(World(Revision::kIstanbul).run(code, 2307).result.status, Status::kSuccess);
}

// EIP-2929: the first touch is cold.
TEST(Instructions, ColdAndWarm) {
  const U256 other = 0x1234;
  World s;
  EXPECT_EQ(s.run(Program().push(other).op(OP_BALANCE).push(other).op(OP_BALANCE)).gas_used,
            6 + 2600 + 100);
  World t;
  EXPECT_EQ(t.run(Program().push(1).op(OP_SLOAD).push(1).op(OP_SLOAD)).gas_used, 6 + 2100 + 100);
  // Not enough for the cold price: nothing is read, the slot stays unread in the host.
  World u;
  u.run(Program().push(9).op(OP_SLOAD), 3 + 2099);
  EXPECT_EQ(u.result.status, Status::kOutOfGas);
  EXPECT_FALSE(u.host.accounts[kSelf].storage.contains(9));
}

TEST(Instructions, StaticFramesCannotWrite) {
  for (const Bytes& code :
       {Bytes(Program().push(1).push(1).op(OP_SSTORE)),
        Bytes(Program().push(1).push(1).op(OP_TSTORE)),
        Bytes(Program().push(0).push(0).op(OP_LOG0)), Bytes(Program().push(0).op(OP_SELFDESTRUCT)),
        Bytes(Program().push(0).push(0).push(0).op(OP_CREATE)),
        Bytes(Program().push(0).push(0).push(0).push(0).push(1).push(9).push(9).op(OP_CALL))}) {
    World s;
    s.is_static = true;
    EXPECT_EQ(s.run(code).result.status, Status::kStaticModeViolation);
  }
}

TEST(Instructions, LogsReachTheHostInOrder) {
  World s;
  s.run(Program().push(0xabcd).push(0).op(OP_MSTORE).push(2).push(1).push(32).push(0).op(OP_LOG0 +
                                                                                         2));
  ASSERT_EQ(s.host.logs.size(), 1U);
  EXPECT_EQ(s.host.logs[0].topics, (std::vector<Hash256>{ledger::to_hash(1), ledger::to_hash(2)}));
  EXPECT_EQ(ledger::load_be(s.host.logs[0].data.data()), U256{0xabcd});
  EXPECT_EQ(s.gas_used, 3 * 6 + 3 + 3 + 375 * 3 + 8 * 32);
}

TEST(Instructions, BlockHashOnlyOfTheLast256) {
  World s;
  s.environment.block.number = 1000;
  s.host.next_block_hash = ledger::kEmptyCodeHash;
  const auto at = [&](std::uint64_t n) {
    return s.run(Program().push(n).op(OP_BLOCKHASH).return_top()).word();
  };
  EXPECT_EQ(at(999), to_u256(ledger::kEmptyCodeHash));
  EXPECT_EQ(at(744), to_u256(ledger::kEmptyCodeHash));
  EXPECT_EQ(at(743), U256{0});
  EXPECT_EQ(at(1000), U256{0});
}

}  // namespace
}  // namespace pel::evm::test

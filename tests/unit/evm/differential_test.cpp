// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/evm/differential.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace pel::evm::test {
namespace {

// Programs that mostly run to their end: an instruction comes where its operands are there, jumps
// lead forward, offsets and sizes are small. One step in 40 is any byte.
class Generator {
 public:
  explicit Generator(std::uint64_t seed)
      : random_(seed), revision_(static_cast<Revision>(below(kRevisions))) {}

  Bytes code() {
    for (int i = 0; i < 6; ++i) push(number());
    for (std::uint64_t i = 5 + below(60); i > 0; --i) step();
    if (below(4) != 0) add({OP_PUSH1, 96, OP_PUSH1, 0, ending()});
    return std::move(out_);
  }
  Bytes input() { return Bytes(below(100), static_cast<std::uint8_t>(random_())); }
  Revision revision() const { return revision_; }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(random_()); }
  std::uint8_t ending() {
    return below(4) == 0 && revision_ >= Revision::kByzantium ? OP_REVERT : OP_RETURN;
  }
  void add(std::initializer_list<int> bytes) {
    for (const int b : bytes) out_.push_back(static_cast<std::uint8_t>(b));
  }

  U256 number() {
    const U256 any{random_(), random_(), random_(), random_()};
    switch (below(5)) {
      case 0:
        return below(3);
      case 1:
        return U256::max() - U256(below(300));
      case 2:
        return any;
      default:
        return any >> static_cast<unsigned>(below(256));
    }
  }
  void push(const U256& value) {
    const std::size_t size = std::max<std::size_t>(significant_bytes(value), 1);
    std::uint8_t word[32];
    ledger::store_be(value, word);
    add({static_cast<int>(OP_PUSH1 + size - 1)});
    out_.insert(out_.end(), word + 32 - size, word + 32);
    ++depth_;
  }

  void step() {
    const std::uint64_t kind = below(40);
    if (kind == 0) {
      add({byte()});
    } else if (kind < 6) {
      push(below(2) == 0 ? U256(below(256)) : number());
    } else if (kind < 10) {
      swap_or_duplicate();
    } else if (kind < 16) {
      jump();
    } else if (kind < 24) {
      sequence();
    } else if (kind < 26) {
      call();
    } else {
      instruction();
    }
  }

  void swap_or_duplicate() {
    const int n = static_cast<int>(below(static_cast<std::uint64_t>(std::min(depth_, 16))));
    if (below(2) == 0) {
      add({OP_DUP1 + n});
      ++depth_;
    } else if (n > 0) {
      add({OP_SWAP1 + n - 1});
    }
  }

  // Forward, over a few bytes that are never run: taken, taken or not, with or without ISZERO.
  void jump() {
    const int skipped = static_cast<int>(below(4));
    const bool conditional = below(3) != 0;
    const bool negated = conditional && below(2) == 0;
    const bool wide = below(2) == 0;
    if (conditional) add({OP_PUSH1, static_cast<int>(below(2))});
    if (negated) add({OP_ISZERO});
    const int target = static_cast<int>(out_.size()) + (wide ? 4 : 3) + skipped;
    if (wide) {
      add({OP_PUSH2, target >> 8, target & 0xff});
    } else if (target < 256) {
      add({OP_PUSH1, target});
    } else {
      return add({OP_GAS, OP_POP});
    }
    add({conditional ? OP_JUMPI : OP_JUMP});
    for (int i = 0; i < skipped; ++i) add({conditional ? OP_JUMPDEST : byte() & 0x1f});
    for (std::uint64_t i = 1 + below(3) * below(12); i > 0; --i) add({OP_JUMPDEST});
  }

  // What is run as one instruction.
  void sequence() {
    const int n = static_cast<int>(below(256));
    const bool shifts = revision_ >= Revision::kConstantinople;
    while (depth_ < 3) push(number());
    switch (below(10)) {
      case 0:
        return add({OP_PUSH1, n, OP_ADD});
      case 1:
        return add({OP_PUSH1, n, OP_AND});
      case 2:
        return add({OP_PUSH1, n, shifts ? OP_SHL : OP_ADD});
      case 3:
        return add({OP_PUSH1, n, shifts ? OP_SHR : OP_AND});
      case 4:
        ++depth_;
        return add({OP_PUSH1, n, OP_MLOAD});
      case 5:
        --depth_;
        return add({OP_PUSH1, n, OP_MSTORE});
      case 6:
        --depth_;
        return add({OP_SWAP1 + (n & 1), OP_POP});
      case 7:
        --depth_;
        return add({OP_SWAP1, OP_SUB});
      case 8:
        depth_ -= 2;
        return add({OP_POP, OP_POP});
      default: {
        const int target = static_cast<int>(out_.size()) + 11;
        return add({OP_DUP1, OP_PUSH4, 0, 0, 0, n & 3, OP_EQ, OP_PUSH2, target >> 8, target & 0xff,
                    OP_JUMPI, OP_JUMPDEST});
      }
    }
  }

  // Itself, once more, or a precompile.
  void call() {
    const int target = below(3) == 0 ? 0x20 : 1 + static_cast<int>(below(9));
    add({OP_PUSH1, 32, OP_PUSH1, 64, OP_PUSH1, 96, OP_PUSH1, 0, OP_PUSH1,
         static_cast<int>(below(2)), OP_PUSH1, target, OP_PUSH2, static_cast<int>(below(40)), 0,
         OP_CALL});
    ++depth_;
  }

  // Any instruction of the table, its operands made small where they are offsets and sizes.
  void instruction() {
    const auto op = static_cast<std::uint8_t>(1 + below(0x5f));
    const OpcodeInfo& info = kOpcodes[op];
    if (!is_defined(op, revision_) || op == OP_JUMP || op == OP_JUMPI || info.gas > 100) return;
    if (op > OP_SAR && op != OP_CLZ) {
      for (int i = 0; i < info.taken; ++i) push(below(40));
    }
    while (depth_ < info.taken) push(number());
    add({op});
    depth_ += info.pushed - info.taken;
  }

  std::mt19937_64 random_;
  Revision revision_;
  Bytes out_;
  int depth_ = 0;
};

TEST(Differential, FusedTracedAndBothLevelsAgree) {
  int finished = 0;
  for (std::uint64_t seed = 0; seed < 20000; ++seed) {
    Generator generator(seed);
    const Bytes code = generator.code();
    const auto outcome = agreed_outcome(code, generator.input(), generator.revision());
    ASSERT_TRUE(outcome) << "seed " << seed;
    if (outcome->status == Status::kSuccess || outcome->status == Status::kRevert) ++finished;
  }
  EXPECT_GT(finished, 10000) << "too many programs fail: little is compared";
}

TEST(Differential, TracerSeesEveryInstruction) {
  CountingTracer tracer;
  outcome(hex("600160020160045b5b00"), {}, Revision::kOsaka, CpuLevel::kV1, &tracer);
  EXPECT_EQ(tracer.steps, 7);
  EXPECT_EQ(tracer.faults, 0);
  outcome(hex("6001fe"), {}, Revision::kOsaka, CpuLevel::kV1, &tracer);
  EXPECT_EQ(tracer.steps, 9);
  EXPECT_EQ(tracer.faults, 1);
}

}  // namespace
}  // namespace pel::evm::test

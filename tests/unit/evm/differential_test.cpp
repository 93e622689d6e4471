// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/evm/differential.hpp"

#include <gtest/gtest.h>

#include <random>

namespace pel::evm::test {
namespace {

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  // Mostly meaningful code: pushes of small numbers and of jump destinations, then anything.
  Bytes code() {
    Bytes out;
    const std::size_t size = 20 + random_() % 300;
    while (out.size() < size) {
      switch (random_() % 8) {
        case 0:
          out.insert(out.end(), {OP_PUSH1, byte()});
          break;
        case 1:
          out.insert(out.end(), {OP_PUSH1, static_cast<std::uint8_t>(random_() % size)});
          break;
        case 2:
          out.push_back(static_cast<std::uint8_t>(OP_DUP1 + random_() % 4));
          break;
        case 3:
          out.push_back(static_cast<std::uint8_t>(OP_SWAP1 + random_() % 3));
          break;
        case 4:
          out.push_back(static_cast<std::uint8_t>(random_() % 0x20));
          break;
        case 5:
          out.push_back(OP_JUMPDEST);
          break;
        case 6:
          append(out);
          break;
        default:
          out.push_back(byte());
      }
    }
    return out;
  }
  std::uint8_t byte() { return static_cast<std::uint8_t>(random_()); }
  Revision revision() { return static_cast<Revision>(random_() % kRevisions); }

 private:
  // What gets fused.
  void append(Bytes& out) {
    const auto target = static_cast<std::uint8_t>(random_() % 200);
    const Bytes sequences[] = {
        {OP_PUSH1, target, OP_JUMPI},
        {OP_ISZERO, OP_PUSH2, 0, target, OP_JUMPI},
        {OP_PUSH2, 0, target, OP_JUMPI},
        {OP_PUSH1, target, OP_SHL},
        {OP_PUSH1, target, OP_SHR},
        {OP_PUSH1, target, OP_MLOAD},
        {OP_PUSH1, target, OP_MSTORE},
        {OP_PUSH1, target, OP_AND},
        {OP_SWAP1, OP_POP},
        {OP_SWAP1 + 1, OP_POP},
        {OP_SWAP1, OP_SUB},
        {OP_POP, OP_POP},
        {OP_DUP1, OP_PUSH4, 0, 0, 0, 1, OP_EQ, OP_PUSH2, 0, target, OP_JUMPI},
        Bytes(5 + target % 20, OP_JUMPDEST),
    };
    const Bytes& chosen = sequences[random_() % std::size(sequences)];
    out.insert(out.end(), chosen.begin(), chosen.end());
  }
  std::mt19937_64 random_;
};

TEST(Differential, FusedTracedAndBothLevelsAgree) {
  for (std::uint64_t seed = 0; seed < 20000; ++seed) {
    Generator generator(seed);
    const Bytes code = generator.code();
    const Bytes input(generator.byte(), generator.byte());
    ASSERT_TRUE(all_ways_agree(code, input, generator.revision())) << "seed " << seed;
  }
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

// SPDX-License-Identifier: Apache-2.0
#include "ledger/evm/fusion.hpp"

#include <algorithm>
#include <cstring>

namespace pel::evm {

namespace {

// The sequence at p as one instruction, or p[0] if there is none.
class Matcher {
 public:
  Matcher(const std::uint8_t* code, std::size_t size, const std::uint64_t* jumps) noexcept
      : code_(code), size_(size), jumps_(jumps) {}

  std::uint8_t at(std::size_t pc) const noexcept {
    const std::uint8_t* p = code_ + pc;
    switch (p[0]) {
      case OP_PUSH1:
        return push1(p);
      case OP_PUSH2:
        return jump(p, 2, FUSED_PUSH2_JUMP, FUSED_PUSH2_JUMPI);
      case OP_ISZERO:
        return is_zero(p);
      case OP_DUP1:
        return selector(p);
      case OP_SWAP1:
        if (p[1] == OP_POP) return FUSED_SWAP1_POP;
        return either(p[1] == OP_SUB, FUSED_SWAP1_SUB, p[0]);
      case OP_SWAP1 + 1:
        return either(p[1] == OP_POP, FUSED_SWAP2_POP, p[0]);
      case OP_POP:
        return either(p[1] == OP_POP, FUSED_POP_POP, p[0]);
      case OP_JUMPDEST:
        return run(pc);
      default:
        return is_fused(p[0]) ? kUndefinedByte : p[0];
    }
  }

 private:
  static std::uint8_t either(bool match, std::uint8_t fused, std::uint8_t plain) noexcept {
    return match ? fused : plain;
  }
  bool valid(std::size_t target) const noexcept {
    return target < size_ && ((jumps_[target / 64] >> (target % 64)) & 1) != 0;
  }
  // PUSHn and JUMP or JUMPI to a place that is a jump destination.
  std::uint8_t jump(const std::uint8_t* p, unsigned n, std::uint8_t fused_jump,
                    std::uint8_t fused_jumpi) const noexcept {
    const std::size_t target = n == 1 ? p[1] : static_cast<std::size_t>(p[1] << 8 | p[2]);
    const std::uint8_t next = p[n + 1];
    if ((next != OP_JUMP && next != OP_JUMPI) || !valid(target)) return p[0];
    return next == OP_JUMP ? fused_jump : fused_jumpi;
  }
  std::uint8_t push1(const std::uint8_t* p) const noexcept {
    switch (p[2]) {
      case OP_ADD:
        return FUSED_PUSH1_ADD;
      case OP_SHL:
        return FUSED_PUSH1_SHL;
      case OP_SHR:
        return FUSED_PUSH1_SHR;
      case OP_AND:
        return FUSED_PUSH1_AND;
      case OP_MLOAD:
        return FUSED_PUSH1_MLOAD;
      case OP_MSTORE:
        return FUSED_PUSH1_MSTORE;
      default:
        return jump(p, 1, FUSED_PUSH1_JUMP, FUSED_PUSH1_JUMPI);
    }
  }
  std::uint8_t is_zero(const std::uint8_t* p) const noexcept {
    if (p[1] == OP_PUSH1 && p[3] == OP_JUMPI && valid(p[2])) return FUSED_ISZERO_PUSH1_JUMPI;
    if (p[1] == OP_PUSH2 && p[4] == OP_JUMPI &&
        jump(p + 1, 2, 0, FUSED_PUSH2_JUMPI) == FUSED_PUSH2_JUMPI) {
      return FUSED_ISZERO_PUSH2_JUMPI;
    }
    return p[0];
  }
  // A function selector compared, as compilers write it.
  std::uint8_t selector(const std::uint8_t* p) const noexcept {
    const bool match = p[1] == OP_PUSH4 && p[6] == OP_EQ && p[7] == OP_PUSH2 && p[10] == OP_JUMPI &&
                       jump(p + 7, 2, 0, FUSED_PUSH2_JUMPI) == FUSED_PUSH2_JUMPI;
    return either(match, FUSED_DUP1_PUSH4_EQ_PUSH2_JUMPI, p[0]);
  }
  // How many JUMPDEST follow one another from here, as far as it matters.
  std::uint8_t run(std::size_t pc) const noexcept {
    std::size_t n = 1;
    while (n < 16 && code_[pc + n] == OP_JUMPDEST) ++n;
    if (n == 16) return FUSED_JUMPDEST_16;
    return either(n >= 4, FUSED_JUMPDEST_4, OP_JUMPDEST);
  }

  const std::uint8_t* code_;
  std::size_t size_;
  const std::uint64_t* jumps_;
};

}  // namespace

void fuse(const std::uint8_t* code, std::size_t size, const std::uint64_t* jumps,
          std::uint8_t* fused) {
  std::memcpy(fused, code, size + 33);
  const Matcher matcher(code, size, jumps);
  for (std::size_t pc = 0; pc < size; pc += 1 + push_size(code[pc])) fused[pc] = matcher.at(pc);
}

}  // namespace pel::evm

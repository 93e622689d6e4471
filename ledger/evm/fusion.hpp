// SPDX-License-Identifier: Apache-2.0
#pragma once

// Fused instructions: frequent sequences that the analysis writes over the first byte of the
// sequence in a copy of the code, as opcodes that no revision defines. Only the copy is run, so
// positions stay those of the original; a jump never lands inside, for a sequence has no JUMPDEST
// behind its first byte. A fused instruction charges the gas of its parts at once: where that
// fails the frame fails, which is the outcome one by one too.

#include <cstdint>

#include "ledger/evm/opcodes.hpp"

namespace pel::evm {

// clang-format off
// X(byte, name, first revision in which all parts exist)
#define PEL_EVM_FUSED(X)                     \
  X(0x0c, PUSH1_JUMP, Frontier)              \
  X(0x0d, PUSH2_JUMP, Frontier)              \
  X(0x0e, PUSH1_JUMPI, Frontier)             \
  X(0x0f, PUSH2_JUMPI, Frontier)             \
  X(0x21, ISZERO_PUSH1_JUMPI, Frontier)      \
  X(0x22, ISZERO_PUSH2_JUMPI, Frontier)      \
  X(0x23, JUMPDEST_4, Frontier)              \
  X(0x24, JUMPDEST_16, Frontier)             \
  X(0x25, PUSH1_ADD, Frontier)               \
  X(0x26, PUSH1_SHL, Constantinople)         \
  X(0x27, PUSH1_SHR, Constantinople)         \
  X(0x28, PUSH1_MLOAD, Frontier)             \
  X(0x29, PUSH1_MSTORE, Frontier)            \
  X(0x2a, SWAP1_POP, Frontier)               \
  X(0x2b, SWAP2_POP, Frontier)               \
  X(0x2c, POP_POP, Frontier)                 \
  X(0x2d, PUSH1_AND, Frontier)               \
  X(0x2e, DUP1_PUSH4_EQ_PUSH2_JUMPI, Frontier) \
  X(0x2f, SWAP1_SUB, Frontier)
// clang-format on

enum FusedOpcode : std::uint8_t {
#define PEL_X(byte, name, revision) FUSED_##name = byte,
  PEL_EVM_FUSED(PEL_X)
#undef PEL_X
};

// Stands in the copy for bytes that would read as a fused instruction but are just undefined.
inline constexpr std::uint8_t kUndefinedByte = 0xef;

constexpr bool is_fused(std::uint8_t op) noexcept {
  switch (op) {
#define PEL_X(byte, name, revision) case byte:
    PEL_EVM_FUSED(PEL_X)
#undef PEL_X
    return true;
    default:
      return false;
  }
}

constexpr bool fused_defined(std::uint8_t op, Revision now) noexcept {
  switch (op) {
#define PEL_X(byte, name, revision) \
  case byte:                        \
    return now >= Revision::k##revision;
    PEL_EVM_FUSED(PEL_X)
#undef PEL_X
    default:
      return false;
  }
}

// Writes the fused copy of `size` bytes of code (both padded with 33 zeros): `jumps` has a bit for
// each jump destination.
void fuse(const std::uint8_t* code, std::size_t size, const std::uint64_t* jumps,
          std::uint8_t* fused);

}  // namespace pel::evm

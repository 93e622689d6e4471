// SPDX-License-Identifier: Apache-2.0
#pragma once

// The instruction set as data, from which the interpreter takes its checks: X(byte, name, first
// revision, gas, items taken, items pushed). Gas is what every use costs in every revision that has
// the instruction; what depends on the revision is in gas.hpp, what depends on operands with the
// instruction.

#include <array>
#include <cstdint>
#include <string_view>

#include "pel/ledger/evm.hpp"

// clang-format off
#define PEL_EVM_OPCODES(X)                                                   \
  X(0x00, STOP, Frontier, 0, 0, 0)        X(0x01, ADD, Frontier, 3, 2, 1)    \
  X(0x02, MUL, Frontier, 5, 2, 1)         X(0x03, SUB, Frontier, 3, 2, 1)    \
  X(0x04, DIV, Frontier, 5, 2, 1)         X(0x05, SDIV, Frontier, 5, 2, 1)   \
  X(0x06, MOD, Frontier, 5, 2, 1)         X(0x07, SMOD, Frontier, 5, 2, 1)   \
  X(0x08, ADDMOD, Frontier, 8, 3, 1)      X(0x09, MULMOD, Frontier, 8, 3, 1) \
  X(0x0a, EXP, Frontier, 10, 2, 1)        X(0x0b, SIGNEXTEND, Frontier, 5, 2, 1) \
  X(0x10, LT, Frontier, 3, 2, 1)          X(0x11, GT, Frontier, 3, 2, 1)     \
  X(0x12, SLT, Frontier, 3, 2, 1)         X(0x13, SGT, Frontier, 3, 2, 1)    \
  X(0x14, EQ, Frontier, 3, 2, 1)          X(0x15, ISZERO, Frontier, 3, 1, 1) \
  X(0x16, AND, Frontier, 3, 2, 1)         X(0x17, OR, Frontier, 3, 2, 1)     \
  X(0x18, XOR, Frontier, 3, 2, 1)         X(0x19, NOT, Frontier, 3, 1, 1)    \
  X(0x1a, BYTE, Frontier, 3, 2, 1)        X(0x1b, SHL, Constantinople, 3, 2, 1) \
  X(0x1c, SHR, Constantinople, 3, 2, 1)   X(0x1d, SAR, Constantinople, 3, 2, 1) \
  X(0x1e, CLZ, Osaka, 5, 1, 1)            X(0x20, KECCAK256, Frontier, 30, 2, 1) \
  X(0x30, ADDRESS, Frontier, 2, 0, 1)     X(0x31, BALANCE, Frontier, 0, 1, 1) \
  X(0x32, ORIGIN, Frontier, 2, 0, 1)      X(0x33, CALLER, Frontier, 2, 0, 1) \
  X(0x34, CALLVALUE, Frontier, 2, 0, 1)   X(0x35, CALLDATALOAD, Frontier, 3, 1, 1) \
  X(0x36, CALLDATASIZE, Frontier, 2, 0, 1) X(0x37, CALLDATACOPY, Frontier, 3, 3, 0) \
  X(0x38, CODESIZE, Frontier, 2, 0, 1)    X(0x39, CODECOPY, Frontier, 3, 3, 0) \
  X(0x3a, GASPRICE, Frontier, 2, 0, 1)    X(0x3b, EXTCODESIZE, Frontier, 0, 1, 1) \
  X(0x3c, EXTCODECOPY, Frontier, 0, 4, 0) X(0x3d, RETURNDATASIZE, Byzantium, 2, 0, 1) \
  X(0x3e, RETURNDATACOPY, Byzantium, 3, 3, 0) X(0x3f, EXTCODEHASH, Constantinople, 0, 1, 1) \
  X(0x40, BLOCKHASH, Frontier, 20, 1, 1)  X(0x41, COINBASE, Frontier, 2, 0, 1) \
  X(0x42, TIMESTAMP, Frontier, 2, 0, 1)   X(0x43, NUMBER, Frontier, 2, 0, 1) \
  X(0x44, PREVRANDAO, Frontier, 2, 0, 1)  X(0x45, GASLIMIT, Frontier, 2, 0, 1) \
  X(0x46, CHAINID, Istanbul, 2, 0, 1)     X(0x47, SELFBALANCE, Istanbul, 5, 0, 1) \
  X(0x48, BASEFEE, London, 2, 0, 1)       X(0x49, BLOBHASH, Cancun, 3, 1, 1) \
  X(0x4a, BLOBBASEFEE, Cancun, 2, 0, 1)   X(0x50, POP, Frontier, 2, 1, 0)    \
  X(0x51, MLOAD, Frontier, 3, 1, 1)       X(0x52, MSTORE, Frontier, 3, 2, 0) \
  X(0x53, MSTORE8, Frontier, 3, 2, 0)     X(0x54, SLOAD, Frontier, 0, 1, 1)  \
  X(0x55, SSTORE, Frontier, 0, 2, 0)      X(0x56, JUMP, Frontier, 8, 1, 0)   \
  X(0x57, JUMPI, Frontier, 10, 2, 0)      X(0x58, PC, Frontier, 2, 0, 1)     \
  X(0x59, MSIZE, Frontier, 2, 0, 1)       X(0x5a, GAS, Frontier, 2, 0, 1)    \
  X(0x5b, JUMPDEST, Frontier, 1, 0, 0)    X(0x5c, TLOAD, Cancun, 100, 1, 1)  \
  X(0x5d, TSTORE, Cancun, 100, 2, 0)      X(0x5e, MCOPY, Cancun, 3, 3, 0)    \
  X(0x5f, PUSH0, Shanghai, 2, 0, 1)                                          \
  X(0xf0, CREATE, Frontier, 32000, 3, 1)  X(0xf1, CALL, Frontier, 0, 7, 1)   \
  X(0xf2, CALLCODE, Frontier, 0, 7, 1)    X(0xf3, RETURN, Frontier, 0, 2, 0) \
  X(0xf4, DELEGATECALL, Homestead, 0, 6, 1) X(0xf5, CREATE2, Constantinople, 32000, 4, 1) \
  X(0xfa, STATICCALL, Byzantium, 0, 6, 1) X(0xfd, REVERT, Byzantium, 0, 2, 0) \
  X(0xfe, INVALID, Frontier, 0, 0, 0)     X(0xff, SELFDESTRUCT, Frontier, 0, 1, 0)

// The four families that count: X(n).
#define PEL_EVM_1_TO_16(X)                                              \
  X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16)
#define PEL_EVM_1_TO_32(X)                                              \
  PEL_EVM_1_TO_16(X)                                                    \
  X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31) X(32)
#define PEL_EVM_0_TO_4(X) X(0) X(1) X(2) X(3) X(4)
// clang-format on

namespace pel::evm {

enum Opcode : std::uint8_t {
#define PEL_X(byte, name, revision, gas, taken, pushed) OP_##name = byte,
  PEL_EVM_OPCODES(PEL_X)
#undef PEL_X
      OP_PUSH1 = 0x60,
  OP_PUSH2 = 0x61,
  OP_PUSH4 = 0x63,
  OP_PUSH32 = 0x7f,
  OP_DUP1 = 0x80,
  OP_DUP16 = 0x8f,
  OP_SWAP1 = 0x90,
  OP_SWAP16 = 0x9f,
  OP_LOG0 = 0xa0,
  OP_LOG4 = 0xa4,
};

constexpr bool is_push(std::uint8_t op) noexcept { return op >= OP_PUSH1 && op <= OP_PUSH32; }
// Bytes after a push instruction that are its operand.
constexpr unsigned push_size(std::uint8_t op) noexcept {
  return is_push(op) ? static_cast<unsigned>(op - OP_PUSH1 + 1) : 0;
}

struct OpcodeInfo {
  bool known = false;
  Revision since = Revision::kFrontier;
  // Of the families that count (PUSHn, DUPn, SWAPn, LOGn) these stay zero.
  std::int32_t gas = 0;
  std::int8_t taken = 0;
  std::int8_t pushed = 0;
};

namespace detail {
constexpr std::array<OpcodeInfo, 256> opcode_infos() noexcept {
  std::array<OpcodeInfo, 256> all{};
#define PEL_X(byte, name, revision, gas, taken, pushed) \
  all[byte] = {true, Revision::k##revision, gas, taken, pushed};
  PEL_EVM_OPCODES(PEL_X)
#undef PEL_X
  for (std::size_t op = OP_PUSH1; op <= OP_LOG4; ++op) all[op] = {true, Revision::kFrontier};
  return all;
}
}  // namespace detail
inline constexpr std::array<OpcodeInfo, 256> kOpcodes = detail::opcode_infos();

constexpr bool is_defined(std::uint8_t op, Revision revision) noexcept {
  return kOpcodes[op].known && kOpcodes[op].since <= revision;
}

}  // namespace pel::evm

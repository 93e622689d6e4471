// SPDX-License-Identifier: Apache-2.0
#pragma once

// The inside of a Vm: its memory, the frames that run in it and what the interpreter calls out for.

#include <array>
#include <cstddef>
#include <cstdint>

#include "ledger/evm/gas.hpp"
#include "ledger/evm/hash_memo.hpp"
#include "ledger/evm/region.hpp"
#include "pel/ledger/evm.hpp"

namespace pel::evm {

struct Frame;
struct Machine;

// One entry per CPU level: runs the frame's code to its end. With `labels` asked for, only fills
// the dispatch table (256 addresses) and returns.
struct Interpreter {
  void (*run)(Frame& frame, const void* const* labels);
  void (*run_traced)(Frame& frame, const void* const* labels);
  void (*fill_labels)(Revision revision, const void** plain, const void** traced);
};
extern const Interpreter kInterpreterV1;
extern const Interpreter kInterpreterV3;

// One running message. Its stack begins where the caller's ends, its memory too.
struct Frame {
  Machine& machine;
  const Message& message;
  const Code& code;
  U256* stack;  // item 0; the interpreter keeps the top in a register
  std::uint8_t* memory;
  std::uint64_t memory_size = 0;
  Gas memory_cost = 0;  // charged so far
  Gas gas = 0;
  std::uint64_t return_data_size = 0;  // of the last call, in machine.return_region
  const std::uint8_t* output = nullptr;
  std::uint64_t output_size = 0;
  Status status = Status::kSuccess;
};

// A modulus that was used before, made ready for MULMOD in a loop: for division at its first use,
// for Barrett's reduction (if it has four words) at its second.
struct ModulusCache {
  U256 modulus{1};
  ledger::detail::Divisor divisor{U256{1}};
  ledger::detail::Barrett barrett;
  bool barrett_ready = false;
};

// Addresses for the memories of all frames. No gas of any chain buys as much.
inline constexpr std::size_t kMemoryBytes = std::size_t{4} << 30;

struct Machine {
  explicit Machine(const Interpreter& levels);

  Result execute(const Message& message);
  // Runs a call or creation whose gas has been charged; the state is rolled back if it fails.
  // Output lies in return_region.
  Result run_message(const Message& message, U256* stack, std::uint8_t* memory);
  void set_revision(Revision revision);

  const Interpreter& interpreter;
  Region stack_region;
  Region memory_region;
  Region return_region;         // output of the last call that ended
  std::size_t return_high = 0;  // most bytes that it held since the last release
  std::uint8_t* memory_limit;   // no frame's memory goes beyond; its output fits the return region
  std::uint8_t* memory_dirty;   // all bytes of the memory region from here on are zero

  Host* host = nullptr;
  const Environment* environment = nullptr;
  const Rules* rules = nullptr;
  Tracer* tracer = nullptr;
  Gas refund = 0;
  ModulusCache modulus;
  HashMemo hashes;

  std::array<const void*, 256> labels{};
  std::array<const void*, 256> traced_labels{};

 private:
  Result run_call(const Message& message, U256* stack, std::uint8_t* memory);
  Result run_create(const Message& message, U256* stack, std::uint8_t* memory);
  Result run_code(const Message& message, const Code& code, U256* stack, std::uint8_t* memory);
  Result run_precompiled(const Message& message);
  void deposit(const Message& message, Result& result);
  Result keep_output(const std::uint8_t* data, std::uint64_t size, Status status, Gas gas);
};

// Grows the frame's memory to cover [offset, offset + size) and charges for it: the gas left, or
// -1 if it does not suffice. size is not zero.
Gas grow_memory(Frame& frame, std::uint64_t offset, std::uint64_t size, Gas gas);

// Instructions that look at the world. `sp` is the top of the stack; operands are replaced in
// place by the result, the interpreter moves its pointer. All return the gas left, or a negative
// number with frame.status set.
Gas op_balance(Frame& frame, U256* sp, Gas gas);
Gas op_ext_code_size(Frame& frame, U256* sp, Gas gas);
Gas op_ext_code_copy(Frame& frame, U256* sp, Gas gas);
Gas op_ext_code_hash(Frame& frame, U256* sp, Gas gas);
Gas op_block_hash(Frame& frame, U256* sp, Gas gas);
Gas op_sload(Frame& frame, U256* sp, Gas gas);
Gas op_sstore(Frame& frame, U256* sp, Gas gas);
Gas op_tload(Frame& frame, U256* sp, Gas gas);
Gas op_tstore(Frame& frame, U256* sp, Gas gas);
Gas op_log(Frame& frame, U256* sp, Gas gas, unsigned topics);
Gas op_call(Frame& frame, U256* sp, Gas gas, std::uint8_t opcode);
Gas op_create(Frame& frame, U256* sp, Gas gas, bool create2);
Gas op_selfdestruct(Frame& frame, U256* sp, Gas gas);
// Copies [offset, offset + size) of `source`, zeros behind its end, to frame memory (sp[0] =
// target, sp[-1] = offset, sp[-2] = size): CALLDATACOPY, CODECOPY.
Gas op_copy(Frame& frame, U256* sp, Gas gas, ledger::BytesView source);
// Its two halves: memory and 3 gas per word; the bytes themselves (sp as above).
Gas charge_copy(Frame& frame, const U256& target, const U256& size, Gas gas);
void copy_to_memory(Frame& frame, U256* sp, ledger::BytesView source);
Gas op_return_data_copy(Frame& frame, U256* sp, Gas gas);
Gas op_mcopy(Frame& frame, U256* sp, Gas gas);
Gas op_keccak(Frame& frame, U256* sp, Gas gas);
// RETURN and REVERT: sets the frame's output.
Gas op_return(Frame& frame, U256* sp, Gas gas);

inline Gas fail(Frame& frame, Status status) noexcept {
  frame.status = status;
  return -1;
}

// Charges for and makes sure of the memory that two stack words name; a zero size needs none.
inline Gas require_memory(Frame& frame, const U256& offset, const U256& size, Gas gas) {
  if (size.is_zero()) return gas;
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 32;
  if (!offset.fits_u64() || !size.fits_u64() || offset.w[0] >= kLimit || size.w[0] >= kLimit) {
    return fail(frame, Status::kOutOfGas);
  }
  if (offset.w[0] + size.w[0] <= frame.memory_size) return gas;
  return grow_memory(frame, offset.w[0], size.w[0], gas);
}

}  // namespace pel::evm

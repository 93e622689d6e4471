// SPDX-License-Identifier: Apache-2.0
// Instructions that work on a frame's memory, and its growth.

#include <algorithm>
#include <cstring>
#include <string>

#include "ledger/evm/machine.hpp"
#include "ledger/primitives/keccak.hpp"
#include "pel/error.hpp"

namespace pel::evm {

namespace {

// The part of `source` that [offset, offset + size) covers, as far as it goes.
BytesView clip(BytesView source, const U256& offset, std::uint64_t size) noexcept {
  if (!offset.fits_u64() || offset.w[0] >= source.size()) return {};
  return source.subspan(offset.w[0], std::min<std::uint64_t>(size, source.size() - offset.w[0]));
}

// Charges 3 gas per word of a copy, whose size already passed require_memory.
Gas charge_words(const U256& size, Gas per_word, Gas gas) noexcept {
  return gas - per_word * static_cast<Gas>(words_of(size.w[0]));
}

void copy_padded(std::uint8_t* target, std::uint64_t size, BytesView data) noexcept {
  if (!data.empty()) std::memcpy(target, data.data(), data.size());
  std::memset(target + data.size(), 0, size - data.size());
}

// For memory that was paid for and that there are no addresses for. What no chain's gas can buy is
// out of gas; where a limit on this process left less than that, there is no right answer.
Gas refuse_memory(Frame& frame) {
  const Machine& m = frame.machine;
  const auto size = static_cast<std::size_t>(m.memory_limit - m.memory_region.begin());
  if (size >= kMemoryBytes) return fail(frame, Status::kOutOfGas);
  throw Error("EVM memory", "a message needs more than " + std::to_string(size) + " bytes",
              "raise the limit on virtual memory");
}

}  // namespace

Gas grow_memory(Frame& frame, std::uint64_t offset, std::uint64_t size, Gas gas) {
  const std::uint64_t new_words = words_of(offset + size);
  const Gas cost = memory_gas(new_words);
  gas -= cost - frame.memory_cost;
  Machine& m = frame.machine;
  if (gas < 0) return fail(frame, Status::kOutOfGas);
  if (new_words * 32 > static_cast<std::uint64_t>(m.memory_limit - frame.memory))
    return refuse_memory(frame);
  std::uint8_t* const from = frame.memory + frame.memory_size;
  std::uint8_t* const to = frame.memory + new_words * 32;
  if (to - from == 32) {
    ledger::store_be(U256{}, from);
  } else if (from < m.memory_dirty) {
    std::memset(from, 0, static_cast<std::size_t>(std::min(to, m.memory_dirty) - from));
  }
  m.memory_dirty = std::max(m.memory_dirty, to);
  frame.memory_size = new_words * 32;
  frame.memory_cost = cost;
  return gas;
}

Gas charge_copy(Frame& frame, const U256& target, const U256& size, Gas gas) {
  if ((gas = require_memory(frame, target, size, gas)) < 0) return gas;
  gas = charge_words(size, kCopyWordGas, gas);
  return gas < 0 ? fail(frame, Status::kOutOfGas) : gas;
}

void copy_to_memory(Frame& frame, U256* sp, BytesView source) {
  const std::uint64_t size = sp[-2].w[0];
  if (size != 0) copy_padded(frame.memory + sp[0].w[0], size, clip(source, sp[-1], size));
}

Gas op_copy(Frame& frame, U256* sp, Gas gas, BytesView source) {
  if ((gas = charge_copy(frame, sp[0], sp[-2], gas)) >= 0) copy_to_memory(frame, sp, source);
  return gas;
}

// EIP-211: reading beyond the end of the return data is an error, even of no bytes.
Gas op_return_data_copy(Frame& frame, U256* sp, Gas gas) {
  const U256& offset = sp[-1];
  const U256& size = sp[-2];
  if ((gas = charge_copy(frame, sp[0], size, gas)) < 0) return gas;
  const std::uint64_t have = frame.return_data_size;
  if (!offset.fits_u64() || offset.w[0] > have || size.w[0] > have - offset.w[0]) {
    return fail(frame, Status::kReturnDataOutOfBounds);
  }
  if (size.is_zero()) return gas;
  std::memcpy(frame.memory + sp[0].w[0], frame.machine.return_region.begin() + offset.w[0],
              size.w[0]);
  return gas;
}

// EIP-5656
Gas op_mcopy(Frame& frame, U256* sp, Gas gas) {
  const U256& size = sp[-2];
  if (!size.is_zero()) {
    const U256& farther = std::max(sp[0], sp[-1]);
    if ((gas = require_memory(frame, farther, size, gas)) < 0) return gas;
  }
  if ((gas = charge_words(size, kCopyWordGas, gas)) < 0) return fail(frame, Status::kOutOfGas);
  if (size.is_zero()) return gas;
  std::memmove(frame.memory + sp[0].w[0], frame.memory + sp[-1].w[0], size.w[0]);
  return gas;
}

Gas op_keccak(Frame& frame, U256* sp, Gas gas) {
  const U256 size = sp[-1];
  if ((gas = require_memory(frame, sp[0], size, gas)) < 0) return gas;
  if ((gas = charge_words(size, kKeccakWordGas, gas)) < 0) return fail(frame, Status::kOutOfGas);
  const std::uint8_t* const data = size.is_zero() ? nullptr : frame.memory + sp[0].w[0];
  if (size.w[0] == HashMemo::kSize) {
    sp[-1] = frame.machine.hashes.hash(data);
    return gas;
  }
  sp[-1] = to_u256(ledger::keccak256(BytesView(data, size.w[0])));
  return gas;
}

Gas op_return(Frame& frame, U256* sp, Gas gas) {
  if ((gas = require_memory(frame, sp[0], sp[-1], gas)) < 0) return gas;
  frame.output_size = sp[-1].w[0];
  frame.output = frame.output_size == 0 ? nullptr : frame.memory + sp[0].w[0];
  return gas;
}

}  // namespace pel::evm

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "pel/ledger/types.hpp"

namespace pel::evm {

// The last Keccak hashes of 64 bytes, which is where a Solidity mapping keeps the value of a key:
// keccak(key, position of the mapping). A program looks a slot up, then writes it, so half of
// these hashes were just computed. Direct-mapped; a hit is compared in full, so who controls the
// inputs controls the hit rate and nothing else. Not thread-safe; a Vm has its own.
class HashMemo {
 public:
  static constexpr std::size_t kSize = 64;  // bytes of an input

  HashMemo();
  // keccak256 of the 64 bytes at `input`, as a word of the stack.
  ledger::U256 hash(const std::uint8_t* input) noexcept;

 private:
  struct Entry {
    std::array<std::uint64_t, kSize / 8> input{};
    ledger::U256 hash;
  };
  std::array<Entry, 64> entries_;  // 6 KiB: stays in the first cache
};

}  // namespace pel::evm

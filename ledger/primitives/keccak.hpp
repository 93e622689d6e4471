// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "pel/ledger/types.hpp"

namespace pel::ledger {

// Keccak-256 with the original padding (FIPS 202's SHA3-256 pads differently). Source: Keccak
// team, "The Keccak reference", version 3.0 (2011). O(size), thread-safe.
Hash256 keccak256(BytesView data) noexcept;

// Several hashes at once: out[i] = keccak256(messages[i]). Up to 8 states live in one register
// file (AVX-512), 4 with AVX2, chosen at run time; lengths may differ, equal numbers of 136-byte
// blocks are the fastest. Same results as one by one.
void keccak256_many(std::span<const BytesView> messages, std::span<Hash256> out);

// For tests and benchmarks: the widest implementation this CPU has (1, 4 or 8), and a given one.
int keccak_lanes() noexcept;
void keccak256_many(std::span<const BytesView> messages, std::span<Hash256> out, int lanes);

// Absorbs a message piece by piece.
class Keccak256 {
 public:
  void update(BytesView data) noexcept;
  Hash256 finish() noexcept;  // and starts over

 private:
  std::uint64_t state_[25] = {};
  std::uint8_t buffer_[136] = {};
  std::size_t used_ = 0;
};

// The permutation itself, on 25 words, as the widest implementation of at most `lanes` states has
// it (tests).
void keccak_f1600(std::uint64_t state[25], int lanes = 8) noexcept;

}  // namespace pel::ledger

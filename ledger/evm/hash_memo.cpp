// SPDX-License-Identifier: Apache-2.0
// Compiled without vectors: the input was just written in parts of 8 bytes, and a wider load of
// them would wait for the store buffer.
#include "ledger/evm/hash_memo.hpp"

#include <cstring>

#include "ledger/primitives/keccak.hpp"

namespace pel::evm {

namespace {

constexpr int kIndexBits = 6;
// Any odd numbers: the top bits of the sum of products are spread evenly (multilinear hashing).
constexpr std::array<std::uint64_t, 8> kFactors = {
    0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb, 0xd6e8feb86659fd93,
    0xa0761d6478bd642f, 0xe7037ed1a0b428db, 0x8ebc6af09c88c6e3, 0x589965cc75374cc3};

ledger::U256 compute(const std::uint8_t* input) noexcept {
  return to_u256(ledger::keccak256(ledger::BytesView(input, HashMemo::kSize)));
}

}  // namespace

// Every entry is a true pair from the start, so none needs a mark that says it is used.
HashMemo::HashMemo() {
  static_assert(std::tuple_size_v<decltype(entries_)> == std::size_t{1} << kIndexBits);
  const std::array<std::uint8_t, kSize> zeros{};
  entries_.fill({{}, compute(zeros.data())});
}

ledger::U256 HashMemo::hash(const std::uint8_t* input) noexcept {
  std::array<std::uint64_t, kSize / 8> words;
  std::uint64_t mixed = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::memcpy(&words[i], input + 8 * i, 8);
    mixed += words[i] * kFactors[i];
  }
  Entry& entry = entries_[mixed >> (64 - kIndexBits)];
  std::uint64_t difference = 0;
  for (std::size_t i = 0; i < words.size(); ++i) difference |= words[i] ^ entry.input[i];
  if (difference != 0) {
    entry.hash = compute(input);
    entry.input = words;
  }
  return entry.hash;
}

}  // namespace pel::evm

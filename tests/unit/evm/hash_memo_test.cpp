// SPDX-License-Identifier: Apache-2.0
#include "ledger/evm/hash_memo.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

#include "ledger/primitives/keccak.hpp"

namespace pel::evm {
namespace {

using Input = std::array<std::uint8_t, HashMemo::kSize>;

ledger::U256 expected(const Input& input) { return to_u256(ledger::keccak256(input)); }

TEST(HashMemo, KnowsTheHashOfZeros) {
  HashMemo memo;
  const Input zeros{};
  EXPECT_EQ(memo.hash(zeros.data()), expected(zeros));
}

// Far more inputs than entries, asked again and again, so that they push each other out.
TEST(HashMemo, IsKeccakWhateverWasAskedBefore) {
  HashMemo memo;
  std::mt19937_64 random(1);
  std::vector<Input> inputs(500);
  for (Input& input : inputs) {
    for (std::size_t i = 12; i < 32; ++i) input[i] = static_cast<std::uint8_t>(random());
    input[63] = static_cast<std::uint8_t>(random() % 8);
  }
  inputs[0] = {};  // what the entries hold at the start
  for (int i = 0; i < 20'000; ++i) {
    const std::size_t last = i % 2 == 0 ? inputs.size() : 40;  // some are asked for often
    const Input& input = inputs[random() % last];
    ASSERT_EQ(memo.hash(input.data()), expected(input));
  }
}

// Inputs that differ in one word only; of 500 values of it, several fall into the same entry.
TEST(HashMemo, ComparesEveryWord) {
  const Input first{1, 2, 3};
  for (std::size_t word = 0; word < first.size() / 8; ++word) {
    for (int value = 0; value < 500; ++value) {
      Input other = first;
      other[8 * word + 6] = static_cast<std::uint8_t>(other[8 * word + 6] + value % 256);
      other[8 * word + 7] = static_cast<std::uint8_t>(1 + value / 256);
      HashMemo memo;
      EXPECT_EQ(memo.hash(first.data()), expected(first));
      EXPECT_EQ(memo.hash(other.data()), expected(other)) << word << " " << value;
    }
  }
}

TEST(HashMemo, ReadsFromAnyAddress) {
  HashMemo memo;
  std::array<std::uint8_t, HashMemo::kSize + 8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  for (std::size_t offset = 0; offset < 8; ++offset) {
    Input input;
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), input.size(), input.begin());
    EXPECT_EQ(memo.hash(bytes.data() + offset), expected(input)) << offset;
  }
}

}  // namespace
}  // namespace pel::evm

// SPDX-License-Identifier: Apache-2.0
#include "ledger/primitives/keccak.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "base/cpu.hpp"

namespace pel::ledger {
namespace {

Bytes text(std::string_view s) { return {s.begin(), s.end()}; }

Bytes random_bytes(std::mt19937_64& random, std::size_t size) {
  Bytes bytes(size);
  for (auto& b : bytes) b = static_cast<std::uint8_t>(random());
  return bytes;
}

// Known answers: the Keccak team's and Ethereum's own.
TEST(Keccak, KnownAnswers) {
  EXPECT_EQ(keccak256({}), kEmptyCodeHash);
  EXPECT_EQ(keccak256(Bytes{0x80}), kEmptyTrieRoot);
  EXPECT_EQ(to_string(keccak256(text("abc"))),
            "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
  EXPECT_EQ(to_string(keccak256(text("Transfer(address,address,uint256)"))),
            "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
  // The hash of an empty list of uncles.
  EXPECT_EQ(to_string(keccak256(Bytes{0xc0})),
            "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347");
}

TEST(Keccak, PiecesGiveTheSameAsTheWhole) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    const Bytes data = random_bytes(random, random() % 600);
    Keccak256 hasher;
    for (std::size_t at = 0; at < data.size();) {
      const std::size_t n = std::min<std::size_t>(data.size() - at, random() % 200);
      hasher.update(BytesView(data).subspan(at, n));
      at += n;
    }
    EXPECT_EQ(hasher.finish(), keccak256(data));
    EXPECT_EQ(hasher.finish(), kEmptyCodeHash) << "finish starts over";
  }
}

class KeccakLanes : public testing::TestWithParam<int> {};

// The permutation of the zero state: published intermediate values.
TEST_P(KeccakLanes, PermutationOfZero) {
  std::uint64_t state[25] = {};
  keccak_f1600(state, GetParam());
  EXPECT_EQ(state[0], 0xf1258f7940e1dde7U);
  EXPECT_EQ(state[24], 0xeaf1ff7b5ceca249U);
}

// Each CPU level permutes one state in its own way.
TEST_P(KeccakLanes, PermutationsAreOne) {
  std::mt19937_64 random(3);
  std::uint64_t a[25];
  for (auto& word : a) word = random();
  std::uint64_t b[25];
  std::copy(std::begin(a), std::end(a), b);
  for (int i = 0; i < 100; ++i) {
    keccak_f1600(a, 1);
    keccak_f1600(b, GetParam());
    ASSERT_TRUE(std::equal(std::begin(a), std::end(a), b)) << i;
  }
}

// Every width, every length around the block size, fewer and more messages than lanes.
TEST_P(KeccakLanes, EqualOneByOne) {
  std::mt19937_64 random(2);
  for (const std::size_t count : {1U, 2U, 3U, 4U, 7U, 8U, 9U, 31U, 300U}) {
    std::vector<Bytes> messages;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t size = i % 3 == 0 ? 130 + random() % 12 : random() % 700;
      messages.push_back(random_bytes(random, size));
    }
    const std::vector<BytesView> views(messages.begin(), messages.end());
    std::vector<Hash256> out(count);
    keccak256_many(views, out, GetParam());
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(out[i], keccak256(messages[i])) << i;
  }
}
INSTANTIATE_TEST_SUITE_P(Widths, KeccakLanes, testing::Values(1, 4, 8));

TEST(Keccak, TakesTheWidestKernelThatMayBeUsed) {
  const base::CpuFeatures& cpu = base::cpu_features();
  EXPECT_EQ(keccak_lanes(), cpu.v4 ? 8 : cpu.v3 ? 4 : 1);
}

TEST(Keccak, NoMessages) { keccak256_many({}, {}); }

}  // namespace
}  // namespace pel::ledger

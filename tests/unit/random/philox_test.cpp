// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "pel/random.hpp"

namespace {

using Block = std::array<std::uint32_t, 4>;

constexpr std::uint64_t join(std::uint32_t low, std::uint32_t high) {
  return std::uint64_t{low} | std::uint64_t{high} << 32;
}

// Counter-based: usable at compile time.
static_assert(pel::Philox(0).block(0)[0] == 0x6627e8d5);

// The known answers of Random123 for philox4x32 with 10 rounds.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(pel::Philox(0, 0).block(0), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(pel::Philox(~0ull, ~0ull).block(~0ull),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  const pel::Philox pi(join(0xa4093822, 0x299f31d0), join(0x13198a2e, 0x03707344));
  EXPECT_EQ(pi.block(join(0x243f6a88, 0x85a308d3)),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, BitsAreHalvesOfBlocks) {
  const pel::Philox random(7, 3);
  const Block block = random.block(21);
  EXPECT_EQ(random.bits(42), join(block[0], block[1]));
  EXPECT_EQ(random.bits(43), join(block[2], block[3]));
}

TEST(Philox, FillsEqualSingleDraws) {
  const pel::Philox random(99, 1);
  for (const std::uint64_t first : {0ull, 1ull, 5ull, (1ull << 33) - 9, ~0ull - 60}) {
    for (const std::size_t n : {0u, 1u, 2u, 15u, 16u, 17u, 60u}) {
      std::vector<std::uint64_t> bits(n);
      std::vector<double> uniform(n), normal(n);
      random.fill_bits(bits, first);
      random.fill_uniform(uniform, first);
      random.fill_normal(normal, first);
      for (std::size_t k = 0; k < n; ++k) {
        ASSERT_EQ(bits[k], random.bits(first + k)) << first << ' ' << n << ' ' << k;
        ASSERT_EQ(uniform[k], random.uniform(first + k)) << first << ' ' << n << ' ' << k;
        ASSERT_EQ(normal[k], random.normal(first + k)) << first << ' ' << n << ' ' << k;
      }
    }
  }
}

TEST(Philox, UniformStaysInsideItsInterval) {
  const pel::Philox random(5);
  double least = 1, most = 0, sum = 0;
  constexpr int kDraws = 1 << 20;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random.uniform(static_cast<std::uint64_t>(i));
    const double open = random.uniform_open(static_cast<std::uint64_t>(i));
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    ASSERT_GT(open, 0);
    ASSERT_LT(open, 1);
    ASSERT_NEAR(u, open, 0x1p-52);
    least = std::min(least, u);
    most = std::max(most, u);
    sum += u;
  }
  EXPECT_LT(least, 1e-5);
  EXPECT_GT(most, 1 - 1e-5);
  EXPECT_NEAR(sum / kDraws, 0.5, 5 * 0.2887 / 1024);
}

TEST(Philox, NormalHasTheMomentsOfANormal) {
  const pel::Philox random(11, 4);
  constexpr std::size_t kDraws = 1 << 20;
  std::vector<double> x(kDraws);
  random.fill_normal(x);
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
  for (const double v : x) {
    m1 += v;
    m2 += v * v;
    m3 += v * v * v;
    m4 += v * v * v * v;
  }
  const double scale = 1.0 / kDraws;
  EXPECT_NEAR(m1 * scale, 0, 5.0 / 1024);
  EXPECT_NEAR(m2 * scale, 1, 5 * 1.4143 / 1024);
  EXPECT_NEAR(m3 * scale, 0, 5 * 3.873 / 1024);
  EXPECT_NEAR(m4 * scale, 3, 5 * 9.798 / 1024);
}

TEST(Philox, BelowIsInRangeAndEven) {
  const pel::Philox random(3);
  EXPECT_EQ(random.below(0, 0), 0u);
  EXPECT_EQ(random.below(0, 1), 0u);
  constexpr int kCells = 10, kDraws = 200000;
  int cells[kCells] = {};
  for (int i = 0; i < kDraws; ++i) ++cells[random.below(static_cast<std::uint64_t>(i), kCells)];
  double chi2 = 0;
  for (const int count : cells) chi2 += std::pow(count - kDraws / kCells, 2) / (kDraws / kCells);
  EXPECT_LT(chi2, 27.9);  // 99.9 % of chi-squared with 9 degrees of freedom
}

// n just above 2^63 rejects nearly half of the draws: a biased reduction doubles the low half.
TEST(Philox, BelowRejectsWhatWouldBeBiased) {
  const pel::Philox random(3);
  const std::uint64_t n = (3ull << 62);
  int low = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const std::uint64_t v = random.below(static_cast<std::uint64_t>(i), n);
    ASSERT_LT(v, n);
    low += v % 3 == 0;
  }
  EXPECT_NEAR(low, kDraws / 3, 5 * std::sqrt(kDraws * 2 / 9.0));
}

TEST(Philox, SeedsAndStreamsDiffer) {
  EXPECT_NE(pel::Philox(1).bits(0), pel::Philox(2).bits(0));
  EXPECT_NE(pel::Philox(1, 0).bits(0), pel::Philox(1, 1).bits(0));
  EXPECT_EQ(pel::Philox(1, 5), pel::Philox(1, 5));
}

}  // namespace

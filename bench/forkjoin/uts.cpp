// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>

#include "bench/forkjoin/kernels.hpp"
#include "pel/detail/base/check.hpp"

namespace pel::bench::forkjoin {

Sha1Digest sha1(std::span<const std::uint8_t> bytes) {
  PEL_CHECK(bytes.size() <= 55);
  std::array<std::uint8_t, 64> block{};
  std::copy(bytes.begin(), bytes.end(), block.begin());
  block[bytes.size()] = 0x80;
  block[62] = static_cast<std::uint8_t>(bytes.size() * 8 >> 8);
  block[63] = static_cast<std::uint8_t>(bytes.size() * 8);
  std::array<std::uint32_t, 80> w;
  for (std::size_t i = 0; i < 16; ++i) {
    w[i] = std::uint32_t{block[4 * i]} << 24 | std::uint32_t{block[4 * i + 1]} << 16 |
           std::uint32_t{block[4 * i + 2]} << 8 | block[4 * i + 3];
  }
  for (std::size_t i = 16; i < 80; ++i) {
    w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  }
  const std::array<std::uint32_t, 5> start = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
                                              0xc3d2e1f0};
  auto [a, b, c, d, e] = start;
  for (std::size_t i = 0; i < 80; ++i) {
    std::uint32_t f = 0;
    std::uint32_t k = 0;
    if (i < 20) {
      f = (b & c) | (~b & d), k = 0x5a827999;
    } else if (i < 40) {
      f = b ^ c ^ d, k = 0x6ed9eba1;
    } else if (i < 60) {
      f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
    } else {
      f = b ^ c ^ d, k = 0xca62c1d6;
    }
    const std::uint32_t next = std::rotl(a, 5) + f + e + k + w[i];
    e = d, d = c, c = std::rotl(b, 30), b = a, a = next;
  }
  const std::array<std::uint32_t, 5> add = {a, b, c, d, e};
  Sha1Digest digest;
  for (std::size_t i = 0; i < 20; ++i) {
    digest[i] = static_cast<std::uint8_t>((start[i / 4] + add[i / 4]) >> (24 - 8 * (i % 4)));
  }
  return digest;
}

namespace {

std::array<std::uint8_t, 4> big_endian(std::uint32_t x) {
  return {static_cast<std::uint8_t>(x >> 24), static_cast<std::uint8_t>(x >> 16),
          static_cast<std::uint8_t>(x >> 8), static_cast<std::uint8_t>(x)};
}

}  // namespace

UtsNode uts_root(std::uint32_t seed) {
  std::array<std::uint8_t, 20> bytes{};
  const auto tail = big_endian(seed);
  std::copy(tail.begin(), tail.end(), bytes.begin() + 16);
  return {sha1(bytes), 0};
}

UtsNode uts_child(const UtsNode& parent, std::uint32_t number) {
  std::array<std::uint8_t, 24> bytes{};
  std::copy(parent.state.begin(), parent.state.end(), bytes.begin());
  const auto tail = big_endian(number);
  std::copy(tail.begin(), tail.end(), bytes.begin() + 20);
  return {sha1(bytes), parent.depth + 1};
}

std::size_t uts_children(const UtsNode& node) {
  constexpr double kBranching = 4.0;
  if (node.depth >= kUtsDepth) return 0;
  const std::uint32_t word =
      (std::uint32_t{node.state[16]} << 24 | std::uint32_t{node.state[17]} << 16 |
       std::uint32_t{node.state[18]} << 8 | node.state[19]) &
      0x7fffffff;
  const double u = static_cast<double>(word) / 2147483648.0;
  const double p = 1.0 / (1.0 + kBranching);
  return static_cast<std::size_t>(std::floor(std::log(1 - u) / std::log(1 - p)));
}

}  // namespace pel::bench::forkjoin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace pel {

// Counter-based random numbers: Philox4x32 with 10 rounds (Salmon, Moraes, Dror, Shaw: "Parallel
// random numbers: as easy as 1, 2, 3", SC 2011). The number at position i is a function of (seed,
// stream, i) alone, so a parallel loop draws the same numbers under any schedule, and any position
// can be drawn again. Seeds and streams are independent of each other; positions run to 2^64 - 1.
//
// A Philox is an immutable value: every member may be called by any number of threads at once.
// Everything but normal() is integer work or one exact scaling, the same on every machine;
// normal() is built on pel::math (level "build").
class Philox {
 public:
  explicit constexpr Philox(std::uint64_t seed, std::uint64_t stream = 0) noexcept
      : seed_(seed), stream_(stream) {}

  constexpr std::uint64_t seed() const noexcept { return seed_; }
  constexpr std::uint64_t stream() const noexcept { return stream_; }

  // The i-th block of 128 bits: counter words (i low, i high, stream low, stream high), key words
  // (seed low, seed high).
  constexpr std::array<std::uint32_t, 4> block(std::uint64_t i) const noexcept {
    return block_of(i, seed_);
  }

  // The i-th 64 bits: half i % 2 of block i / 2, low word first.
  constexpr std::uint64_t bits(std::uint64_t i) const noexcept { return bits_of(i, seed_); }

  // The i-th double of [0, 1): bits(i) / 2^11 as a multiple of 2^-53.
  constexpr double uniform(std::uint64_t i) const noexcept {
    return static_cast<double>(static_cast<std::int64_t>(bits(i) >> 11)) * 0x1p-53;
  }

  // The i-th double of (0, 1): an odd multiple of 2^-53, symmetric about one half.
  constexpr double uniform_open(std::uint64_t i) const noexcept { return open_of(bits(i)); }

  // The i-th standard normal: normal_quantile(uniform_open(i)), within +-8.21.
  double normal(std::uint64_t i) const noexcept;

  // The i-th integer of [0, n), without bias (Lemire, "Fast random integer generation in an
  // interval", 2019; a rejected draw is repeated under a seed moved by a constant). n > 0;
  // below(i, 0) is 0.
  constexpr std::uint64_t below(std::uint64_t i, std::uint64_t n) const noexcept {
    __extension__ using Wide = unsigned __int128;
    if (n == 0) return 0;
    Wide product = Wide{bits(i)} * n;
    if (static_cast<std::uint64_t>(product) < n) {
      const std::uint64_t floor = (0 - n) % n;
      std::uint64_t seed = seed_;
      while (static_cast<std::uint64_t>(product) < floor) {
        seed += 0x9E3779B97F4A7C15;
        product = Wide{bits_of(i, seed)} * n;
      }
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

  // out[k] = bits(first + k), uniform(first + k), normal(first + k): the same numbers as one by
  // one, several times faster.
  void fill_bits(std::span<std::uint64_t> out, std::uint64_t first = 0) const noexcept;
  void fill_uniform(std::span<double> out, std::uint64_t first = 0) const noexcept;
  void fill_normal(std::span<double> out, std::uint64_t first = 0) const noexcept;

  friend constexpr bool operator==(const Philox&, const Philox&) = default;

 private:
  constexpr std::array<std::uint32_t, 4> block_of(std::uint64_t i,
                                                  std::uint64_t seed) const noexcept {
    auto c0 = static_cast<std::uint32_t>(i), c1 = static_cast<std::uint32_t>(i >> 32);
    auto c2 = static_cast<std::uint32_t>(stream_), c3 = static_cast<std::uint32_t>(stream_ >> 32);
    auto k0 = static_cast<std::uint32_t>(seed), k1 = static_cast<std::uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53} * c0;
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * c2;
      c0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ k0;
      c2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ k1;
      c1 = static_cast<std::uint32_t>(p1);
      c3 = static_cast<std::uint32_t>(p0);
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    return {c0, c1, c2, c3};
  }

  constexpr std::uint64_t bits_of(std::uint64_t i, std::uint64_t seed) const noexcept {
    const auto b = block_of(i / 2, seed);
    const std::size_t half = 2 * static_cast<std::size_t>(i % 2);
    return std::uint64_t{b[half]} | std::uint64_t{b[half + 1]} << 32;
  }

  static constexpr double open_of(std::uint64_t bits) noexcept {
    return static_cast<double>(static_cast<std::int64_t>(bits >> 12)) * 0x1p-52 + 0x1p-53;
  }

  std::uint64_t seed_;
  std::uint64_t stream_;
};

}  // namespace pel

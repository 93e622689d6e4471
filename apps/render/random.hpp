// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "pel/random.hpp"

namespace pel::apps {

// Random numbers of one path: a function of (seed, pixel, sample, bounce) alone. At the camera and
// the first two bounces, where most of the noise comes from, the samples of a pixel are spread
// evenly: each pair of numbers runs through a Kronecker sequence (the plastic number's, Roberts
// 2018) from a random start (Cranley and Patterson 1976), in an order of its own, so that no two
// pairs go together. Each number alone is uniform, so that the mean of a pixel has no bias.
class PathRandom {
 public:
  PathRandom(std::uint64_t seed, std::uint64_t pixel, std::uint32_t sample, std::uint32_t samples)
      : random_(seed, pixel), sample_(sample), samples_(samples) {}

  // Eight floats of [0, 1), four pairs, of one bounce; bounce 0 is the camera.
  std::array<float, 8> draw(std::uint32_t bounce) const {
    const bool spread = bounce < kSpread;
    // Blocks 0 to 255 belong to the pixel, those from 256 on to its samples.
    const std::uint64_t base = spread ? 0 : std::uint64_t{sample_ + 1} << 8;
    std::array<std::uint32_t, 8> words;
    for (std::size_t half = 0; half < 2; ++half) {
      const auto block = random_.block(base + 2 * bounce + half);
      for (std::size_t i = 0; i < 4; ++i) words[4 * half + i] = block[i];
    }
    if (spread) {
      for (std::uint32_t pair = 0; pair < 4; ++pair) {
        const std::uint32_t place = shuffled(words[2 * pair] ^ words[7 - 2 * pair]);
        words[2 * pair] += place * 0xC13FA9A9u;      // 2^32 / plastic number
        words[2 * pair + 1] += place * 0x91E10DA6u;  // 2^32 / its square
      }
    }
    std::array<float, 8> numbers;
    for (std::size_t i = 0; i < 8; ++i) {
      numbers[i] = float(std::int32_t(words[i] >> 8)) * 0x1p-24f;
    }
    return numbers;
  }

 private:
  static constexpr std::uint32_t kSpread = 3;

  // Where this sample stands in an order of 0 to samples - 1 that `key` picks: a bijection of the
  // next power of two, taken until it is in range.
  std::uint32_t shuffled(std::uint32_t key) const {
    if (samples_ < 2) return 0;
    const std::uint32_t mask = std::bit_ceil(samples_) - 1;
    const auto shift = (unsigned(std::bit_width(mask)) + 1) / 2;
    std::uint32_t x = sample_;
    do {
      x = ((x ^ key) * 0x2C1B3C6Du) & mask;
      x ^= x >> shift;
      x = ((x + (key >> 16)) * 0x297A2D39u) & mask;
      x ^= x >> shift;
    } while (x >= samples_);
    return x;
  }

  Philox random_;
  std::uint32_t sample_, samples_;
};

}  // namespace pel::apps

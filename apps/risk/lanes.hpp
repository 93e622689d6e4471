// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "pel/math.hpp"
#include "pel/random.hpp"

namespace pel::apps {

// Elementwise exp and log of a few lanes, in place.
template <std::size_t N>
void exp_lanes(std::array<double, N>& x) {
  math::exp(std::span<const double>(x), std::span<double>(x));
}
template <std::size_t N>
void log_lanes(std::array<double, N>& x) {
  math::log(std::span<const double>(x), std::span<double>(x));
}

// Normals from 32 bits each, two of a 64-bit word of Philox: half the generator's work, and as
// far out as 6.3 deviations. z[k] is a function of (random, first + k); first and the length are
// even.
inline void fill_normals(const Philox& random, std::span<double> z, std::uint64_t first) {
  constexpr std::size_t kWords = 256;
  std::array<std::uint64_t, kWords> words;
  for (std::size_t begin = 0; begin < z.size(); begin += 2 * kWords) {
    const auto part = z.subspan(begin, std::min(2 * kWords, z.size() - begin));
    const std::span<std::uint64_t> bits(words.data(), part.size() / 2);
    random.fill_bits(bits, (first + begin) / 2);
    for (std::size_t i = 0; i < bits.size(); ++i) {
      part[2 * i] = (double(std::uint32_t(bits[i])) + 0.5) * 0x1p-32;
      part[2 * i + 1] = (double(std::uint32_t(bits[i] >> 32)) + 0.5) * 0x1p-32;
    }
    math::normal_quantile(part, part);
  }
}

}  // namespace pel::apps

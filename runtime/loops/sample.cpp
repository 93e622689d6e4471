// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <unordered_set>

#include "pel/detail/loops/shuffle.hpp"

namespace pel::detail {
namespace {

// Floyd's method: for last = n - k, ..., n - 1, a draw of [0, last], or `last` itself if that is
// taken. add(i) says whether i was free.
template <class Add>
void draw_floyd(const Philox& random, std::size_t n, std::size_t k, Add&& add) {
  __extension__ using Wide = unsigned __int128;
  constexpr std::size_t kBatch = 256;
  std::uint64_t bits[kBatch];
  for (std::size_t begin = n - k; begin < n; begin += kBatch) {
    const std::size_t count = std::min(kBatch, n - begin);
    random.fill_bits(std::span<std::uint64_t>(bits, count), begin);
    for (std::size_t b = 0; b < count; ++b) {
      const std::size_t last = begin + b;
      const Wide product = Wide{bits[b]} * (last + 1);
      auto i = static_cast<std::size_t>(product >> 64);
      // Rarely the draw has to be checked for bias: below() does all of it.
      if (static_cast<std::uint64_t>(product) <= last) [[unlikely]] {
        i = static_cast<std::size_t>(random.below(last, last + 1));
      }
      if (!add(i)) add(last);
    }
  }
}

}  // namespace

std::vector<std::size_t> sample_positions(std::size_t n, std::size_t k, std::uint64_t seed) {
  std::vector<std::size_t> chosen;
  if (k >= n) {
    chosen.resize(n);
    for (std::size_t i = 0; i < n; ++i) chosen[i] = i;
    return chosen;
  }
  const Philox random(seed, kSampleStream);
  chosen.reserve(k);
  if (k > n / 512) {
    std::vector<std::uint64_t> taken((n + 63) / 64);
    draw_floyd(random, n, k, [&](std::size_t i) {
      const std::uint64_t bit = std::uint64_t{1} << (i % 64);
      const bool first = (taken[i / 64] & bit) == 0;
      taken[i / 64] |= bit;
      return first;
    });
    for (std::size_t w = 0; w < taken.size(); ++w) {
      for (std::uint64_t word = taken[w]; word != 0; word &= word - 1) {
        chosen.push_back(64 * w + static_cast<std::size_t>(std::countr_zero(word)));
      }
    }
  } else {
    std::unordered_set<std::size_t> taken;
    draw_floyd(random, n, k, [&](std::size_t i) { return taken.insert(i).second; });
    chosen.assign(taken.begin(), taken.end());
    std::sort(chosen.begin(), chosen.end());
  }
  return chosen;
}

}  // namespace pel::detail

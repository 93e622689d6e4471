// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_set>

#include "pel/detail/loops/shuffle.hpp"

namespace pel::detail {

std::vector<std::size_t> sample_positions(std::size_t n, std::size_t k, std::uint64_t seed) {
  std::vector<std::size_t> chosen;
  if (k >= n) {
    chosen.resize(n);
    for (std::size_t i = 0; i < n; ++i) chosen[i] = i;
    return chosen;
  }
  const Philox random(seed, kSampleStream);
  const auto draw = [&](auto&& add) {
    for (std::size_t last = n - k; last < n; ++last) {
      const auto i = static_cast<std::size_t>(random.below(last, last + 1));
      if (!add(i)) add(last);
    }
  };
  chosen.reserve(k);
  if (k > n / 512) {
    std::vector<bool> taken(n);
    draw([&](std::size_t i) {
      const bool first = !taken[i];
      taken[i] = true;
      return first;
    });
    for (std::size_t i = 0; i < n; ++i) {
      if (taken[i]) chosen.push_back(i);
    }
  } else {
    std::unordered_set<std::size_t> taken;
    draw([&](std::size_t i) { return taken.insert(i).second; });
    chosen.assign(taken.begin(), taken.end());
    std::sort(chosen.begin(), chosen.end());
  }
  return chosen;
}

}  // namespace pel::detail

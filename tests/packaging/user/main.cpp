// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <functional>

#include "pel/pel.hpp"

// Sums 1/i^2 by one worker and by three; the bytes must be equal.
int main() {
  const auto sum = [] {
    return pel::transform_reduce(1'000'000, 0.0, std::plus<>(), [](std::size_t i) {
      return 1.0 / (static_cast<double>(i + 1) * static_cast<double>(i + 1));
    });
  };
  const double one = pel::Executor({.workers = 0}).run(sum);
  const double three = pel::Executor({.workers = 3}).run(sum);
  std::printf("%.17g\n", one);
  return one == three && one > 1.6449 && one < 1.6450 ? 0 : 1;
}

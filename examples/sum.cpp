// SPDX-License-Identifier: Apache-2.0
// Eight lines: a sum of ten million terms that has the same bits for any number of workers.
#include <cstdio>
#include <functional>
#include "pel/loops.hpp"
int main() {
  const auto term = [](std::size_t i) { return 1.0 / double((i + 1) * (i + 1)); };
  const double sum = pel::transform_reduce(10'000'000, 0.0, std::plus<>(), term);
  std::printf("%.17g\n", sum);
}

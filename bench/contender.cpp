// SPDX-License-Identifier: Apache-2.0
#include "bench/contender.hpp"

#include <cmath>

namespace pel::bench {

std::vector<Contender>& contenders() {
  static std::vector<Contender> all;
  return all;
}

bool add(Contender contender) {
  contenders().push_back(std::move(contender));
  return true;
}

double units(const std::string& bench, std::uint64_t size) {
  if (bench != "fib") return 1.0;
  // fib(n) makes 2 * F(n + 1) - 1 calls.
  double previous = 0.0;
  double current = 1.0;
  for (std::uint64_t i = 0; i < size; ++i) {
    const double next = previous + current;
    previous = current;
    current = next;
  }
  return 2.0 * current - 1.0;
}

}  // namespace pel::bench

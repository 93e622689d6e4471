// SPDX-License-Identifier: Apache-2.0
// Prints a line for each workload at a small size, "name digest", and one for the C library's own
// functions, which the CPU's features may move.
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/sha256.hpp"
#include "tests/unit/apps_digests/small_sizes.hpp"

int main() {
  setenv("PEL_GENOME_DATA", "/nonexistent", 1);  // simulated reads, generated prices: needs no data
  setenv("PEL_RISK_DATA", "/nonexistent", 1);
  for (const auto& [name, size] : pel::test::kSmallSizes) {
    const auto workload = pel::test::loaded_workload(name, size);
    const auto bytes = pel::test::bytes_with(*workload, 2);
    std::printf("%s %s\n", name, pel::base::sha256_hex(bytes).c_str());
  }
  std::uint64_t sum = 0;
  for (int i = 1; i <= 100'000; ++i) {
    const double x = 0.001 * i;
    sum = sum * 31 + std::bit_cast<std::uint64_t>(std::sin(x) + std::exp(-x) + std::pow(x, 1.7));
  }
  std::printf("libm %016llx\n", static_cast<unsigned long long>(sum));
}

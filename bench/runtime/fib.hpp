// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pel/executor.hpp"

namespace pel::bench {

// Fibonacci by forks all the way down, without a cut-off.
inline std::uint64_t fib(std::uint64_t n) {
  if (n < 2) return n;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  invoke([&] { a = fib(n - 1); }, [&] { b = fib(n - 2); });
  return a + b;
}

}  // namespace pel::bench

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <thread>

#include "pel/executor.hpp"

namespace pel::test {

// An executor with exactly this many workers, whatever the machine has.
inline std::unique_ptr<Executor> make(int workers) {
  ExecutorOptions options;
  options.workers = workers;
  options.oversubscribe = true;
  return std::make_unique<Executor>(options);
}

inline long fib(long n) {
  if (n < 2) return n;
  long a = 0, b = 0;
  invoke([&] { a = fib(n - 1); }, [&] { b = fib(n - 2); });
  return a + b;
}

// False after 100 seconds without it: a test must not fail because others use the machine.
template <class Condition>
bool spin_until(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(100);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace pel::test

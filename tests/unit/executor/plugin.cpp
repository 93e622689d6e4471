// SPDX-License-Identifier: Apache-2.0
// A shared library with an executor inside, for unload_test.cpp.
#include <atomic>

#include "pel/executor.hpp"

namespace {

long fib(long n) {
  if (n < 2) return n;
  long a = 0, b = 0;
  pel::invoke([&] { a = fib(n - 1); }, [&] { b = fib(n - 2); });
  return a + b;
}

}  // namespace

// fib(n) by the default executor and by one of the library's own; leaves idle threads behind. 0 if
// they differ, or if the two branches of a fork did not run at the same time.
extern "C" long plugin_fib(long n) {
  static pel::Executor own(pel::ExecutorOptions{.workers = 2, .oversubscribe = true});
  std::atomic<int> arrived{0};
  own.run([&] {
    const auto meet = [&] {
      for (++arrived; arrived != 2;) {
      }
    };
    pel::invoke(meet, meet);
  });
  const long by_default = fib(n);
  return by_default == own.run([n] { return fib(n); }) ? by_default : 0;
}

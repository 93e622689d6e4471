// SPDX-License-Identifier: Apache-2.0
#include "pel/executor.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace {

long fib(long n) {
  if (n < 2) return n;
  long a = 0, b = 0;
  pel::invoke([&] { a = fib(n - 1); }, [&] { b = fib(n - 2); });
  return a + b;
}

TEST(Executor, FibIsEqualForAnyWorkerCount) {
  for (int workers : {0, 1, 2, 3, 8}) {
    pel::ExecutorOptions options;
    options.workers = workers;
    pel::Executor executor(options);
    EXPECT_EQ(executor.run([] { return fib(16); }), 987);
  }
}

TEST(Executor, TheLeftErrorWins) {
  pel::ExecutorOptions options;
  options.workers = 3;
  pel::Executor executor(options);
  for (int i = 0; i < 100; ++i) {
    try {
      executor.run([] {
        pel::invoke([] {}, [] { throw 1; }, [] { throw 2; }, [] { throw 3; });
      });
      FAIL();
    } catch (int error) {
      EXPECT_EQ(error, 1);
    }
  }
}

TEST(Executor, TasksGiveMoveOnlyResults) {
  auto task = pel::spawn([] { return std::make_unique<int>(7); });
  EXPECT_EQ(*task.get(), 7);
}

}  // namespace

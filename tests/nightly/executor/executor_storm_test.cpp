// SPDX-License-Identifier: Apache-2.0
// Executors made and ended, and processes forked, over and over while others work.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

#include "pel/executor.hpp"
#include "tests/unit/executor/helpers.hpp"

namespace {

using pel::test::fib;
using pel::test::make;
using Clock = std::chrono::steady_clock;

constexpr auto kEach = std::chrono::seconds(60);

// Calls body(round, thread) in several threads until the time is up.
template <class Body>
void in_threads(int threads, Body body) {
  const auto end = Clock::now() + kEach;
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t) {
    all.emplace_back([=] {
      for (int round = 0; Clock::now() < end; ++round) body(round, t);
    });
  }
  for (std::thread& thread : all) thread.join();
}

// A bit of everything that needs threads.
long mixed_work(int round) {
  long total = fib(8 + round % 7);
  pel::TaskGroup group;
  std::atomic<long> sum{0};
  for (int i = 0; i < round % 20; ++i) group.run([&sum, i] { sum += fib(i % 9); });
  auto task = pel::spawn([] { return fib(9); }).then([](long x) { return x + 1; });
  if (round % 3 == 0) pel::blocking([] { std::this_thread::yield(); });
  group.wait();
  total += task.get() + sum;
  return total;
}

long expected(int round) {
  long fibs[16] = {0, 1};
  for (int i = 2; i < 16; ++i) fibs[i] = fibs[i - 1] + fibs[i - 2];
  long sum = 0;
  for (int i = 0; i < round % 20; ++i) sum += fibs[i % 9];
  return fibs[8 + round % 7] + sum + 34 + 1;
}

TEST(Storm, ExecutorsComeAndGo) {
  std::atomic<long> wrong{0};
  std::atomic<long> rounds{0};
  in_threads(4, [&](int round, int thread) {
    const auto executor = make((round + thread) % 5);
    if (round % 4 == 0) {
      auto dropped = executor->run([] { return pel::spawn([] { fib(10); }); });
    }
    if (executor->run([&] { return mixed_work(round); }) != expected(round)) ++wrong;
    ++rounds;
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(rounds, 100);
  std::printf("nightly: %ld executors made and ended\n", rounds.load());
}

TEST(Storm, ThreadsFromOutsideShareOneExecutor) {
  std::atomic<long> wrong{0};
  std::atomic<long> rounds{0};
  const auto executor = make(2);
  in_threads(8, [&](int round, int) {
    if (executor->run([&] { return mixed_work(round); }) != expected(round)) ++wrong;
    ++rounds;
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(rounds, 100);
  std::printf("nightly: %ld runs of 8 threads\n", rounds.load());
}

// A child must have a working executor of its own wherever the parent's threads were.
TEST(Storm, ChildrenOfAForkStartAnew) {
  const auto executor = make(3);
  std::atomic<bool> stop{false};
  std::atomic<long> wrong{0};
  std::vector<std::thread> busy;
  for (int t = 0; t < 2; ++t) {
    busy.emplace_back([&] {
      for (int round = 0; !stop; ++round) {
        if (executor->run([&] { return mixed_work(round); }) != expected(round)) ++wrong;
      }
    });
  }
  const auto end = Clock::now() + kEach;
  long children = 0;
  for (; Clock::now() < end; ++children) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      alarm(100);
      const int round = static_cast<int>(children % 100);
      const bool own = executor->run([&] { return mixed_work(round); }) == expected(round);
      const auto fresh = make(2);
      const bool made = fresh->run([] { return fib(10); }) == 55;
      _exit(own && made ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0)
        << "child " << children << ", status " << status;
  }
  stop = true;
  for (std::thread& thread : busy) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(children, 100);
  std::printf("nightly: %ld children\n", children);
}

}  // namespace

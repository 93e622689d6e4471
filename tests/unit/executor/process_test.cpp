// SPDX-License-Identifier: Apache-2.0
// What the executor does to a process: memory, idle time, fork(), exit().
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "pel/executor.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/unit/executor/helpers.hpp"

namespace {

using pel::test::fib;
using pel::test::kSanitized;
using pel::test::kThreadSanitized;
using pel::test::make;
using pel::test::spin_until;

// Runs body in a child process; its exit status, -1 if it died otherwise or hung for 100 s.
template <class Body>
int in_child(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(100);
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

long resident_kib() {
  std::ifstream file("/proc/self/statm");
  long total = 0, resident = 0;
  file >> total >> resident;
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

long peak_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

struct Chain {
  pel::TaskGroup& group;
  long left;
  void operator()() const {
    if (left > 0) group.run(Chain{group, left - 1});
  }
};

TEST(Process, TenMillionTasksOfOneSpawnerStayBelow64MiB) {
  if (kSanitized) GTEST_SKIP() << "memory of a sanitizer build says nothing";
  for (int workers : {0, 2}) {
    const int over = in_child([&] {
      auto executor = make(workers);
      executor->run([] { fib(20); });
      const long before = resident_kib();
      std::atomic<long> ran{0};
      executor->run([&] {
        pel::TaskGroup group;
        for (long i = 0; i < 10'000'000; ++i) {
          group.run([&] { ran.fetch_add(1, std::memory_order_relaxed); });
        }
        group.wait();
      });
      if (ran != 10'000'000) return 3;
      return peak_kib() - before > 64 * 1024 ? 1 : 0;
    });
    EXPECT_EQ(over, 0) << workers;
  }
}

TEST(Process, AChainOfAMillionTasksNeedsConstantMemory) {
  if (kSanitized) GTEST_SKIP() << "memory of a sanitizer build says nothing";
  for (int workers : {0, 1, 2}) {
    const int over = in_child([&] {
      auto executor = make(workers);
      auto run = [&](long length) {
        executor->run([&] {
          pel::TaskGroup group;
          group.run(Chain{group, length});
          group.wait();
        });
      };
      run(1000);
      const long before = resident_kib();
      run(1'000'000);
      return peak_kib() - before > 4 * 1024 ? 1 : 0;
    });
    EXPECT_EQ(over, 0) << workers;
  }
}

TEST(Process, IdleWorkersSleep) {
  auto executor = make(4);
  executor->run([] { fib(22); });
  // Processor time, of a second in which they have all come to rest: on a busy machine not the
  // first.
  double used_s = 1;
  for (int second = 0; second < 30 && used_s >= 0.005; ++second) {
    const std::clock_t before = std::clock();
    std::this_thread::sleep_for(std::chrono::seconds(1));
    used_s = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  }
  EXPECT_LT(used_s, 0.005);
}

TEST(Process, TheChildOfAForkStartsAnew) {
  if (kThreadSanitized) GTEST_SKIP() << "ThreadSanitizer starts no threads after a fork()";
  auto executor = make(3);
  executor->run([] { fib(20); });
  EXPECT_EQ(in_child([&] {
              const bool own = executor->run([] { return fib(20); }) == 6765;
              long a = 0;
              pel::invoke([&] { a = fib(15); }, [] {});
              return own && a == 610 ? 0 : 1;
            }),
            0);
  EXPECT_EQ(executor->run([] { return fib(20); }), 6765);
}

TEST(Process, AForkInsideATaskLeavesAUsableChild) {
  if (kThreadSanitized) GTEST_SKIP() << "ThreadSanitizer starts no threads after a fork()";
  auto executor = make(2);
  executor->run([&] {
    EXPECT_EQ(in_child([&] { return executor->run([] { return fib(15); }) == 610 ? 0 : 1; }), 0);
  });
}

// A death test that only forked would leave ThreadSanitizer without threads: these start the
// program again.
void start_anew() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

TEST(Process, MayExitWhileWorkersLive) {
  start_anew();
  EXPECT_EXIT(
      {
        pel::invoke([] { fib(20); }, [] { fib(20); });
        std::exit(3);
      },
      testing::ExitedWithCode(3), "");
}

// Idle threads keep a slot each; at exit they must leave it to who still runs tasks.
struct RunsTasksLate {
  ~RunsTasksLate() {
    long sum = 0;
    pel::invoke([&] { sum = fib(10); }, [] { fib(10); });
    _exit(sum == 55 ? 5 : 6);
  }
};

TEST(Process, TasksMayRunAfterTheDefaultExecutorsThreadsEnded) {
  start_anew();
  EXPECT_EXIT(
      {
        alarm(100);
        setenv("PEL_WORKERS", "2", 1);
        static RunsTasksLate late;  // ends after the default executor, which is made later
        std::atomic<int> arrived{0};
        const int threads = pel::worker_limit();
        std::vector<pel::Task<void>> tasks;
        for (int i = 0; i < threads; ++i) {
          tasks.push_back(pel::spawn([&] {
            ++arrived;
            spin_until([&] { return arrived == threads; });
          }));
        }
        spin_until([&] { return arrived == threads; });
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // until they sleep
        std::exit(0);
      },
      testing::ExitedWithCode(5), "");
}

TEST(Process, AGroupOfTheParentTakesNoTaskInTheChild) {
  auto executor = make(2);
  executor->run([&] {
    pel::TaskGroup group;
    EXPECT_EQ(in_child([&] {
                try {
                  group.run([] {});
                } catch (const pel::Error&) {
                  return 0;
                }
                return 1;
              }),
              0);
  });
}

TEST(Process, MayExitInsideATask) {
  start_anew();
  EXPECT_EXIT(pel::invoke([] { fib(20); }, [] { std::exit(4); }), testing::ExitedWithCode(4), "");
}

}  // namespace

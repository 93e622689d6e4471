// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cfenv>
#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "pel/executor.hpp"
#include "runtime/executor/counters.hpp"
#include "runtime/executor/scheduler.hpp"
#include "tests/unit/executor/helpers.hpp"

namespace {

using pel::test::fib;
using pel::test::make;
using pel::test::spin_until;

TEST(ForkJoin, GivesTheSameForAnyWorkerCount) {
  for (int workers : {0, 1, 2, 3, 8}) {
    EXPECT_EQ(make(workers)->run([] { return fib(18); }), 2584) << workers;
  }
}

TEST(ForkJoin, RunsBranchesAtTheSameTime) {
  auto executor = make(2);
  std::atomic<int> arrived{0};
  executor->run([&] {
    auto meet = [&] {
      ++arrived;
      EXPECT_TRUE(spin_until([&] { return arrived == 2; }));
    };
    pel::invoke(meet, meet);
  });
}

// A join that slept must leave the count of searchers as it was: one that is off keeps every later
// fork from waking anybody.
TEST(ForkJoin, WakesWorkersAgainAfterAJoinHasSlept) {
  auto executor = make(2);
  executor->run([&] {
    for (int round = 0; round < 5; ++round) {
      std::atomic<bool> started{false};
      const auto parks = [&] { return executor->counters().parks; };
      const auto before = parks();
      pel::invoke([&] { EXPECT_TRUE(spin_until([&] { return started.load(); })) << round; },
                  [&] {
                    started = true;  // stolen; its parent falls asleep in the join
                    EXPECT_TRUE(spin_until([&] { return parks() > before; })) << round;
                  });
      std::this_thread::sleep_for(std::chrono::milliseconds(5));  // until the thief sleeps, too
    }
  });
}

// The owner never comes back to its queue while it runs a long leaf: thieves must help themselves.
TEST(ForkJoin, ALongLeafDoesNotStarveThieves) {
  auto executor = make(4);
  std::atomic<int> started{0};
  executor->run([&] {
    auto leaf = [&] {
      ++started;
      EXPECT_TRUE(spin_until([&] { return started == 4; }));
    };
    pel::invoke(leaf, leaf, leaf, leaf);
  });
}

TEST(ForkJoin, ThrowsTheLeftError) {
  for (int workers : {0, 1, 3}) {
    auto executor = make(workers);
    for (int i = 0; i < 200; ++i) {
      try {
        executor->run([] { pel::invoke([] {}, [] { throw 2; }, [] { throw 3; }); });
        FAIL();
      } catch (int error) {
        EXPECT_EQ(error, 2);
      }
    }
  }
}

TEST(ForkJoin, AFailureStopsLaterBranches) {
  auto executor = make(2);
  std::atomic<bool> right_runs{false};
  std::atomic<bool> stopped{false};
  auto right = [&] {
    right_runs = true;
    try {
      EXPECT_TRUE(spin_until([&] {
        pel::check_cancel();
        return false;
      }));
    } catch (const pel::Cancelled&) {
      stopped = true;
      throw;
    }
  };
  auto left = [&] {
    spin_until([&] { return right_runs.load(); });
    throw 1;
  };
  EXPECT_THROW(executor->run([&] { pel::invoke(left, right); }), int);
  EXPECT_TRUE(stopped);
}

long depth_reached = 0;
void dive(long depth) {
  depth_reached = depth;
  pel::invoke([&] { dive(depth + 1); }, [] {});
}

TEST(ForkJoin, EndsWithAnErrorBeforeTheStackDoes) {
  for (int workers : {0, 2}) {
    auto executor = make(workers);
    EXPECT_THROW(executor->run([] { dive(0); }), pel::Error);
    EXPECT_GT(depth_reached, 1000);
    EXPECT_EQ(executor->run([] { return fib(10); }), 55);
  }
}

TEST(ForkJoin, QueuesGrow) {
  auto executor = make(2);
  std::atomic<long> sum{0};
  struct Deep {
    static void run(std::atomic<long>& sum, int depth) {
      if (depth == 0) return;
      pel::invoke([&] { run(sum, depth - 1); }, [&] { sum += depth; });
    }
  };
  executor->run([&] { Deep::run(sum, 5000); });
  EXPECT_EQ(sum, 5000L * 5001 / 2);
}

TEST(ForkJoin, RunsInTheDefaultExecutorOutside) {
  int a = 0, b = 0;
  pel::invoke([&] { a = 1; }, [&] { b = pel::worker_index(); });
  EXPECT_EQ(a, 1);
  EXPECT_GE(b, 0);
  EXPECT_LT(b, pel::worker_limit());
  EXPECT_EQ(pel::worker_index(), -1);
}

TEST(ForkJoin, WorkerIndicesAreUniqueAndBelowTheLimit) {
  constexpr int kWorkers = 3;
  auto executor = make(kWorkers);
  std::vector<std::atomic<int>> busy(kWorkers);
  auto work = [&](auto& self, int depth) -> void {
    const int index = pel::worker_index();
    ASSERT_GE(index, 0);
    ASSERT_LT(index, pel::worker_limit());
    if (depth == 0) {
      EXPECT_EQ(busy[static_cast<std::size_t>(index)].fetch_add(1), 0);
      std::this_thread::yield();
      --busy[static_cast<std::size_t>(index)];
      return;
    }
    pel::invoke([&] { self(self, depth - 1); }, [&] { self(self, depth - 1); });
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { executor->run([&] { work(work, 8); }); });
  for (std::thread& thread : threads) thread.join();
}

TEST(ForkJoin, ForeignThreadsShareTheSlots) {
  auto executor = make(2);
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 50; ++k) {
        executor->run([&] {
          const int now = ++running;
          int seen = most;
          while (seen < now && !most.compare_exchange_weak(seen, now)) {
          }
          std::this_thread::yield();
          --running;
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 2);
}

TEST(ForkJoin, ExecutorsNest) {
  auto outer = make(2);
  auto inner = make(1);
  const long sum = outer->run([&] {
    long a = 0, b = 0;
    pel::invoke([&] { a = inner->run([&] { return outer->run([] { return fib(12); }); }); },
                [&] { b = inner->run([] { return fib(13); }); });
    return a + b;
  });
  EXPECT_EQ(sum, 144 + 233);
}

TEST(ForkJoin, BlockingGivesTheSlotAway) {
  auto executor = make(1);
  std::atomic<bool> other_ran{false};
  std::thread other;
  executor->run([&] {
    other = std::thread([&] { executor->run([&] { other_ran = true; }); });
    const bool ran = pel::blocking([&] { return spin_until([&] { return other_ran.load(); }); });
    EXPECT_TRUE(ran);
    EXPECT_EQ(pel::worker_index(), 0);
  });
  other.join();
}

TEST(ForkJoin, BlockingLetsASpareThreadRunTheForks) {
  auto executor = make(1);
  std::atomic<bool> right_ran{false};
  executor->run([&] {
    pel::invoke(
        [&] {
          EXPECT_TRUE(pel::blocking([&] { return spin_until([&] { return right_ran.load(); }); }));
        },
        [&] { right_ran = true; });
  });
}

TEST(ForkJoin, ThievesRunInTheSubmittersRoundingMode) {
  auto executor = make(2);
  const int before = std::fegetround();
  std::fesetround(FE_UPWARD);
  std::atomic<int> arrived{0};
  std::atomic<int> upward{0};
  executor->run([&] {
    auto branch = [&] {
      ++arrived;
      spin_until([&] { return arrived == 2; });
      if (std::fegetround() == FE_UPWARD) ++upward;
    };
    pel::invoke(branch, branch);
  });
  std::fesetround(before);
  EXPECT_EQ(upward, 2);
  std::atomic<int> nearest{0};
  arrived = 0;
  executor->run([&] {
    auto branch = [&] {
      ++arrived;
      spin_until([&] { return arrived == 2; });
      if (std::fegetround() == FE_TONEAREST) ++nearest;
    };
    pel::invoke(branch, branch);
  });
  EXPECT_EQ(nearest, 2);
}

TEST(ForkJoin, HooksRunOncePerThread) {
  std::atomic<int> started{0};
  std::atomic<int> stopped{0};
  {
    pel::ExecutorOptions options;
    options.workers = 3;
    options.oversubscribe = true;
    options.on_thread_start = [&](int) { ++started; };
    options.on_thread_stop = [&](int) { ++stopped; };
    pel::Executor executor(options);
    executor.run([] { fib(20); });
    EXPECT_LE(started, 3);
  }
  EXPECT_EQ(started, stopped);
}

TEST(ForkJoin, NoThreadWithoutWorkers) {
  std::atomic<int> started{0};
  pel::ExecutorOptions options;
  options.workers = 0;
  options.on_thread_start = [&](int) { ++started; };
  pel::Executor executor(options);
  executor.run([] {
    fib(15);
    pel::TaskGroup group;
    for (int i = 0; i < 100; ++i) group.run([] {});
    group.wait();
  });
  EXPECT_EQ(started, 0);
  EXPECT_EQ(executor.counters().steals, 0U);
}

pel::ExecutorOptions forced(int workers, pel::Schedule::Kind kind) {
  pel::ExecutorOptions options;
  options.workers = workers;
  options.schedule = {kind, 1};
  return options;
}

TEST(ForkJoin, TheReversedScheduleOfOneWorkerRunsTheRightBranchFirst) {
  pel::Executor executor(forced(1, pel::Schedule::Kind::kReversed));
  std::vector<int> order;
  executor.run([&] {
    pel::invoke([&] { order.push_back(1); }, [&] { order.push_back(2); },
                [&] { order.push_back(3); });
  });
  EXPECT_EQ(order, (std::vector<int>{3, 2, 1}));
  for (int left : {0, 1}) {
    try {
      executor.run([&] {
        pel::invoke(
            [&] {
              if (left == 1) throw 1;
            },
            [] { throw 2; });
      });
      FAIL();
    } catch (int error) {
      EXPECT_EQ(error, left == 1 ? 1 : 2);
    }
  }
}

// The largest share of the time since the start that a worker has spent on being disturbed.
double disturbed_share(pel::Schedule::Kind kind) {
  pel::Executor executor(forced(2, kind));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(executor.run([] { return fib(25); }), 75025);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  pel::detail::Scheduler& scheduler = pel::detail::scheduler_of(executor);
  std::int64_t most_ns = 0;
  for (std::uint32_t i = 0; i < scheduler.roster_size(); ++i) {
    most_ns = std::max(most_ns, scheduler.worker_at(i)->disturbed_ns);
  }
  return static_cast<double>(most_ns) * 1e-9 / (0.3 + took.count());
}

// A machine that stands still in the middle of a delay may lengthen one run, not all.
TEST(ForkJoin, AForcedScheduleSpendsABoundedShareOfTheTime) {
  for (auto kind : {pel::Schedule::Kind::kReversed, pel::Schedule::Kind::kDelayed}) {
    double share = 1;
    for (int run = 0; run < 10 && share >= 0.7; ++run) share = disturbed_share(kind);
    EXPECT_LT(share, 0.7);
  }
}

TEST(ForkJoin, RejectsBadWorkerCounts) {
  for (int workers : {-2, 4097, 1'000'000'000}) {
    pel::ExecutorOptions options;
    options.workers = workers;
    EXPECT_THROW(pel::Executor{options}, pel::Error) << workers;
  }
}

TEST(ForkJoin, CountersPerWorkerAddUp) {
  auto executor = make(3);
  executor->run([] { fib(20); });
  std::uint64_t steals = 0;
  for (const pel::Counters& one : pel::detail::counters_per_worker(*executor)) steals += one.steals;
  EXPECT_EQ(steals, executor->counters().steals);
}

}  // namespace

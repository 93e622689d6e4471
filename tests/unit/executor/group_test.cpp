// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "pel/executor.hpp"
#include "tests/unit/executor/helpers.hpp"

namespace {

using pel::test::make;
using pel::test::spin_until;

TEST(Group, RunsAllTasksAndCanBeUsedAgain) {
  for (int workers : {0, 1, 3}) {
    auto executor = make(workers);
    std::atomic<int> sum{0};
    executor->run([&] {
      pel::TaskGroup group;
      for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 1000; ++i) group.run([&, i] { sum += i; });
        group.wait();
      }
    });
    EXPECT_EQ(sum, 3 * 999 * 1000 / 2);
  }
}

TEST(Group, WorksFromAThreadOutside) {
  std::atomic<int> sum{0};
  pel::TaskGroup group;
  for (int i = 0; i < 10000; ++i) group.run([&] { ++sum; });
  group.wait();
  EXPECT_EQ(sum, 10000);
}

TEST(Group, TakesMoveOnlyFunctions) {
  auto value = std::make_unique<int>(5);
  int seen = 0;
  pel::TaskGroup group;
  group.run([value = std::move(value), &seen] { seen = *value; });
  group.wait();
  EXPECT_EQ(seen, 5);
}

TEST(Group, WithoutWorkersTheOrderIsDepthFirst) {
  std::vector<int> order;
  make(0)->run([&] {
    pel::TaskGroup group;
    group.run([&] {
      order.push_back(1);
      group.run([&] {
        order.push_back(2);
        group.run([&] { order.push_back(3); });
      });
      group.run([&] { order.push_back(4); });
    });
    group.run([&] { order.push_back(5); });
    group.wait();
  });
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4, 5}));
}

// At the bound the spawner runs its oldest children, in order, never the newest.
TEST(Group, AtTheBoundTheOldestRunFirst) {
  std::vector<int> order;
  make(0)->run([&] {
    pel::TaskGroup group;
    for (int i = 0; i < 10000; ++i) group.run([&, i] { order.push_back(i); });
    EXPECT_GE(order.size(), 5000U);
    group.wait();
  });
  ASSERT_EQ(order.size(), 10000U);
  for (int i = 0; i < 10000; ++i) ASSERT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Group, ThrowsTheFirstErrorInProgramOrder) {
  for (int workers : {0, 1, 2, 8}) {
    auto executor = make(workers);
    for (int i = 0; i < 100; ++i) {
      try {
        executor->run([] {
          pel::TaskGroup group;
          group.run([] {});
          group.run([&] {
            group.run([&] {
              group.run([] { throw 1; });
              throw 2;  // after its child, though it is thrown before that runs
            });
            throw 3;
          });
          group.run([] { throw 4; });
          group.wait();
        });
        FAIL();
      } catch (int error) {
        ASSERT_EQ(error, 1) << workers;
      }
    }
  }
}

TEST(Group, TasksBeforeTheErrorRunAndLaterOnesStop) {
  std::vector<int> ran;
  auto executor = make(0);
  executor->run([&] {
    pel::TaskGroup group;
    for (int i = 0; i < 10; ++i) {
      group.run([&, i] {
        ran.push_back(i);
        if (i == 4) throw i;
      });
    }
    EXPECT_THROW(group.wait(), int);
    group.run([&] { ran.push_back(100); });
    group.wait();
  });
  EXPECT_EQ(ran, (std::vector<int>{0, 1, 2, 3, 4, 100}));
}

TEST(Group, AWaitOfATaskForItsOwnGroupIsAnError) {
  for (int workers : {0, 2}) {
    EXPECT_THROW(make(workers)->run([] {
      pel::TaskGroup group;
      group.run([&] { group.wait(); });
      group.wait();
    }),
                 pel::Error);
  }
}

// The group could end only after the task in it that spawned the waiter: it is later work.
TEST(Group, AWaitOfASpawnedTaskForItsSpawnersGroupIsAnError) {
  for (int workers : {0, 1, 2}) {
    auto executor = make(workers);
    const auto in_task_of = [&](auto body) {
      executor->run([&] {
        pel::TaskGroup group;
        group.run([&] { body(group); });
        group.wait();
      });
    };
    EXPECT_THROW(in_task_of([](auto& group) { pel::spawn([&] { group.wait(); }).get(); }),
                 pel::Error);
    EXPECT_THROW(
        in_task_of([](auto& group) { pel::spawn([] {}).then([&] { group.wait(); }).get(); }),
        pel::Error);
    EXPECT_THROW(in_task_of([](auto& group) {
                   pel::spawn([&] { pel::invoke([] {}, [&] { group.wait(); }); }).get();
                 }),
                 pel::Error);
    EXPECT_THROW(in_task_of([](auto& group) {
                   pel::spawn([&] { make(1)->run([&] { group.wait(); }); }).get();
                 }),
                 pel::Error);
  }
}

// Whether the spawner has ended meanwhile makes no difference; other groups may be waited for.
TEST(Group, ASpawnedTaskMayWaitForGroupsItWasNotSpawnedIn) {
  for (int workers : {0, 2}) {
    make(workers)->run([&] {
      pel::TaskGroup group, other;
      int sum = 0;
      other.run([&] { sum += 1; });
      std::optional<pel::Task<bool>> late;
      group.run([&] {
        late.emplace(pel::spawn([&] {
          other.wait();
          try {
            group.wait();
          } catch (const pel::Error&) {
            return true;
          }
          return false;
        }));
      });
      group.wait();
      EXPECT_TRUE(late->get()) << workers;
      EXPECT_EQ(sum, 1);
      other.wait();
    });
  }
}

TEST(Group, CancelSkipsWhatHasNotBegun) {
  for (int workers : {0, 2}) {
    std::atomic<int> ran{0};
    make(workers)->run([&] {
      pel::TaskGroup group;
      group.run([&] {
        group.cancel();
        for (int i = 0; i < 100; ++i) group.run([&] { ++ran; });
      });
      EXPECT_THROW(group.wait(), pel::Cancelled);
      group.run([&] { ran += 1000; });
      group.wait();
    });
    EXPECT_EQ(ran, 1000);
  }
}

TEST(Group, HighPriorityTasksAreTakenFirst) {
  auto executor = make(2);
  std::atomic<bool> hold{true};
  std::atomic<bool> occupied{false};
  std::vector<int> order;
  executor->run([&] {
    pel::TaskGroup blocker;
    pel::TaskGroup low(pel::TaskPriority::kLow);
    pel::TaskGroup high(pel::TaskPriority::kHigh);
    std::atomic<int> left{20};
    blocker.run([&] {
      occupied = true;
      spin_until([&] { return !hold.load(); });
    });
    EXPECT_TRUE(spin_until([&] { return occupied.load(); }));
    for (int i = 0; i < 10; ++i) low.run([&] { order.push_back(0), --left; });
    for (int i = 0; i < 10; ++i) high.run([&] { order.push_back(1), --left; });
    hold = false;  // the one other worker now takes them, one after another
    EXPECT_TRUE(spin_until([&] { return left == 0; }));
    blocker.wait();
    low.wait();
    high.wait();
  });
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(order[i], i < 10 ? 1 : 0) << i;
}

// A worker that waits must not start unrelated work: it would hold up what it waits for.
TEST(Group, AWaiterRunsOnlyWhatItWaitsFor) {
  auto executor = make(2);
  std::atomic<int> foreign_in_wait{0};
  executor->run([&] {
    pel::TaskGroup other;
    for (int round = 0; round < 200; ++round) {
      thread_local bool waiting = false;
      other.run([&] { foreign_in_wait += waiting ? 1 : 0; });
      pel::TaskGroup mine;
      mine.run([] {});
      waiting = true;
      mine.wait();
      waiting = false;
    }
    other.wait();
  });
  EXPECT_EQ(foreign_in_wait, 0);
}

TEST(Group, DeadlinesStopAndAreNoticedByForks) {
  for (int workers : {0, 2}) {
    auto executor = make(workers);
    EXPECT_THROW(executor->run([] {
      pel::with_deadline(std::chrono::milliseconds(5), [] {
        while (true) pel::test::fib(12);
      });
    }),
                 pel::Cancelled);
    EXPECT_EQ(executor->run([] { return pel::with_deadline(100.0, [] { return 7; }); }), 7);
  }
}

TEST(Group, ACancelledTokenStopsForksInAnyWorker) {
  for (int workers : {1, 3}) {
    auto executor = make(workers);
    pel::CancelSource source;
    std::atomic<bool> runs{false};
    std::thread canceller([&] {
      spin_until([&] { return runs.load(); });
      source.cancel();
    });
    EXPECT_THROW(executor->run([&] {
      pel::with_cancel(source.token(), [&] {
        runs = true;
        while (true) pel::test::fib(16);
      });
    }),
                 pel::Cancelled);
    canceller.join();
    EXPECT_TRUE(source.token().cancelled());
    EXPECT_EQ(executor->run([] { return pel::test::fib(12); }), 144);
  }
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
// What must not get lost when threads wait, block, leave a scope or hand their slot on.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "pel/executor.hpp"
#include "runtime/executor/scheduler.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/unit/executor/helpers.hpp"

namespace {

constexpr auto kHungry = decltype(pel::detail::Worker::deque)::kHungry;

using pel::test::fib;
using pel::test::make;
using pel::test::spin_until;

// True if both branches of a fork run at the same time: somebody was woken for the right one.
bool branches_meet() {
  std::atomic<int> arrived{0};
  std::atomic<bool> met{true};
  const auto meet = [&] {
    ++arrived;
    if (!spin_until([&] { return arrived == 2; })) met = false;
  };
  pel::invoke(meet, meet);
  return met;
}

void let_the_others_fall_asleep() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

// Leaving a scope with a deadline resets the word by which sleepers ask for work: what they asked
// for meanwhile must stay asked.
TEST(Waiting, ASleeperIsWokenAfterItsHostLeftADeadline) {
  auto executor = make(2);
  executor->run([] {
    EXPECT_TRUE(branches_meet());
    pel::with_deadline(100.0, [] { let_the_others_fall_asleep(); });
    EXPECT_TRUE(branches_meet());
  });
}

TEST(Waiting, ACancellationIsNoticedAfterAnInnerDeadline) {
  auto executor = make(1);
  pel::CancelSource source;
  long forks = 0;
  EXPECT_THROW(executor->run([&] {
    pel::with_cancel(source.token(), [&] {
      pel::with_deadline(100.0, [&] { source.cancel(); });
      for (; forks < 1000; ++forks) pel::invoke([] {}, [] {});
    });
  }),
               pel::Cancelled);
  EXPECT_LE(forks, 1);
}

// A branch that fails clears the calls of others as it takes its sibling back.
TEST(Waiting, ACancellationIsNoticedAfterABranchFailed) {
  auto executor = make(1);
  pel::CancelSource source;
  long forks = 0;
  const auto fail = [&] {
    source.cancel();
    pel::detail::scheduler_of(*executor).ask_all(kHungry);  // as a sleeper does
    throw 1;
  };
  const auto fail_below = [&] { pel::invoke([&] { pel::invoke(fail, [] {}); }, [] {}); };
  const auto body = [&] {
    try {
      fail_below();
    } catch (int) {
    }
    for (; forks < 1000; ++forks) pel::invoke([] {}, [] {});
  };
  EXPECT_THROW(
      executor->run([&] { pel::with_cancel(source.token(), [&] { pel::invoke(body, [] {}); }); }),
      pel::Cancelled);
  EXPECT_LE(forks, 1);
}

TEST(Waiting, BlockingRegionsNest) {
  auto executor = make(1);
  auto other = make(1);
  executor->run([&] {
    pel::blocking([&] { pel::blocking([] {}); });
    EXPECT_EQ(pel::worker_index(), 0);
    EXPECT_EQ(pel::blocking([&] { return other->run([] { return fib(5); }); }), 5);
    EXPECT_EQ(pel::worker_index(), 0);
  });
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      executor->run([&] {
        EXPECT_EQ(pel::worker_index(), 0);
        most = std::max(most.load(), ++running);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        --running;
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(most, 1);
}

// The parent sleeps in its join with the only slot when the branch comes back from blocking.
TEST(Waiting, ASleepingJoinLendsItsSlotToTheBranchItWaitsFor) {
  auto executor = make(1);
  std::atomic<bool> right_runs{false};
  bool done = false;
  executor->run([&] {
    pel::invoke(
        [&] { pel::blocking([&] { EXPECT_TRUE(spin_until([&] { return right_runs.load(); })); }); },
        [&] {
          right_runs = true;
          pel::blocking([] { let_the_others_fall_asleep(); });
          done = true;
        });
    EXPECT_EQ(pel::worker_index(), 0);
  });
  EXPECT_TRUE(done);
}

// The same with a thread from outside that the branch waits for.
TEST(Waiting, ASleepingJoinLendsItsSlotToAThreadFromOutside) {
  auto executor = make(1);
  std::atomic<bool> right_runs{false};
  std::thread outside;
  executor->run([&] {
    pel::invoke(
        [&] { pel::blocking([&] { EXPECT_TRUE(spin_until([&] { return right_runs.load(); })); }); },
        [&] {
          right_runs = true;
          pel::blocking([&] {
            let_the_others_fall_asleep();
            outside = std::thread([&] { executor->run([] { fib(10); }); });
            outside.join();
          });
        });
  });
}

// What a blocked branch waits for may be a task that its sleeping parent must not run.
TEST(Waiting, ASpareThreadRunsWhatASleepingJoinMayNot) {
  auto executor = make(1);
  std::atomic<bool> right_runs{false};
  std::atomic<bool> task_ran{false};
  std::optional<pel::Task<void>> task;
  executor->run([&] {
    pel::invoke(
        [&] { pel::blocking([&] { EXPECT_TRUE(spin_until([&] { return right_runs.load(); })); }); },
        [&] {
          right_runs = true;
          pel::blocking([&] {
            let_the_others_fall_asleep();
            task = pel::spawn([&] { task_ran = true; });
            EXPECT_TRUE(spin_until([&] { return task_ran.load(); }));
          });
        });
  });
}

// The tasks of a group that the awaited branch made count as its own.
TEST(Waiting, AWaiterThatSleepsIsWokenForTasksOfGroupsBelowTheBranch) {
  auto executor = make(2);
  executor->run([&] {
    std::atomic<bool> right_runs{false};
    std::atomic<bool> first{false};
    std::atomic<bool> second{false};
    pel::invoke([&] { spin_until([&] { return right_runs.load(); }); },
                [&] {
                  right_runs = true;
                  let_the_others_fall_asleep();
                  pel::TaskGroup group;
                  const auto meet = [](std::atomic<bool>& mine, std::atomic<bool>& other) {
                    mine = true;
                    EXPECT_TRUE(spin_until([&] { return other.load(); }));
                  };
                  group.run([&] { meet(first, second); });
                  group.run([&] { meet(second, first); });
                  group.wait();
                });
  });
}

TEST(Waiting, LongChainsOfDependentTasksNeedNoStack) {
  const int links = pel::test::unless_sanitized(200'000, 20'000);
  for (int workers : {0, 2}) {
    make(workers)->run([links] {
      auto last = pel::spawn([] { return 0; });
      for (int i = 0; i < links; ++i) last = last.then([](int x) { return x + 1; });
      EXPECT_EQ(last.get(), links);
      auto dropped = pel::spawn([] { return 0; });
      for (int i = 0; i < links; ++i) dropped = dropped.then([](int x) { return x + 1; });
    });
  }
}

pel::Task<long> counted_down(long n) {
  if (n == 0) co_return 0;
  co_return 1 + co_await pel::spawn([n] { return n - 1; }).then([](long m) { return m; });
}

TEST(Waiting, CoroutinesThatFlipBetweenBlockedAndReadyAreFollowed) {
  for (int workers : {0, 1, 3}) {
    make(workers)->run([] {
      std::vector<pel::Task<long>> all;
      for (long i = 0; i < 200; ++i) all.push_back(counted_down(i));
      for (long i = 0; i < 200; ++i) {
        EXPECT_EQ(all[static_cast<std::size_t>(i)].get(), i);
      }
    });
  }
}

// A task of one executor that depends on one of another: whichever executor goes first.
TEST(Waiting, ADependentTaskMayOutliveItsExecutor) {
  for (int workers : {0, 2}) {
    auto first = make(workers);
    std::atomic<bool> go{false};
    auto source = first->run(
        [&] { return pel::spawn([&] { return spin_until([&] { return go.load(); }); }); });
    std::optional<pel::Task<bool>> dependent;
    {
      auto second = make(1);
      dependent = second->run([&] { return source.then([](bool x) { return x; }); });
    }
    go = true;
    first.reset();
    EXPECT_TRUE(dependent->done());
    EXPECT_THROW(dependent->get(), pel::Error);
  }
}

}  // namespace

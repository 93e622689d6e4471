// SPDX-License-Identifier: Apache-2.0
// Who inherits a cancellation or a deadline.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "pel/executor.hpp"
#include "tests/unit/executor/helpers.hpp"

namespace {

using pel::test::fib;
using pel::test::make;
using pel::test::spin_until;

void fork_for_ever() {
  while (true) fib(12);
}

TEST(Cancel, ASpawnedTaskInheritsTheTokenOfItsSpawner) {
  for (int workers : {0, 1, 3}) {
    auto executor = make(workers);
    pel::CancelSource source;
    executor->run([&] {
      std::optional<pel::Task<void>> task;
      pel::with_cancel(source.token(), [&] { task = pel::spawn([] { fork_for_ever(); }); });
      source.cancel();  // the scope it was spawned in has ended
      EXPECT_THROW(task->get(), pel::Cancelled);
      pel::spawn([] { fib(10); }).get();  // others go on
    });
  }
}

TEST(Cancel, ASpawnedTaskInheritsTheDeadlineOfItsSpawner) {
  for (int workers : {0, 2}) {
    make(workers)->run([&] {
      std::optional<pel::Task<void>> task;
      pel::with_deadline(std::chrono::milliseconds(5), [&] {
        pel::with_deadline(100.0, [&] { task = pel::spawn([] { fork_for_ever(); }); });
      });
      EXPECT_THROW(task->get(), pel::Cancelled);
    });
  }
}

TEST(Cancel, ThenAndNestedSpawnsInheritToo) {
  for (int workers : {0, 2}) {
    auto executor = make(workers);
    pel::CancelSource source;
    executor->run([&] {
      std::optional<pel::Task<int>> then;
      std::optional<pel::Task<void>> nested;
      pel::with_cancel(source.token(), [&] {
        auto first = pel::spawn([&] {
          nested = pel::spawn([] { fork_for_ever(); });
          return 1;
        });
        then = first.then([&](int x) {
          fork_for_ever();
          return x;
        });
      });
      std::thread canceller([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        source.cancel();
      });
      EXPECT_THROW(then->get(), pel::Cancelled);
      canceller.join();
      if (nested) {
        EXPECT_THROW(nested->get(), pel::Cancelled);
      }
    });
  }
}

TEST(Cancel, ATaskSpawnedByATaskOfAGroupIsCancelledWithIt) {
  auto executor = make(2);
  executor->run([] {
    std::atomic<bool> runs{false};
    pel::TaskGroup group;
    group.run([&] {
      pel::spawn([&] {
        runs = true;
        fork_for_ever();
      }).get();
    });
    EXPECT_TRUE(spin_until([&] { return runs.load(); }));
    group.cancel();
    EXPECT_THROW(group.wait(), pel::Cancelled);
  });
}

pel::Task<int> endless(std::atomic<bool>& begun) {
  begun = true;
  co_await pel::spawn([] {});
  fork_for_ever();
  co_return 1;
}

TEST(Cancel, ACoroutineInheritsWhereItBegan) {
  for (int workers : {0, 2}) {
    auto executor = make(workers);
    pel::CancelSource source;
    executor->run([&] {
      std::optional<pel::Task<int>> task;
      std::atomic<bool> begun{false};  // it may run on until it is cancelled, or wait to be had
      std::thread canceller([&] {
        spin_until([&] { return begun.load(); });
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        source.cancel();
      });
      pel::with_cancel(source.token(), [&] { task = endless(begun); });
      EXPECT_THROW(task->get(), pel::Cancelled);
      canceller.join();
    });
  }
}

TEST(Cancel, ReachesARunOfAnotherExecutor) {
  auto outer = make(1);
  auto inner = make(2);
  pel::CancelSource source;
  std::atomic<bool> runs{false};
  std::thread canceller([&] {
    spin_until([&] { return runs.load(); });
    source.cancel();
  });
  EXPECT_THROW(outer->run([&] {
    pel::with_cancel(source.token(), [&] {
      inner->run([&] {
        runs = true;
        fork_for_ever();
      });
    });
  }),
               pel::Cancelled);
  canceller.join();
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pel/executor.hpp"
#include "tests/unit/executor/helpers.hpp"

namespace {

using pel::test::make;

template <class F>
void for_worker_counts(F f) {
  for (int workers : {0, 1, 2, 8}) make(workers)->run(f);
}

TEST(Tasks, GiveResultsOfAnyKind) {
  for_worker_counts([] {
    EXPECT_EQ(pel::spawn([] { return 7; }).get(), 7);
    EXPECT_EQ(*pel::spawn([] { return std::make_unique<int>(8); }).get(), 8);
    pel::spawn([] {}).get();
    int value = 9;
    int& same = pel::spawn([&]() -> int& { return value; }).get();
    EXPECT_EQ(&same, &value);
  });
}

TEST(Tasks, CarryErrorsThroughChains) {
  for_worker_counts([] {
    auto task =
        pel::spawn([]() -> int { throw std::string("broken"); }).then([](int x) { return x + 1; });
    try {
      task.get();
      FAIL();
    } catch (const std::string& error) {
      EXPECT_EQ(error, "broken");
    }
  });
}

TEST(Tasks, ThenMovesResultsOn) {
  for_worker_counts([] {
    auto task = pel::spawn([] {
                  return std::make_unique<int>(1);
                }).then([](std::unique_ptr<int> p) {
                    return *p + 1;
                  }).then([](int x) { return std::to_string(x); });
    EXPECT_EQ(task.get(), "2");
  });
}

TEST(Tasks, WhenAllKeepsTheOrder) {
  for_worker_counts([] {
    auto both = pel::when_all(pel::spawn([] { return 1; }), pel::spawn([] {}),
                              pel::spawn([] { return std::make_unique<int>(3); }));
    auto [a, unit, c] = both.get();
    EXPECT_EQ(a, 1);
    EXPECT_EQ(*c, 3);
    std::vector<pel::Task<int>> tasks;
    for (int i = 0; i < 100; ++i) tasks.push_back(pel::spawn([i] { return i; }));
    const std::vector<int> all = pel::when_all(std::move(tasks)).get();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)], i);
  });
}

TEST(Tasks, WhenAllThrowsTheFirstError) {
  for_worker_counts([] {
    for (int i = 0; i < 50; ++i) {
      auto all = pel::when_all(pel::spawn([] { return 0; }), pel::spawn([]() -> int { throw 1; }),
                               pel::spawn([]() -> int { throw 2; }));
      try {
        all.get();
        FAIL();
      } catch (int error) {
        EXPECT_EQ(error, 1);
      }
    }
  });
}

pel::Task<int> add(pel::Task<int> a, pel::Task<int> b) {
  const int x = co_await a;
  const int y = co_await b;
  co_return x + y;
}

pel::Task<std::unique_ptr<int>> boxed(int n) {
  if (n == 0) co_return std::make_unique<int>(0);
  auto below = co_await boxed(n - 1);
  ++*below;
  co_return below;
}

pel::Task<void> failing() {
  co_await pel::spawn([] {});
  throw 5;
}

TEST(Tasks, CoroutinesAwaitTasks) {
  for_worker_counts([] {
    EXPECT_EQ(add(pel::spawn([] { return 2; }), pel::spawn([] { return 3; })).get(), 5);
    EXPECT_EQ(*boxed(50).get(), 50);
    EXPECT_THROW(failing().get(), int);
  });
}

TEST(Tasks, ManyCoroutines) {
  for_worker_counts([] {
    int sum = 0;
    for (int i = 0; i < 500; ++i) {
      sum += add(pel::spawn([i] { return i; }), pel::spawn([] { return 1; })).get();
    }
    EXPECT_EQ(sum, 499 * 500 / 2 + 500);
  });
}

TEST(Tasks, AreHadOnce) {
  make(1)->run([] {
    auto task = pel::spawn([] { return 1; });
    task.get();
    EXPECT_FALSE(task.valid());
    EXPECT_THROW(task.get(), pel::Error);
  });
}

TEST(Tasks, WaitingForALaterTaskIsAnErrorAtAnyWorkerCount) {
  for_worker_counts([] {
    std::optional<pel::Task<int>> later;
    std::atomic<bool> set{false};
    auto earlier = pel::spawn([&] {
      while (!set.load() && pel::Executor::current().workers() > 1) {
      }
      return later->get();
    });
    later.emplace(pel::spawn([] { return 1; }));
    set = true;
    EXPECT_THROW(earlier.get(), pel::Error);
  });
}

// Not even where the later one happens to have ended before.
TEST(Tasks, WaitingForALaterTaskThatHasEndedIsAnErrorToo) {
  make(3)->run([] {
    std::optional<pel::Task<int>> later;
    std::atomic<bool> set{false};
    auto earlier = pel::spawn([&] {
      EXPECT_TRUE(pel::test::spin_until([&] { return set.load() && later->done(); }));
      return later->get();
    });
    later.emplace(pel::spawn([] { return 1; }));
    set = true;
    EXPECT_THROW(earlier.get(), pel::Error);
    EXPECT_EQ(later->get(), 1);
  });
}

TEST(Tasks, WaitingForAnEarlierTaskIsFine) {
  for_worker_counts([] {
    auto first = pel::spawn([] { return 20; });
    auto second = pel::spawn([&] { return first.get() + 1; });
    auto third = pel::spawn([&] { return second.get() + 1; });
    EXPECT_EQ(third.get(), 22);
  });
}

TEST(Tasks, CanBeDroppedAndOutliveTheirSpawner) {
  auto count = std::make_shared<std::atomic<int>>(0);
  {
    auto executor = make(2);
    executor->run([&] {
      for (int i = 0; i < 1000; ++i) {
        auto dropped = pel::spawn([count] { ++*count; });
      }
    });
  }
  EXPECT_EQ(*count, 1000);
}

TEST(Tasks, CanBeHadFromAThreadOutside) {
  auto executor = make(2);
  auto task = executor->run([] { return pel::spawn([] { return pel::test::fib(15); }); });
  EXPECT_EQ(task.get(), 610);
}

}  // namespace

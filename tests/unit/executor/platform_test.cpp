// SPDX-License-Identifier: Apache-2.0
#include "runtime/executor/platform.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <string>
#include <thread>

#include "runtime/executor/policy.hpp"
#include "tests/unit/executor/helpers.hpp"

namespace {

cpu_set_t affinity_of(pid_t thread) {
  cpu_set_t set;
  EXPECT_EQ(::sched_getaffinity(thread, sizeof set, &set), 0);
  return set;
}

cpu_set_t first_of(const cpu_set_t& set) {
  cpu_set_t one;
  CPU_ZERO(&one);
  for (std::size_t cpu = 0; CPU_COUNT(&one) == 0; ++cpu) {
    if (CPU_ISSET(cpu, &set)) CPU_SET(cpu, &one);
  }
  return one;
}

// A thread that leaves its processor again and again; what the process may use is put back.
class Leaver {
 public:
  Leaver() {
    while (id_ == 0) std::this_thread::yield();
  }
  ~Leaver() {
    stop_ = true;
    thread_.join();
    ::sched_setaffinity(getpid(), sizeof before_, &before_);
  }
  pid_t id() const { return id_; }
  // Until it has left once more, from start to end.
  void turn() {
    const long from = turns_;
    EXPECT_TRUE(pel::test::spin_until([&] { return turns_ >= from + 2; }));
  }
  // As `taskset -a` does it: the first thread first.
  void give(const cpu_set_t& set) {
    for (const pid_t thread : {getpid(), id()}) {
      EXPECT_EQ(::sched_setaffinity(thread, sizeof set, &set), 0);
    }
  }

 private:
  void leave() {
    id_ = ::gettid();
    while (!stop_) {
      if (pel::detail::keep_off(0, pel::detail::current_cpu())) pel::detail::let_anywhere(0);
      ++turns_;
    }
  }

  const cpu_set_t before_ = affinity_of(getpid());
  std::atomic<bool> stop_{false};
  std::atomic<long> turns_{0};
  std::atomic<pid_t> id_{0};
  std::thread thread_{[this] { leave(); }};
};

TEST(LeaveCpu, KeepsWhatTasksetGivesAtThatMoment) {
  const cpu_set_t all = affinity_of(getpid());
  if (CPU_COUNT(&all) < 2) GTEST_SKIP() << "one processor";
  const cpu_set_t one = first_of(all);
  Leaver leaver;
  for (int round = 0; round < 100; ++round) {
    leaver.give(all);
    leaver.turn();
    leaver.give(one);
    leaver.turn();
    const cpu_set_t has = affinity_of(leaver.id());
    ASSERT_TRUE(CPU_EQUAL(&has, &one)) << round;
  }
}

TEST(LeaveCpu, LeavesThreadsAloneThatWerePutElsewhere) {
  const cpu_set_t all = affinity_of(getpid());
  if (CPU_COUNT(&all) < 2) GTEST_SKIP() << "one processor";
  const cpu_set_t one = first_of(all);
  Leaver leaver;
  ASSERT_EQ(::sched_setaffinity(getpid(), sizeof one, &one), 0);
  leaver.turn();
  ASSERT_EQ(::sched_setaffinity(leaver.id(), sizeof all, &all), 0);
  leaver.turn();
  const cpu_set_t has = affinity_of(leaver.id());
  EXPECT_TRUE(CPU_EQUAL(&has, &all));
}

TEST(KeepOff, AThreadWakesElsewhereAndMayRunAnywhereAfterwards) {
  const cpu_set_t all = affinity_of(getpid());
  if (CPU_COUNT(&all) < 2) GTEST_SKIP() << "one processor";
  std::promise<pid_t> id;
  std::promise<void> wake;
  std::promise<int> woke_on;
  std::promise<void> end;
  std::thread thread([&] {
    id.set_value(::gettid());
    wake.get_future().wait();
    woke_on.set_value(pel::detail::current_cpu());
    end.get_future().wait();
  });
  const pid_t sleeper = id.get_future().get();
  const int avoided = static_cast<int>(::sched_getcpu());
  EXPECT_TRUE(pel::detail::keep_off(sleeper, avoided));
  wake.set_value();
  EXPECT_NE(woke_on.get_future().get(), avoided);
  pel::detail::let_anywhere(sleeper);
  const cpu_set_t has = affinity_of(sleeper);
  EXPECT_TRUE(CPU_EQUAL(&has, &all));
  end.set_value();
  thread.join();
}

TEST(KeepOff, AThreadStartsElsewhere) {
  const cpu_set_t all = affinity_of(getpid());
  if (CPU_COUNT(&all) < 2) GTEST_SKIP() << "one processor";
  const int avoided = static_cast<int>(::sched_getcpu());
  int began_on = -1;
  pthread_t thread;
  const auto run = [](void* began) -> void* {
    *static_cast<int*>(began) = pel::detail::current_cpu();
    return nullptr;
  };
  ASSERT_TRUE(pel::detail::start_off(avoided, &thread, run, &began_on));
  pthread_join(thread, nullptr);
  EXPECT_GE(began_on, 0);
  EXPECT_NE(began_on, avoided);
}

// All threads of the process may run on all of its processors.
bool all_may_run_anywhere(const cpu_set_t& all) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    const cpu_set_t its = affinity_of(std::stoi(entry.path().filename()));
    if (!CPU_EQUAL(&its, &all)) return false;
  }
  return true;
}

// Runs a fork whose right branch another worker takes, and says whether that may run anywhere.
bool stolen_branch_may_run_anywhere(const cpu_set_t& all) {
  std::atomic<bool> stolen{false};
  bool anywhere = false;
  pel::invoke([&] { EXPECT_TRUE(pel::test::spin_until([&] { return stolen.load(); })); },
              [&] {
                const cpu_set_t own = affinity_of(::gettid());
                anywhere = CPU_EQUAL(&own, &all);
                stolen = true;
              });
  return anywhere;
}

// A woken or a started thread is kept off its waker's processor until it runs, not while it runs.
TEST(KeepOff, WorkersMayRunAnywhere) {
  const cpu_set_t all = affinity_of(getpid());
  if (CPU_COUNT(&all) < 2) GTEST_SKIP() << "one processor";
  for (int round = 0; round < 10; ++round) {
    pel::detail::place_wakes(1'000'000);
    pel::Executor executor({.workers = 2});
    executor.run([&] {
      EXPECT_TRUE(stolen_branch_may_run_anywhere(all));
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      EXPECT_TRUE(stolen_branch_may_run_anywhere(all));
    });
  }
}

// Wakers that come when the worker is about to sleep, or has just looked, leave nothing behind.
TEST(KeepOff, NoThreadStaysAwayForGood) {
  const cpu_set_t all = affinity_of(getpid());
  if (CPU_COUNT(&all) < 2) GTEST_SKIP() << "one processor";
  pel::detail::place_wakes(1'000'000);
  pel::Executor executor({.workers = 2});
  for (int round = 0; round < 2000; ++round) {
    executor.run([&] {
      const auto end =
          std::chrono::steady_clock::now() + std::chrono::microseconds(50 + round % 16);
      while (std::chrono::steady_clock::now() < end) {
      }
      EXPECT_EQ(pel::test::fib(10), 55);
    });
    ASSERT_TRUE(pel::test::spin_until([&] { return all_may_run_anywhere(all); })) << round;
  }
  EXPECT_GT(executor.counters().wakes, 0U);
}

}  // namespace

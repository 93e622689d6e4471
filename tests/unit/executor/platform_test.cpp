// SPDX-License-Identifier: Apache-2.0
#include "runtime/executor/platform.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <thread>

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
      pel::detail::leave_cpu(pel::detail::current_cpu());
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

}  // namespace

// SPDX-License-Identifier: Apache-2.0
// An executor follows what the machine grants while it lives: on fake roots.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>

#include "pel/executor.hpp"
#include "runtime/executor/policy.hpp"
#include "tests/unit/executor/helpers.hpp"
#include "tests/unit/resources/fake_root.hpp"

namespace {

using pel::detail::look_at_machine;
using pel::detail::permits_now;
using pel::test::spin_until;

// A machine of four cores whose control group grants some of them.
class Machine {
 public:
  explicit Machine(int granted) {
    root_.cores(4).cgroup_v2("/job");
    grant(granted);
    pel::detail::set_machine_root(root_.path());
  }
  ~Machine() { pel::detail::set_machine_root("/"); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  void grant(int cores) {
    // In one step: somebody may be reading.
    root_.put("/sys/fs/cgroup/job/next", std::to_string(cores) + "00000 100000");
    const std::string folder = root_.path() + "/sys/fs/cgroup/job/";
    std::filesystem::rename(folder + "next", folder + "cpu.max");
  }

 private:
  pel::test::FakeRoot root_;
};

// Whether this many threads of the executor run at the same time. Called in it.
bool can_meet(int threads) {
  std::atomic<int> arrived{0};
  std::atomic<bool> met{true};
  pel::TaskGroup group;
  for (int i = 0; i < threads; ++i) {
    group.run([&] {
      ++arrived;
      if (!spin_until([&] { return arrived == threads; })) met = false;
    });
  }
  group.wait();
  return met;
}

// How many run at the same time at most, in many short tasks. Called in the executor.
int most_at_once() {
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  pel::TaskGroup group;
  for (int i = 0; i < 200; ++i) {
    group.run([&] {
      const int now = ++running;
      int seen = most;
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
      for (volatile int turn = 0; turn < 20'000;) turn = turn + 1;
      --running;
    });
  }
  group.wait();
  return most;
}

TEST(Adapt, TheNumberOfRunningThreadsFollowsTheQuota) {
  Machine machine(4);
  pel::Executor executor({.workers = 4});
  EXPECT_EQ(executor.workers(), 4);
  for (int granted : {4, 1, 3, 2, 4, 2}) {
    machine.grant(granted);
    look_at_machine(executor);
    EXPECT_EQ(permits_now(executor), granted);
    EXPECT_TRUE(executor.run([&] { return can_meet(granted); })) << granted;
    EXPECT_LE(executor.run([] { return most_at_once(); }), granted);
  }
}

TEST(Adapt, ThreadsThatRunGiveWayWhenTheirTasksEnd) {
  Machine machine(4);
  pel::Executor executor({.workers = 4});
  executor.run([&] {
    EXPECT_TRUE(can_meet(4));
    pel::TaskGroup group;
    std::atomic<int> arrived{0};
    std::atomic<bool> go{false};
    for (int i = 0; i < 3; ++i) {
      group.run([&] {
        ++arrived;
        EXPECT_TRUE(spin_until([&] { return go.load(); }));
      });
    }
    EXPECT_TRUE(spin_until([&] { return arrived == 3; }));
    machine.grant(2);
    look_at_machine(executor);  // while four run
    go = true;
    group.wait();
    EXPECT_TRUE(can_meet(2));
  });
  EXPECT_LE(executor.run([] { return most_at_once(); }), 2);
}

// Also where the executor was made when one core was granted, and has no thread yet.
TEST(Adapt, WorkThatWaitsIsTakenWhenMoreIsGranted) {
  Machine machine(1);
  pel::Executor executor({.workers = 3});
  EXPECT_EQ(permits_now(executor), 1);
  for (int round = 0; round < 2; ++round) {
    machine.grant(1);
    look_at_machine(executor);
    executor.run([&] {
      pel::TaskGroup group;
      std::atomic<int> arrived{0};
      for (int i = 0; i < 3; ++i) {
        group.run([&] {
          if (++arrived == 1) {
            machine.grant(3);
            look_at_machine(executor);
          }
          EXPECT_TRUE(spin_until([&] { return arrived == 3; }));
        });
      }
      group.wait();
    });
  }
}

// Nobody asks for it here: runs notice it, and an idle thread keeps watch while permits are
// missing.
TEST(Adapt, ReadsTheMachineByItself) {
  Machine machine(4);
  pel::Executor executor({.workers = 4});
  EXPECT_TRUE(executor.run([] { return can_meet(4); }));
  machine.grant(1);
  EXPECT_TRUE(spin_until([&] {
    executor.run([] { pel::test::fib(5); });
    return permits_now(executor) == 1;
  }));
  machine.grant(4);
  executor.run([&] { EXPECT_TRUE(spin_until([&] { return permits_now(executor) == 4; })); });
  EXPECT_TRUE(executor.run([] { return can_meet(4); }));
}

TEST(Adapt, OversubscribedExecutorsDoNot) {
  Machine machine(1);
  auto executor = pel::test::make(3);
  look_at_machine(*executor);
  EXPECT_TRUE(executor->run([] { return can_meet(3); }));
}

}  // namespace

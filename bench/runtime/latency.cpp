// SPDX-License-Identifier: Apache-2.0
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "bench/contender.hpp"
#include "bench/measure.hpp"
#include "pel/executor.hpp"

// Waking a parked worker: from just before the fork to the stolen branch's first instruction,
// against a thread that waits on a bare futex. Both sides sleep first until everyone is parked.
namespace pel::bench {
namespace {

constexpr auto kUntilParked = std::chrono::milliseconds(3);

std::uint64_t pel_wake_ns(Executor& executor) {
  return executor.run([] {
    std::this_thread::sleep_for(kUntilParked);
    std::atomic<std::uint64_t> started_ns{0};
    const std::uint64_t start = now_ns();
    const auto left = [&] {
      while (started_ns.load(std::memory_order_acquire) == 0) {
      }
    };
    invoke(left, [&] { started_ns.store(now_ns(), std::memory_order_release); });
    return started_ns.load(std::memory_order_relaxed) - start;
  });
}

class FutexThread {
 public:
  FutexThread() : thread_([this] { serve(); }) {}
  ~FutexThread() {
    stop_.store(true);
    wake();
    thread_.join();
  }
  FutexThread(const FutexThread&) = delete;
  FutexThread& operator=(const FutexThread&) = delete;

  std::uint64_t wake_ns() {
    std::this_thread::sleep_for(kUntilParked);
    started_ns_.store(0);
    const std::uint64_t start = now_ns();
    wake();
    while (started_ns_.load(std::memory_order_acquire) == 0) {
    }
    return started_ns_.load(std::memory_order_relaxed) - start;
  }

 private:
  void wake() {
    word_.fetch_add(1);
    ::syscall(SYS_futex, &word_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }
  void serve() {
    std::uint32_t seen = 0;
    for (;;) {
      while (word_.load() == seen) {
        ::syscall(SYS_futex, &word_, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
      }
      started_ns_.store(now_ns(), std::memory_order_release);
      if (stop_.load()) return;
      ++seen;
    }
  }

  std::atomic<std::uint32_t> word_{0};
  std::atomic<std::uint64_t> started_ns_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

const bool added =
    add({"wakeup", "pel",
         [](std::uint64_t, int workers) -> Body {
           const ExecutorOptions options{.workers = std::max(workers, 2)};
           return
               [executor = std::make_shared<Executor>(options)] { return pel_wake_ns(*executor); };
         },
         true}) &&
    add({"wakeup", "futex",
         [](std::uint64_t, int) -> Body {
           return [peer = std::make_shared<FutexThread>()] { return peer->wake_ns(); };
         },
         true});

}  // namespace
}  // namespace pel::bench
